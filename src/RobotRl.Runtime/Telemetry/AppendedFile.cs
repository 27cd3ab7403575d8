using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Telemetry;

/// <summary>
/// A file of whole records for people to look at. A full or failing disk never throws: records are dropped and counted, and a
/// record that was written in part is cut off or overwritten, so readers never meet half of one in the middle. A file that cannot be
/// opened, or that was removed, is tried again at every flush.
/// </summary>
internal sealed class AppendedFile : IDisposable
{
    private const int BufferBytes = 64 * 1024;

    private readonly string _path;
    private readonly IFileOpener _files;
    private IWritableFile? _file;
    private byte[] _buffer = new byte[BufferBytes];
    private int _used;
    private long _length;
    private int _records;

    public AppendedFile(string path, FileMode mode, IFileOpener? files)
    {
        (_path, _files) = (path, files ?? DiskFiles.Instance);
        TryOpen(mode);
    }

    /// <summary>Records that were dropped.</summary>
    public long LostRecords { get; private set; }

    /// <summary>Bytes that the file has once all is written.</summary>
    public long Length => _length + _used;

    /// <summary>The file that a full one becomes: metrics.jsonl becomes metrics.1.jsonl.</summary>
    public static string PreviousOf(string path) => Path.ChangeExtension(path, ".1" + Path.GetExtension(path));

    /// <summary>Moves a full file, which is closed, aside, in the place of the one before it.</summary>
    public static void SetAside(string path)
    {
        try
        {
            File.Move(path, PreviousOf(path), overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nothing can be renamed there: the file is written on, if that is possible at all.
        }
    }

    public void Append(ReadOnlySpan<byte> record)
    {
        if (_used + record.Length > _buffer.Length)
        {
            if (!Flush())
            {
                LostRecords += _records + 1;
                (_used, _records) = (0, 0);
                return;
            }

            if (record.Length > _buffer.Length)
            {
                _buffer = new byte[record.Length * 2];
            }
        }

        record.CopyTo(_buffer.AsSpan(_used));
        _used += record.Length;
        _records++;
    }

    /// <summary>Hands what waits to the system; false if the disk refuses.</summary>
    public bool Flush()
    {
        if (_file is not null && !File.Exists(_path))
        {
            _file.Dispose();
            _file = null;
        }

        if (_file is null && !TryOpen(FileMode.OpenOrCreate))
        {
            return false;
        }

        try
        {
            _file!.Write(_length, _buffer.AsSpan(0, _used));
            _length += _used;
            (_used, _records) = (0, 0);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TrySetLength(_length);
            return false;
        }
    }

    /// <summary>Returns when what was appended is on the medium; false if the disk refuses.</summary>
    public bool Sync()
    {
        try
        {
            if (!Flush())
            {
                return false;
            }

            _file!.Sync();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Cuts the file.</summary>
    public void SetLength(long length)
    {
        if (TrySetLength(length))
        {
            _length = length;
        }
    }

    /// <summary>Writes what it can, counts what it cannot, and closes.</summary>
    public void Dispose()
    {
        if (_used > 0 && !Flush())
        {
            LostRecords += _records;
            (_used, _records) = (0, 0);
        }

        _file?.Dispose();
        _file = null;
    }

    private bool TryOpen(FileMode mode)
    {
        try
        {
            _file = _files.OpenWrite(_path, mode);
            _length = _file.Length;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private bool TrySetLength(long length)
    {
        try
        {
            _file?.SetLength(length);
            return _file is not null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // Overwritten by the next flush.
        }
    }
}
