using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Journal;

/// <summary>
/// Appends frames to a segmented log. A full or failing disk never throws out of <see cref="Append"/> or <see cref="Sync"/>: it
/// is a <see cref="Status"/>, frames wait in a fixed buffer, those that no longer fit are counted in <see cref="LostFrames"/>,
/// and writing resumes by itself.
/// </summary>
/// <remarks>
/// One thread at a time (the recorder). Appending allocates nothing; a sync takes as long as the disk does. Each segment is
/// synced before the next is begun, so only the newest can have a torn tail.
/// </remarks>
public sealed class JournalWriter : IDisposable
{
    /// <summary>Frames in memory take at most this, or 64 frames where that is more.</summary>
    public const int BufferBytes = 256 * 1024;

    private static readonly TimeSpan s_retryInterval = TimeSpan.FromMilliseconds(250);

    private readonly string _directory;
    private readonly JournalOptions _options;
    private readonly TimeProvider _time;
    private readonly IFileOpener _files;
    private readonly List<SegmentFormat.Segment> _closed;
    private readonly byte[] _buffer,
        _header;
    private readonly int _frameBytes;
    private IWritableFile? _file;
    private SegmentFormat.Segment _current;
    private long _length;
    private long _written;
    private long _bufferFirst;
    private int _used;
    private long _firstOwn;
    private bool _startSegment;
    private bool _dirty;
    private long _lastSync;
    private long _failedAt;

    private JournalWriter(
        string directory,
        JournalLayout layout,
        JournalOrigin origin,
        JournalOptions options,
        TimeProvider time,
        IFileOpener files,
        JournalRecovery.State found
    )
    {
        _header = SegmentFormat.Header(layout, origin);
        (_directory, Layout, _options, _time, _files) = (directory, layout, options, time, files);
        (_closed, Recovery, NextSequence) = (found.Segments, found.Recovery, found.Recovery.NextSequence);
        (_written, _bufferFirst, LastSyncedSequence) = (NextSequence, NextSequence, NextSequence - 1);
        _frameBytes = layout.PayloadBytes + SegmentFormat.FrameOverhead;
        _buffer = new byte[Math.Max(BufferBytes / _frameBytes, 64) * _frameBytes];
        (_startSegment, _firstOwn) = (true, NextSequence);
        _lastSync = time.GetTimestamp();
        Reopen(found.AppendToLast);
    }

    /// <summary>What the frames look like.</summary>
    public JournalLayout Layout { get; }

    /// <summary>What opening found and cut.</summary>
    public JournalRecovery Recovery { get; }

    /// <summary>Sequence of the next frame; a checkpoint stores it.</summary>
    public long NextSequence { get; private set; }

    /// <summary>Oldest sequence still on disk (equal to <see cref="NextSequence"/> where there is none).</summary>
    public long OldestSequence =>
        _closed.Count > 0 ? _closed[0].First
        : _file is not null ? _current.First
        : _bufferFirst;

    /// <summary>Newest frame that a power cut cannot cost; -1 where there is none.</summary>
    public long LastSyncedSequence { get; private set; }

    /// <summary>Frames that wait in memory.</summary>
    public int PendingFrames => _used / _frameBytes;

    /// <summary>
    /// Frames that never reached a file because the disk was full or failed; their sequences are missing from the journal.
    /// </summary>
    public long LostFrames { get; private set; }

    /// <summary>Frames written since the last good sync when a sync failed: they may or may not be on the medium.</summary>
    public long UncertainFrames { get; private set; }

    /// <summary>Whether frames reach the disk.</summary>
    public JournalStatus Status { get; private set; }

    /// <summary>What is wrong where <see cref="Status"/> is not Ok, in one line that names the directory.</summary>
    public string? Problem { get; private set; }

    /// <summary>Opens or creates the journal in <paramref name="directory"/> and cuts a torn tail at the last good frame.</summary>
    /// <exception cref="ArgumentException">The options are invalid.</exception>
    /// <exception cref="JournalException">The journal that is there is another run's, has another layout or an unknown format;
    /// nothing was changed.</exception>
    /// <exception cref="IOException">The directory cannot be made or written (also <see cref="UnauthorizedAccessException"/>).</exception>
    public static JournalWriter Open(
        string directory,
        JournalLayout layout,
        JournalOrigin origin,
        JournalOptions options,
        TimeProvider time,
        IFileOpener? files = null
    )
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(origin);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        if (options.Validate("Journal").ToList() is { Count: > 0 } problems)
        {
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        }

