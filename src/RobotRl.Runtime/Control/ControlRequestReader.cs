using System.Text;
using System.Text.Json;

namespace RobotRl.Runtime.Control;

/// <summary>
/// Reads a request: one JSON object with the strings <c>command</c> and, where wanted, <c>reason</c>. Whatever comes, it neither throws
/// nor allocates, for who sends it may send it a thousand times a second.
/// </summary>
internal ref struct ControlRequestReader
{
    private readonly ReadOnlySpan<byte> _line;
    private int _at;

    private ControlRequestReader(ReadOnlySpan<byte> line) => _line = line;

    /// <summary>
    /// The command; <paramref name="reason"/> is the JSON string after <c>reason</c> with its quotes, empty for none. False where
    /// it is not understood.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> line, out ControlCommand command, out ReadOnlySpan<byte> reason)
    {
        var reader = new ControlRequestReader(line);
        return reader.TryReadObject(out command, out reason);
    }

    /// <summary>What a reason says, 200 characters at most; null where it says nothing that can be read.</summary>
    public static string? Text(ReadOnlySpan<byte> reason)
    {
        if (reason.IsEmpty)
        {
            return null;
        }

        try
        {
            var json = new Utf8JsonReader(reason);
            string? text = json.Read() ? json.GetString() : null;
            if (string.IsNullOrWhiteSpace(text))
            {
                return null;
            }

            text = text.Length > 200 ? text[..200] : text;
            return string.Concat(text.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or DecoderFallbackException)
        {
            return null;
        }
    }

    private bool TryReadObject(out ControlCommand command, out ReadOnlySpan<byte> reason)
    {
        command = default;
        reason = default;
        bool named = false;
        if (!TryTake((byte)'{'))
        {
            return false;
        }

        do
        {
            if (!TryReadString(out ReadOnlySpan<byte> key) || !TryTake((byte)':'))
            {
                return false;
            }

            if (key.SequenceEqual("\"command\""u8))
            {
                // Twice is not understood: one of them may be an order.
                if (named || !TryReadString(out ReadOnlySpan<byte> word) || !TryName(word, out command))
                {
                    return false;
                }

                named = true;
            }
            else if (!key.SequenceEqual("\"reason\""u8) || !(TryReadNull() || TryReadString(out reason)))
            {
                return false;
            }
        } while (TryTake((byte)','));

        return named && TryTake((byte)'}') && AtEnd();
    }

    private static bool TryName(ReadOnlySpan<byte> quoted, out ControlCommand command)
    {
        ReadOnlySpan<byte> word = quoted[1..^1];
        (command, bool known) =
            Ascii.EqualsIgnoreCase(word, "status"u8) ? (ControlCommand.Status, true)
            : Ascii.EqualsIgnoreCase(word, "arm"u8) ? (ControlCommand.Arm, true)
            : Ascii.EqualsIgnoreCase(word, "stop"u8) ? (ControlCommand.Stop, true)
            : Ascii.EqualsIgnoreCase(word, "powerOff"u8) ? (ControlCommand.PowerOff, true)
            : Ascii.EqualsIgnoreCase(word, "beat"u8) ? (ControlCommand.Beat, true)
            : Ascii.EqualsIgnoreCase(word, "ready"u8) ? (ControlCommand.Ready, true)
            : (default, false);
        return known;
    }

    private bool TryTake(byte wanted)
    {
        SkipSpace();
        if (_at >= _line.Length || _line[_at] != wanted)
        {
            return false;
        }

        _at++;
        return true;
    }

    private bool TryReadNull()
    {
        SkipSpace();
        if (!_line[_at..].StartsWith("null"u8))
        {
            return false;
        }

        _at += 4;
        return true;
    }

    /// <summary>A string with its quotes, as it stands.</summary>
    private bool TryReadString(out ReadOnlySpan<byte> quoted)
    {
        quoted = default;
        SkipSpace();
        int start = _at;
        if (start >= _line.Length || _line[start] != '"')
        {
            return false;
        }

        for (int i = start + 1; i < _line.Length; i++)
        {
            switch (_line[i])
            {
                case (byte)'\\':
                    i++;
                    break;
                case (byte)'"':
                    quoted = _line[start..(i + 1)];
                    _at = i + 1;
                    return true;
                case < (byte)' ':
                    return false;
                default:
                    break;
            }
        }

        return false;
    }

    private bool AtEnd()
    {
        SkipSpace();
        return _at == _line.Length;
    }

    private void SkipSpace()
    {
        while (_at < _line.Length && _line[_at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            _at++;
        }
    }
}
