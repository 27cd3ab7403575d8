using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace RobotRl.Runtime.Journal;

/// <summary>What the payload of every frame looks like: its fields by name.</summary>
public sealed class JournalLayout : IEquatable<JournalLayout>
{
    /// <summary>Greatest payload, bytes.</summary>
    public const int MaxPayloadBytes = 64 * 1024;

    private JournalLayout(ImmutableArray<JournalField> fields, int payloadBytes, ulong firstFormatId, JournalLayout? firstLayout = null)
    {
        (Fields, PayloadBytes, FirstFormatId) = (fields, payloadBytes, firstFormatId);
        FirstLayout = firstLayout ?? this;
    }

    /// <summary>The fields; empty for a segment of format version 1, which does not name them.</summary>
    public ImmutableArray<JournalField> Fields { get; }

    /// <summary>Bytes of one payload, 1 to <see cref="MaxPayloadBytes"/>.</summary>
    public int PayloadBytes { get; }

    /// <summary>The number by which segments of format version 1 name this layout; 0 if there are none.</summary>
    public ulong FirstFormatId { get; }

    /// <summary>Where the fields lie in segments of format version 1.</summary>
    internal JournalLayout FirstLayout { get; }

    /// <summary>A layout of named fields.</summary>
    /// <param name="fields">The fields; names are unique, none reaches beyond the payload.</param>
    /// <param name="payloadBytes">Bytes of one payload.</param>
    /// <param name="firstFormat">How format version 1 described it, such as <c>experience 1 obs=3 action=1</c>; null if it did
    /// not know it.</param>
    /// <param name="firstLayout">Where the fields lay in it; null if they lie there still.</param>
    public static JournalLayout Of(
        ImmutableArray<JournalField> fields,
        int payloadBytes,
        string? firstFormat = null,
        JournalLayout? firstLayout = null
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(payloadBytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payloadBytes, MaxPayloadBytes);
        return Problem(fields, payloadBytes) is { } problem
            ? throw new ArgumentException(problem, nameof(fields))
            : new(fields, payloadBytes, firstFormat is null ? 0 : IdOf(firstFormat), firstLayout);
    }

    /// <summary>The layout of a segment of format version 1.</summary>
    internal static JournalLayout OfFirstFormat(ulong id, int payloadBytes) => new([], payloadBytes, id);

    /// <summary>The layout of a segment as its header names it; null if that makes no sense.</summary>
    internal static JournalLayout? TryOf(ImmutableArray<JournalField> fields, int payloadBytes) =>
        fields.IsEmpty || payloadBytes is < 1 or > MaxPayloadBytes || Problem(fields, payloadBytes) is not null
            ? null
            : new(fields, payloadBytes, 0);

    /// <summary>Why frames of the layout <paramref name="written"/> cannot be read as this one; null if they can.</summary>
    internal string? Difference(JournalLayout written)
    {
        if (written.Fields.IsEmpty)
        {
            return written.FirstFormatId == FirstFormatId && FirstFormatId != 0 && written.PayloadBytes == FirstLayout.PayloadBytes
                ? null
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"it has {written.PayloadBytes} bytes a frame and the id {written.FirstFormatId:x16}, expected "
                        + $"{FirstLayout.PayloadBytes} and {FirstFormatId:x16}"
                );
        }

        foreach (JournalField field in Fields)
        {
            JournalField? found = written.Find(field.Name);
            if (found is null && !field.IsOptional)
            {
                return $"it has no field {field.Name}";
            }

            if (found is not null && found.Shape != field.Shape)
            {
                return $"its field {field.Name} is {found.Shape}, expected {field.Shape}";
            }

            if (found is { Components.IsEmpty: false } && !field.Components.IsEmpty && !found.Components.SequenceEqual(field.Components))
            {
                return $"its field {field.Name} is ({string.Join(", ", found.Components)}), expected "
                    + $"({string.Join(", ", field.Components)})";
            }
        }

        return null;
    }

    /// <summary>The field named <paramref name="name"/>; null if there is none.</summary>
    public JournalField? Find(string name) => Fields.FirstOrDefault(f => f.Name == name);

    /// <inheritdoc/>
    public bool Equals(JournalLayout? other) =>
        other is not null
        && PayloadBytes == other.PayloadBytes
        && Fields.Length == other.Fields.Length
        && (!Fields.IsEmpty || FirstFormatId == other.FirstFormatId)
        && Fields
            .Zip(other.Fields)
            .All(p =>
                p.First.Name == p.Second.Name
                && p.First.Shape == p.Second.Shape
                && p.First.Offset == p.Second.Offset
                && p.First.Components.SequenceEqual(p.Second.Components)
            );

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as JournalLayout);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(PayloadBytes, Fields.Length);

    private static string? Problem(ImmutableArray<JournalField> fields, int payloadBytes)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (JournalField field in fields)
        {
            if (!names.Add(field.Name) || field.Name.Length == 0)
            {
                return $"Field \"{field.Name}\" is named twice, or has no name.";
            }

            if (field.Count is < 0 or > MaxPayloadBytes || field.Offset < 0 || field.Offset + (long)field.Bytes > payloadBytes)
            {
                return $"Field {field.Name} {field.Shape} at byte {field.Offset} reaches beyond the {payloadBytes} bytes of a payload.";
            }

            if (field.Components.Length != 0 && field.Components.Length != field.Count)
            {
                return $"Field {field.Name} {field.Shape} has {field.Components.Length} names for its numbers.";
            }
        }

        return null;
    }

    private static ulong IdOf(string description) =>
        BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(description)));
}
