using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Telemetry;

/// <summary>
/// A file of whole records for people to look at. A full or failing disk never throws: records are dropped and counted, and a
/// record that was written in part is cut off or overwritten, so readers never meet half of one in the middle.
/// </summary>
internal sealed class AppendedFile : IDisposable
{
    private const int BufferBytes = 64 * 1024;

    private readonly IWritableFile _file;
    private byte[] _buffer = new byte[BufferBytes];
    private int _used;
    private long _length;
    private int _records;

    public AppendedFile(string path, FileMode mode, IFileOpener? files)
    {
        _file = (files ?? DiskFiles.Instance).OpenWrite(path, mode);
        _length = _file.Length;
    }

    public long LostRecords { get; private set; }

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

    public bool Flush()
    {
        try
        {
            _file.Write(_length, _buffer.AsSpan(0, _used));
            _length += _used;
            (_used, _records) = (0, 0);
            return true;
        }
        catch (IOException)
        {
            try
            {
                _file.SetLength(_length);
            }
            catch (IOException)
            {
                // Overwritten by the next flush.
            }

            return false;
        }
    }

    public void SetLength(long length)
    {
        _file.SetLength(length);
        _length = length;
    }

    public void Dispose()
    {
        Flush();
        _file.Dispose();
    }
}
