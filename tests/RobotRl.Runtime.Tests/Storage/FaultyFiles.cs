using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Tests.Storage;

/// <summary>The real file system with a bound on the bytes that it still takes, and syncs that fail on demand.</summary>
internal sealed class FaultyFiles : IFileOpener
{
    public const int NoSpace = 28;

    /// <summary>Bytes that may still be written; what exceeds it is written in part and then refused, as by a full disk.</summary>
    public long Space { get; set; } = long.MaxValue;

    public int WriteError { get; set; } = NoSpace;

    public bool SyncFails { get; set; }

    public int Syncs { get; private set; }

    public IWritableFile OpenWrite(string path, FileMode mode) => new FaultyFile(this, DiskFiles.Instance.OpenWrite(path, mode));

    public void SyncDirectory(string directory) => DiskFiles.Instance.SyncDirectory(directory);

    private sealed class FaultyFile(FaultyFiles owner, IWritableFile inner) : IWritableFile
    {
        public long Length => inner.Length;

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            int fits = (int)Math.Min(bytes.Length, owner.Space);
            owner.Space -= fits;
            inner.Write(offset, bytes[..fits]);
            if (fits < bytes.Length)
            {
                throw new IOException("injected", owner.WriteError);
            }
        }

        public void SetLength(long length) => inner.SetLength(length);

        public void Sync()
        {
            owner.Syncs++;
            if (owner.SyncFails)
            {
                throw new IOException("injected: input/output error", 5);
            }

            inner.Sync();
        }

        public void Dispose() => inner.Dispose();
    }
}