        files ??= DiskFiles.Instance;
        Directory.CreateDirectory(directory);
        return new(directory, layout, origin, options, time, files, JournalRecovery.Run(directory, layout, origin, files));
    }

    /// <summary>
    /// Takes one frame of <see cref="JournalLayout.PayloadBytes"/> bytes and returns its sequence. It is on disk after the next
    /// successful <see cref="Sync"/>, unless it is counted in <see cref="LostFrames"/>.
    /// </summary>
    public long Append(ReadOnlySpan<byte> payload)
    {
        if (payload.Length != Layout.PayloadBytes)
        {
            throw new ArgumentException($"A frame of this journal has {Layout.PayloadBytes} bytes, not {payload.Length}.", nameof(payload));
        }

        long sequence = NextSequence++;
        if (_used == _buffer.Length && !TryFlush(force: false))
        {
            LostFrames++;
            return sequence;
        }

        if (_used == 0)
        {
            // Sequences within a segment have no jumps: after lost frames a new one begins.
            _startSegment |= sequence != _written;
            _bufferFirst = sequence;
        }

        SegmentFormat.WriteFrame(_buffer.AsSpan(_used, _frameBytes), sequence, payload);
        _used += _frameBytes;
        return sequence;
    }

    /// <summary>
    /// Calls <see cref="Sync"/> where <see cref="JournalOptions.SyncInterval"/> has passed since the last try; false where it
    /// failed.
    /// </summary>
    public bool SyncIfDue() => _time.GetElapsedTime(_lastSync) < _options.SyncInterval || Sync();

    /// <summary>
    /// Writes what waits and returns when it is on the medium and under its name; false if the disk refuses or the file was moved away
    /// (see <see cref="Status"/>).
    /// </summary>
    public bool Sync()
    {
        _lastSync = _time.GetTimestamp();
        return TryFlush(force: true) && (!_dirty || TrySyncFile()) && IsInPlace();
    }

    /// <summary>
    /// Frames of this journal that are not, or may not be, on the disk now: lost or unsure ones, those that wait in memory, and those
    /// of files that are no longer there. Call <see cref="Sync"/> first. Looks at every file.
    /// </summary>
    public long CountMissing()
    {
        long missing = LostFrames + UncertainFrames + PendingFrames;
        List<SegmentFormat.Segment> all = [.. _closed];
        if (_file is not null)
        {
            all.Add(_current with { Frames = _written - _current.First });
        }

        for (int i = 0; i < all.Count; i++)
        {
            if (!File.Exists(all[i].Path))
            {
                missing += all[i].Frames >= 0 ? all[i].Frames : (i + 1 < all.Count ? all[i + 1].First : _firstOwn) - all[i].First;
            }
        }

        return missing;
    }

    /// <summary>Whether the file that is written is still under its name. If not, the next frames begin another one.</summary>
    private bool IsInPlace()
    {
        if (_file is null || File.Exists(_current.Path))
        {
            return true;
        }

        CloseCurrent();
        _startSegment = true;
        Fail(new FileNotFoundException(_current.Path));
        return false;
    }

    /// <summary>
    /// Makes <paramref name="sequence"/> the next: frames from it on are deleted, those in memory included. For a resume in
    /// lockstep, with the checkpoint's sequence.
    /// </summary>
    /// <exception cref="IOException">The disk refuses; the journal is cut at most as far as was asked.</exception>
    public JournalCut TruncateTo(long sequence)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sequence);
        TryFlush(force: true);
        long end = NextSequence;
        CloseCurrent();
        (_used, _dirty) = (0, false);

        // From the newest on, so that a crash half-way leaves a journal without a hole.
        while (_closed.Count > 0 && _closed[^1].First >= sequence)
        {
            File.Delete(_closed[^1].Path);
            _files.SyncDirectory(_directory);
            _closed.RemoveAt(_closed.Count - 1);
        }

        long reached = sequence;
        if (_closed.Count == 0)
        {
            reached = Math.Min(sequence, end);
        }
        else
        {
            (reached, long length) = SegmentCut.Before(_closed[^1].Path, _closed[^1].First, sequence, Layout, _files);
            _closed[^1] = _closed[^1] with { Length = length, Frames = reached - _closed[^1].First };
        }

        _firstOwn = sequence;
        (NextSequence, _written, _bufferFirst, LastSyncedSequence, _startSegment) = (sequence, sequence, sequence, sequence - 1, true);
        return new(Math.Max(0, end - sequence), Math.Max(0, sequence - reached));
    }

    /// <summary>Writes and syncs what it can, and closes.</summary>
    public void Dispose()
    {
        if (_used > 0 || _dirty)
        {
            Sync();
        }

        _file?.Dispose();
        _file = null;
    }

    private void Reopen(bool append)
    {
        if (_closed.Count == 0)
        {
            return;
        }

        // A process that was killed leaves frames that only the page cache holds.
        IWritableFile last = _files.OpenWrite(_closed[^1].Path, FileMode.Open);
        last.Sync();
        if (!append)
        {
            last.Dispose();
            return;
        }

        (_file, _current, _length, _startSegment) = (last, _closed[^1], _closed[^1].Length, false);
        _closed.RemoveAt(_closed.Count - 1);
    }

    private bool TryFlush(bool force)
    {
        if (_used == 0)
        {
            return true;
        }

        if (!force && Status != JournalStatus.Ok && _time.GetElapsedTime(_failedAt) < s_retryInterval)
        {
            return false;
        }

        try
        {
            bool full = _length + _used > _options.SegmentMiB * 1024L * 1024L && _length > _header.Length;
            if (_file is null || _startSegment || full)
            {
                StartSegment();
            }

            _file!.Write(_length, _buffer.AsSpan(0, _used));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fail(e);
            CutUnfinished();
            return false;
        }

        _length += _used;
        _written = _bufferFirst + (_used / _frameBytes);
        (_used, _dirty, Status, Problem) = (0, true, JournalStatus.Ok, null);
        return true;
    }

    private bool TrySyncFile()
    {
        try
        {
            SyncFile();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fail(e);
            return false;
        }
    }

    private void SyncFile()
    {
        try
        {
            _file!.Sync();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // After a failed sync the kernel may have dropped the pages: what they held is unsure for good, so they are counted
            // and the next frames go to a file of their own.
            UncertainFrames += _written - 1 - LastSyncedSequence;
            (_dirty, _startSegment) = (false, true);
            throw;
        }

        (_dirty, LastSyncedSequence) = (false, _written - 1);
    }

    private void StartSegment()
    {
        if (_file is not null)
        {
            if (_dirty)
            {
                SyncFile();
            }

            CloseCurrent();
        }

        DropOldSegments();
        var next = new SegmentFormat.Segment(SegmentFormat.PathOf(_directory, _bufferFirst), _bufferFirst, 0);
        IWritableFile file = _files.OpenWrite(next.Path, FileMode.Create);
        try
        {
            SegmentFormat.SetFirst(_header, _bufferFirst);
            file.Write(0, _header);
            _files.SyncDirectory(_directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file.Dispose();
            File.Delete(next.Path);
            throw;
        }

        (_file, _current, _length, _startSegment) = (file, next, _header.Length, false);
    }

    private void DropOldSegments()
    {
        long most = (_options.RetentionMiB - _options.SegmentMiB) * 1024L * 1024L;
        long total = _closed.Sum(s => s.Length);
        while (total > most)
        {
            File.Delete(_closed[0].Path);
            total -= _closed[0].Length;
            _closed.RemoveAt(0);
        }
    }

    private void CloseCurrent()
    {
        if (_file is not null)
        {
            _file.Dispose();
            _file = null;
            _closed.Add(_current with { Length = _length, Frames = _written - _current.First });
        }
    }

    private void CutUnfinished()
    {
        try
        {
            _file?.SetLength(_length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The same bytes are written over it next time, and if there is no next time, opening cuts it.
        }
    }

    private void Fail(Exception exception)
    {
        (Status, Problem) = JournalFault.Of(exception, _directory);
        _failedAt = _time.GetTimestamp();
    }
}
