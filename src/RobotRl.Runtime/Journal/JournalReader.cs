namespace RobotRl.Runtime.Journal;

/// <summary>
/// Reads a journal's frames in their order, from any sequence on. Whatever is damaged or missing on the way is added to
/// <see cref="Damage"/> with file, position and sequences, and reading goes on at the next good frame.
/// </summary>
/// <remarks>Holds one segment in memory, in a buffer that it reuses. May read beside a running <see cref="JournalWriter"/>.</remarks>
public sealed class JournalReader
{
    private readonly List<SegmentFormat.Segment> _segments;
    private readonly List<JournalDamage> _damage = [];
    private readonly List<JournalDamage> _open = [];
    private readonly int _payloadBytes;
    private byte[] _buffer = [];
    private int _length;
    private int _position;
    private int _segment = -1;
    private long _expected;
    private long _from;
    private bool _tailTold;

    private JournalReader(List<SegmentFormat.Segment> segments, JournalLayout layout)
    {
        (_segments, Layout, _payloadBytes) = (segments, layout, layout.PayloadBytes);
        _expected = segments.Count == 0 ? 0 : segments[0].First;
        _from = _expected;
    }

    /// <summary>What the frames look like; of size 0 where the journal is empty.</summary>
    public JournalLayout Layout { get; }

    /// <summary>Oldest sequence that is kept; older segments were deleted to bound the space, or there is none (0).</summary>
    public long OldestSequence => _segments.Count == 0 ? 0 : _segments[0].First;

    /// <summary>Everything found wrong so far, in the order of the files.</summary>
    public IReadOnlyList<JournalDamage> Damage => _damage;

    /// <summary>Opens the journal in <paramref name="directory"/>.</summary>
    /// <param name="directory">The journal's directory; a missing one is an empty journal.</param>
    /// <param name="expected">The layout that it must have; without it the first sound header says.</param>
    /// <exception cref="JournalException">A sound header names another layout or an unknown format.</exception>
    public static JournalReader Open(string directory, JournalLayout? expected = null)
    {
        List<SegmentFormat.Segment> segments = SegmentFormat.List(directory);
        JournalLayout? layout = expected;
        Span<byte> header = stackalloc byte[SegmentFormat.HeaderBytes];
        foreach (SegmentFormat.Segment segment in segments)
        {
            using var handle = File.OpenHandle(segment.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            int count = RandomAccess.Read(handle, header, 0);
            if (SegmentFormat.TryReadHeader(header[..count], segment.Path, out JournalLayout found, out _))
            {
                layout ??= found;
                if (found != layout)
                {
                    throw new JournalException(
                        segment.Path,
                        $"{segment.Path}: the journal's layout is {found}, expected {layout}. The run was made with another robot or task: use its own options or a new run directory.");
                }
            }
        }

        if (layout is null && segments.Count > 0)
        {
            throw new JournalException(segments[0].Path, $"{segments[0].Path}: no segment of this journal has a sound header, so its frame size is unknown. Open it through its run's options.");
        }

        return new(segments, layout ?? default);
    }

    /// <summary>
    /// Starts again at the first frame of at least <paramref name="sequence"/>. What lies before it is not examined beyond
    /// the segment that it is in, and not reported.
    /// </summary>
    public void Seek(long sequence)
    {
        _segment = _segments.FindLastIndex(s => s.First <= sequence) - 1;
        if (_segment < -1)
        {
            _segment = -1;
        }

        (_length, _position, _tailTold, _from) = (0, 0, false, sequence);
        _expected = _segments.Count == 0 ? sequence : _segments[_segment + 1].First;
        _open.Clear();
        _damage.Clear();
    }

    /// <summary>The next good frame; false at the end. The payload is valid until the next call.</summary>
    public bool TryRead(out long sequence, out ReadOnlySpan<byte> payload)
    {
        while (true)
        {
            if (_position < _length)
            {
                int at = SegmentFormat.FindFrame(_buffer.AsSpan(0, _length), _position, _payloadBytes, _expected, out sequence);
                if (at >= 0)
                {
                    Accept(at, sequence);
                    if (sequence >= _from)
                    {
                        payload = _buffer.AsSpan(at + 12, _payloadBytes);
                        return true;
                    }

                    continue;
                }

                // Open until the next good frame tells how much is missing.
                _open.Add(new(JournalDamageKind.Frames, _segments[_segment].Path, _position, _length - _position, _expected, null));
                _position = _length;
            }

            if (_segment + 1 >= _segments.Count)
            {
                TellTail();
                sequence = -1;
                payload = default;
                return false;
            }

            NextSegment();
        }
    }

    private void Accept(int at, long sequence)
    {
        string file = _segments[_segment].Path;
        (long? first, long? last) = sequence > _expected ? (_expected, sequence - 1) : ((long?)null, (long?)null);
        if (at > _position)
        {
            _open.Add(new(JournalDamageKind.Frames, file, _position, at - _position, first, last));
        }

        if (_open.Count == 0 && first is not null)
        {
            _open.Add(new(JournalDamageKind.Gap, file, at, 0, first, last));
        }

        foreach (JournalDamage damage in _open)
        {
            if (sequence > _from)
            {
                _damage.Add(damage with { FirstMissing = first, LastMissing = last });
            }
        }

        _open.Clear();
        _position = at + _payloadBytes + SegmentFormat.FrameOverhead;
        _expected = sequence + 1;
    }

    private void NextSegment()
    {
        SegmentFormat.Segment segment = _segments[++_segment];
        try
        {
            _length = SegmentFormat.ReadAll(segment.Path, ref _buffer);
        }
        catch (FileNotFoundException)
        {
            // A running writer's retention deleted it since we listed it: the jump in the numbering tells.
            (_length, _position) = (0, 0);
            return;
        }

        _position = Math.Min(SegmentFormat.HeaderBytes, _length);
        bool sound = SegmentFormat.TryReadHeader(_buffer.AsSpan(0, _length), segment.Path, out _, out long first) && first == segment.First;
        if (!sound)
        {
            _damage.Add(new(JournalDamageKind.Header, segment.Path, 0, Math.Min(SegmentFormat.HeaderBytes, _length), null, null));
            _position = 0; // Bytes may be missing from the header: frames may start early.
            if (SegmentFormat.FindFrame(_buffer.AsSpan(0, _length), 0, _payloadBytes, _expected, out _) is >= 0 and <= SegmentFormat.HeaderBytes and int at)
            {
                _position = at;
            }
        }
    }

    private void TellTail()
    {
        if (_tailTold)
        {
            return;
        }

        _tailTold = true;
        for (int i = 0; i < _open.Count; i++)
        {
            bool last = i == _open.Count - 1 && _open[i].File == _segments[^1].Path;
            _damage.Add(last ? _open[i] with { Kind = JournalDamageKind.TornTail } : _open[i]);
        }

        _open.Clear();
    }
}
