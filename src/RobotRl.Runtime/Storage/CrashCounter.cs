using System.IO.MemoryMappedFiles;

namespace RobotRl.Runtime.Storage;

/// <summary>
/// A number that outlives the process: a mapped page in the machine's shared memory, which a crash or <c>kill -9</c> leaves as it is. The
/// control thread counts the transitions there that it has handed on, so that the next process can tell how many of them never reached the
/// journal.
/// </summary>
/// <remarks>
/// It lies in memory (/dev/shm), not in the run's directory: a page of a file on a disk is written back from time to time, and
/// who writes to
/// it then may have to wait. A machine that loses its power loses the counter; then the journal's sync interval bounds the loss.
/// <see cref="Set"/>: one thread, without allocation, lock or system call.
/// </remarks>
internal sealed unsafe class CrashCounter : IDisposable
{
    /// <summary>Where such pages lie; missing on some systems, where nothing is counted.</summary>
    public const string SharedMemory = "/dev/shm";

    private const int PageBytes = 4096,
        MagicAt = 0,
        ValueAt = 8;
    private const long Magic = 0x3154_4e55_4f43_5252; // "RRCOUNT1"

    private readonly string _path;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _page;
    private bool _disposed;

    private CrashCounter(string path, FileStream file)
    {
        _path = path;
        using var mapped = MemoryMappedFile.CreateFromFile(
            file,
            null,
            PageBytes,
            MemoryMappedFileAccess.ReadWrite,
            HandleInheritability.None,
            leaveOpen: true
        );
        _view = mapped.CreateViewAccessor(0, PageBytes);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _page);
        _page += _view.PointerOffset;
        Left = *(long*)(_page + MagicAt) == Magic ? *(long*)(_page + ValueAt) : null;
        *(long*)(_page + MagicAt) = Magic;
    }

    /// <summary>What the process before this one left; null where there was none, or where it ended by itself.</summary>
    public long? Left { get; }

    /// <summary>Opens the counter of <paramref name="name"/>; null where this machine has no shared memory to put it in.</summary>
    /// <param name="name">Name of the page, such as the run's id; letters, digits and dashes.</param>
    /// <param name="directory">Where it lies.</param>
    public static CrashCounter? TryOpen(string name, string directory = SharedMemory)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (OperatingSystem.IsWindows() || !Directory.Exists(directory))
        {
            return null;
        }

        string path = Path.Combine(directory, $"robotrl-{name}");
        try
        {
            using var file = new FileStream(
                path,
                new FileStreamOptions
                {
                    Mode = FileMode.OpenOrCreate,
                    Access = FileAccess.ReadWrite,
                    Share = FileShare.ReadWrite | FileShare.Delete,
                    BufferSize = 0,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                }
            );
            if (file.Length < PageBytes)
            {
                // Written, not only made longer: a page that is reserved no memory kills the process once it is touched.
                file.Write(new byte[PageBytes]);
            }

            return new(path, file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // Full, or another user's: only the count of a later crash is missing.
        }
    }

    /// <summary>Counts up to <paramref name="value"/>. One thread; neither allocates nor waits.</summary>
    public void Set(long value) => Volatile.Write(ref *(long*)(_page + ValueAt), value);

    /// <summary>The run has ended by itself and everything is accounted for: the next process finds nothing.</summary>
    public void Remove() => File.Delete(_path);

    /// <summary>Unmaps the page; what it holds stays for the next process, unless it was removed. Nobody may count any more.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
    }
}
