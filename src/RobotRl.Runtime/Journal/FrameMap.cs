namespace RobotRl.Runtime.Journal;

/// <summary>Brings payloads of one layout into another, field by field by name; fields that the first lacks become zero.</summary>
internal sealed class FrameMap
{
    private readonly List<(int From, int To, int Bytes)> _copies = [];
    private readonly byte[] _payload;

    private FrameMap(int payloadBytes) => _payload = new byte[payloadBytes];

    /// <summary>
    /// The map from <paramref name="written"/> to <paramref name="wanted"/>, which must be readable as each other; null if
    /// payloads are equal.
    /// </summary>
    public static FrameMap? Between(JournalLayout written, JournalLayout wanted)
    {
        if (written.Equals(wanted))
        {
            return null;
        }

        var map = new FrameMap(wanted.PayloadBytes);
        foreach (JournalField field in wanted.Fields)
        {
            // Format version 1 names no field; it has all that are not optional.
            JournalField? from = written.Fields.IsEmpty
                ? field.IsOptional
                    ? null
                    : wanted.FirstLayout.Find(field.Name)
                : written.Find(field.Name);
            if (from is not null)
            {
                map._copies.Add((from.Offset, field.Offset, field.Bytes));
            }
        }

        return map;
    }

    /// <summary>The payload in the wanted layout, valid until the next call.</summary>
    public ReadOnlySpan<byte> Apply(ReadOnlySpan<byte> payload)
    {
        foreach ((int from, int to, int bytes) in _copies)
        {
            payload.Slice(from, bytes).CopyTo(_payload.AsSpan(to));
        }

        return _payload;
    }
}
