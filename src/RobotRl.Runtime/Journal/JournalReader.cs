using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Journal;

/// <summary>
/// Reads a journal's frames in their order, from any sequence on. Whatever is damaged or missing on the way is added to
/// <see cref="Damage"/> with file, position and sequences, and reading goes on at the next good frame.
/// </summary>
/// <remarks>Holds one segment in memory, in a buffer that it reuses. May read beside a running <see cref="JournalWriter"/>.</remarks>
public sealed class JournalReader
{
    private readonly List<Source> _segments;
    private readonly List<JournalDamage> _damage = [];
    private readonly List<JournalDamage> _open = [];
    private byte[] _buffer = [];
    private int _length;
    private int _position;
    private int _segment = -1;
    private long _expected;
    private long _from;
    private bool _tailTold;

    private JournalReader(List<Source> segments, JournalLayout? layout, IReadOnlyList<RunId> runs)
    {
        (_segments, Layout, Runs) = (segments, layout, runs);
        _expected = segments.Count == 0 ? 0 : segments[0].First;
        _from = _expected;
    }

    /// <summary>What the frames look like; null if the journal is empty and none was expected.</summary>
    public JournalLayout? Layout { get; }

    /// <summary>The runs that its segments name, the oldest first. Segments of format version 1 name none.</summary>
    public IReadOnlyList<RunId> Runs { get; }

    /// <summary>Oldest sequence that is kept; older segments were deleted to bound the space, or there is none (0).</summary>
    public long OldestSequence => _segments.Count == 0 ? 0 : _segments[0].First;

    /// <summary>Everything found wrong so far, in the order of the files.</summary>
    public IReadOnlyList<JournalDamage> Damage => _damage;

    /// <summary>Opens the journal in <paramref name="directory"/>.</summary>
    /// <param name="directory">The journal's directory; a missing one is an empty journal.</param>
    /// <param name="expected">
    /// The layout in which frames are given; segments whose fields lie elsewhere are brought into it by the fields' names. Without it
    /// each frame is given as it was written.
    /// </param>
    /// <param name="origin">Whose journal it must be; null for anybody's.</param>
    /// <exception cref="JournalException">A sound header names another run, robot or layout, or an unknown format.</exception>
    public static JournalReader Open(string directory, JournalLayout? expected = null, JournalOrigin? origin = null)
    {
        List<SegmentFormat.Segment> segments = SegmentFormat.List(directory);
        SegmentHeader?[] headers = [.. segments.Select(s => SegmentFormat.ReadHeader(s.Path))];
        JournalLayout? newest = expected ?? headers.LastOrDefault(h => h is not null)?.Layout;
        if (newest is null && segments.Count > 0)
        {
            throw new JournalException(
                segments[0].Path,
                $"{segments[0].Path}: no segment of this journal has a sound header, so its frame size is unknown. Open it "
                    + $"through its run's options."
            );
        }

        int named = Array.FindIndex(headers, h => h?.Run is not null);
        for (int i = 0; i < headers.Length; i++)
        {
            if (headers[i] is { } header)
            {
                origin?.Require(header, segments[i].Path);
                if (origin is not null && header.Run is null && named >= 0 && i > named)
                {
                    throw new JournalException(
                        segments[i].Path,
                        $"{segments[i].Path}: this segment of the journal names no run (format version 1), and the one before "
                            + $"it names {headers[named]!.Run}: it is not this run's. Move the file out of this directory."
                    );
                }

                if (expected?.Difference(header.Layout) is { } difference)
                {
                    throw new JournalException(
                        segments[i].Path,
                        $"{segments[i].Path}: the journal's layout is another: {difference}. The run was made with another "
                            + $"robot or task: use its own options or a new run directory."
                    );
                }
            }
        }

        // A segment with a damaged header was most likely written like the one before it.
        JournalLayout? layout = headers.FirstOrDefault(h => h is not null)?.Layout ?? newest;
        int headerBytes = headers.FirstOrDefault(h => h is not null)?.Bytes ?? SegmentFormat.MaxHeaderBytes;
        var sources = new List<Source>(segments.Count);
        for (int i = 0; i < segments.Count; i++)
        {
            (layout, headerBytes) = headers[i] is { } header ? (header.Layout, header.Bytes) : (layout, headerBytes);
            sources.Add(
                new(
                    segments[i].Path,
                    segments[i].First,
                    layout!,
                    expected is null ? null : FrameMap.Between(layout!, expected),
                    headerBytes
                )
            );
        }

        return new(sources, newest, [.. headers.Select(h => h?.Run).OfType<RunId>().Distinct()]);
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
                Source segment = _segments[_segment];
                int at = SegmentFormat.FindFrame(_buffer.AsSpan(0, _length), _position, segment.PayloadBytes, _expected, out sequence);
                if (at >= 0)
                {
                    Accept(at, sequence);
                    if (sequence >= _from)
                    {
                        payload = _buffer.AsSpan(at + 12, segment.PayloadBytes);
                        payload = segment.Map is null ? payload : segment.Map.Apply(payload);
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
        _position = at + _segments[_segment].PayloadBytes + SegmentFormat.FrameOverhead;
        _expected = sequence + 1;
    }

    private void NextSegment()
    {
        Source segment = _segments[++_segment];
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

        SegmentHeader? header = SegmentFormat.TryReadHeader(_buffer.AsSpan(0, _length), segment.Path);
        if (header is not null && header.First == segment.First)
        {
            _position = header.Bytes;
            return;
        }

        // Bytes may be missing from the header: frames may start early.
        int at = SegmentFormat.FindFrame(_buffer.AsSpan(0, _length), 0, segment.PayloadBytes, _expected, out _);
        _position = Math.Min(at >= 0 ? at : _length, segment.HeaderBytes);
        _damage.Add(new(JournalDamageKind.Header, segment.Path, 0, _position, null, null));
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

    /// <summary>A segment to read.</summary>
    private sealed record Source(string Path, long First, JournalLayout Layout, FrameMap? Map, int HeaderBytes)
    {
        public int PayloadBytes => Layout.PayloadBytes;
    }
}
