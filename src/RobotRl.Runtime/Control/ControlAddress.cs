using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace RobotRl.Runtime.Control;

/// <summary>
/// Where a run's control socket lies: <c>control.sock</c> in its directory. The kernel takes 107 bytes of path; a longer one is
/// reached through an open handle of the directory (<c>/proc/self/fd/N/control.sock</c>), so nothing has to lie elsewhere.
/// </summary>
internal sealed partial class ControlAddress : IDisposable
{
    /// <summary>The socket's name in the run directory.</summary>
    public const string FileName = "control.sock";

    private const int LongestPath = 107;
    private const int OpenReadOnlyDirectoryCloseOnExec = 0x10000 | 0x80000;
    private const int OpenDirectoryArm64 = 0x4000 | 0x80000;

    private readonly SafeFileHandle? _directory;

    /// <summary>The address of the socket of <paramref name="runDirectory"/>, which must exist.</summary>
    public ControlAddress(string runDirectory)
    {
        FilePath = Path.Combine(Path.GetFullPath(runDirectory), FileName);
        string path = FilePath;
        if (Encoding.UTF8.GetByteCount(path) > LongestPath)
        {
            int flags = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? OpenDirectoryArm64 : OpenReadOnlyDirectoryCloseOnExec;
            int descriptor = OpenDirectory(Path.GetFullPath(runDirectory), flags);
            if (descriptor < 0)
            {
                throw new ControlException(
                    runDirectory, $"{runDirectory}: cannot be opened ({Marshal.GetLastPInvokeErrorMessage()}), and its path is too long for a socket. Use a run directory with a shorter path.");
            }

            _directory = new SafeFileHandle(descriptor, ownsHandle: true);
            path = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{descriptor}/{FileName}");
        }

        EndPoint = new UnixDomainSocketEndPoint(path);
    }

    /// <summary>The socket's full path, however long.</summary>
    public string FilePath { get; }

    /// <summary>What to bind or connect to, while this object lives.</summary>
    public UnixDomainSocketEndPoint EndPoint { get; }

    /// <inheritdoc/>
    public void Dispose() => _directory?.Dispose();

    /// <summary>User id of the process at the other end of <paramref name="socket"/>.</summary>
    public static uint PeerUser(Socket socket)
    {
        // SOL_SOCKET 1, SO_PEERCRED 17, struct ucred { pid, uid, gid } (socket(7), unix(7)).
        Span<byte> credentials = stackalloc byte[12];
        _ = socket.GetRawSocketOption(1, 17, credentials);
        return MemoryMarshal.Read<uint>(credentials[4..]);
    }

    /// <summary>User id of this process.</summary>
    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint OwnUser();

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenDirectory(string path, int flags);
}
