using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RobotRl.Runtime.Storage;

/// <summary>The machine's own file system.</summary>
public sealed partial class DiskFiles : IFileOpener
{
    private const int ReadOnlyDirectory = 0x0 | 0x80000; // O_RDONLY | O_CLOEXEC, equal on x64 and ARM64.

    private DiskFiles() { }

    /// <summary>The one instance; it has no state.</summary>
    public static DiskFiles Instance { get; } = new();

    /// <summary>Whether <paramref name="exception"/> says that space (or a quota, or the greatest file size) is used up.</summary>
    public static bool IsDiskFull(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        const int noSpace = 28,
            tooBig = 27,
            quota = 122; // ENOSPC, EFBIG, EDQUOT: .NET puts errno into HResult.
        const int windowsDiskFull = unchecked((int)0x80070070),
            windowsHandleDiskFull = unchecked((int)0x80070027);
        return exception is IOException && exception.HResult is noSpace or tooBig or quota or windowsDiskFull or windowsHandleDiskFull;
    }

    /// <summary>Whether <paramref name="exception"/> says that the file system takes no writes.</summary>
    public static bool IsReadOnly(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        const int readOnly = 30,
            windowsWriteProtect = unchecked((int)0x80070013); // EROFS
        return exception is IOException && exception.HResult is readOnly or windowsWriteProtect;
    }

    /// <inheritdoc/>
    public IWritableFile OpenWrite(string path, FileMode mode) =>
        new DiskFile(File.OpenHandle(path, mode, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete));

    /// <inheritdoc/>
    public void SyncDirectory(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            return; // NTFS journals names itself and has no handle to sync.
        }

        int descriptor = OpenNative(directory, ReadOnlyDirectory);
        if (descriptor < 0)
        {
            throw Failure(directory);
        }

        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (SyncNative(descriptor) != 0)
        {
            throw Failure(directory);
        }
    }

    private static IOException Failure(string directory)
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException($"{directory}: could not sync the directory: {Marshal.GetPInvokeErrorMessage(error)}.", error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenNative(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int SyncNative(int descriptor);

    private sealed class DiskFile(SafeFileHandle handle) : IWritableFile
    {
        public long Length => RandomAccess.GetLength(handle);

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            try
            {
                RandomAccess.Write(handle, bytes, offset);
            }
            catch (ArgumentOutOfRangeException e)
            {
                throw TooLong(e);
            }
        }

        public void SetLength(long length)
        {
            try
            {
                RandomAccess.SetLength(handle, length);
            }
            catch (ArgumentOutOfRangeException e)
            {
                throw TooLong(e);
            }
        }

        public void Sync() => RandomAccess.FlushToDisk(handle);

        public void Dispose() => handle.Dispose();

        /// <summary>.NET makes a wrong argument of EFBIG; it is a disk that takes no more.</summary>
        private static IOException TooLong(ArgumentOutOfRangeException e) =>
            new($"File too large: the file system or `ulimit -f` allows no longer one ({e.Message})", 27);
    }
}
