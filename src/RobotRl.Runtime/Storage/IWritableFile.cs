namespace RobotRl.Runtime.Storage;

/// <summary>A file open for writing at positions of the caller's choice. Errors arrive as <see cref="IOException"/>.</summary>
public interface IWritableFile : IDisposable
{
    /// <summary>Length in bytes.</summary>
    long Length { get; }

    /// <summary>
    /// Writes all of <paramref name="bytes"/> at <paramref name="offset"/>; after an error any part of them may be there.
    /// </summary>
    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Cuts or extends the file.</summary>
    void SetLength(long length);

    /// <summary>Returns when what was written is on the medium.</summary>
    void Sync();
}
