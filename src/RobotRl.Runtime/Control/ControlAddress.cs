using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace RobotRl.Runtime.Control;

/// <summary>
/// Where a run's sockets lie: <c>control.sock</c> and <c>stop.sock</c> in its directory, which is held by a handle, so that it may be
/// renamed. The kernel takes 107 bytes of path; a longer one is reached through the handle (<c>/proc/self/fd/N/control.sock</c>), so
/// nothing has to lie elsewhere.
/// </summary>
internal sealed partial class ControlAddress : IDisposable
{
    /// <summary>The name in the run directory of the socket that answers.</summary>
    public const string FileName = "control.sock";

    /// <summary>The name in the run directory of the socket that takes orders to stop and nothing else.</summary>
    public const string StopFileName = "stop.sock";

    // O_PATH | O_DIRECTORY | O_CLOEXEC: asks for no permission on the directory itself.
    private const int OpenDirectoryX64 = 0x200000 | 0x10000 | 0x80000;
    private const int OpenDirectoryArm64 = 0x200000 | 0x4000 | 0x80000;

    private readonly SafeFileHandle _directory;
    private readonly string _path;

    /// <summary>The address of the sockets of <paramref name="runDirectory"/>, which must exist.</summary>
    public ControlAddress(string runDirectory)
    {
        _path = Path.GetFullPath(runDirectory);
        int flags = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? OpenDirectoryArm64 : OpenDirectoryX64;
        int descriptor = OpenDirectory(_path, flags);
        if (descriptor < 0)
        {
            throw new ControlException(
                runDirectory,
                $"{runDirectory}: cannot be opened ({Marshal.GetLastPInvokeErrorMessage()}). Name the directory of a run that "
                    + $"this user may enter."
            );
        }

        _directory = new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>The full path of the socket <paramref name="name"/> when this was made, however long.</summary>
    public string FilePath(string name = FileName) => Path.Combine(_path, name);

    /// <summary>What to bind or connect to for the socket <paramref name="name"/>, while this object lives.</summary>
    public string SocketPath(string name) =>
        Encoding.UTF8.GetByteCount(FilePath(name)) <= UnixSocket.LongestPath ? FilePath(name) : HeldPath(name);

    /// <summary>The same through the handle: it is right after the directory was renamed too.</summary>
    public string HeldPath(string name) =>
        string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{_directory.DangerousGetHandle()}/{name}");

    /// <summary>The directory's path without links, wherever it lies now; null where the kernel does not say.</summary>
    public string? CanonicalPath =>
        new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{_directory.DangerousGetHandle()}")).LinkTarget;

    /// <summary>What a client connects to, while this object lives.</summary>
    public UnixDomainSocketEndPoint EndPoint => new(SocketPath(FileName));

    /// <summary>Whether something has that name in the directory, wherever that lies now.</summary>
    public bool Exists(string name) => Access(Descriptor, name, 0, 0) == 0;

    /// <summary>Removes that name from the directory, wherever that lies now; false where it cannot.</summary>
    public bool TryRemove(string name) => Unlink(Descriptor, name, 0) == 0;

    /// <inheritdoc/>
    public void Dispose() => _directory.Dispose();

    private int Descriptor => (int)_directory.DangerousGetHandle();

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenDirectory(string path, int flags);

    [LibraryImport("libc", EntryPoint = "faccessat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(int directory, string name, int mode, int flags);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unlink(int directory, string name, int flags);
}
