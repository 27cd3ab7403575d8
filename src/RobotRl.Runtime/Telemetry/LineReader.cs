namespace RobotRl.Runtime.Telemetry;

/// <summary>
/// Reads a file line by line, whatever its size; a line longer than <see cref="MaxLineBytes"/> is passed over as a damaged one.
/// </summary>
internal sealed class LineReader(Stream stream)
{
    public const int MaxLineBytes = 1 << 20;

    private readonly byte[] _buffer = new byte[MaxLineBytes];
    private int _start,
        _end;
    private long _offset;

    /// <summary>The line that was read last, without its end; empty if it was too long.</summary>
    public ReadOnlyMemory<byte> Line { get; private set; }

    /// <summary>Where it begins in the file.</summary>
    public long Start { get; private set; }

    /// <summary>Where the next line begins.</summary>
    public long End => _offset;

    /// <summary>Whether it has an end; a last line without one was cut short by a crash.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Reads the next line; false at the end of the file.</summary>
    public bool TryRead()
    {
        Start = _offset;
        bool tooLong = false;
        int searched = _start;
        while (true)
        {
            int length = _buffer.AsSpan(searched, _end - searched).IndexOf((byte)'\n');
            if (length >= 0)
            {
                int end = searched + length;
                (Line, IsComplete) = (tooLong ? default : _buffer.AsMemory(_start, end - _start), true);
                _offset += end + 1 - _start;
                _start = end + 1;
                return true;
            }

            if (_start > 0)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                (_start, _end) = (0, _end - _start);
            }

            if (_end == _buffer.Length)
            {
                tooLong = true;
                _offset += _end;
                _end = 0;
            }

            searched = _end;
            int read = stream.Read(_buffer, _end, _buffer.Length - _end);
            if (read == 0)
            {
                (Line, IsComplete) = (tooLong ? default : _buffer.AsMemory(0, _end), false);
                _offset += _end;
                (_start, _end) = (0, 0);
                return _offset > Start;
            }

            _end += read;
        }
    }
}
