using System.Runtime.InteropServices;
using System.Text;

namespace RobotRl.Runtime.Control;

/// <summary>
/// Unix domain sockets by the kernel's own calls (unix(7)): a connection of <see cref="System.Net.Sockets.Socket"/> allocates some
/// kilobytes, so that a client that asks in a loop would spend the memory that may be allocated while the robot moves. None of these
/// allocates, but for the paths.
/// </summary>
internal static unsafe partial class UnixSocket
{
    /// <summary>SOCK_STREAM.</summary>
    public const int Stream = 1;

    /// <summary>SOCK_DGRAM.</summary>
    public const int Datagram = 2;

    /// <summary>POLLIN.</summary>
    public const short Readable = 1;

    /// <summary>EMFILE: this process has no free file descriptor.</summary>
    public const int TooManyFiles = 24;

    /// <summary>ENFILE: nor has the machine.</summary>
    public const int TooManyFilesInSystem = 23;

    /// <summary>Longest path that the kernel takes, bytes, without its end.</summary>
    public const int LongestPath = 107;

    private const int NonBlocking = 0x800,
        CloseOnExec = 0x80000,
        NoSignal = 0x4000,
        OwnerOnly = 0x180;
    private const int SocketLevel = 1,
        PeerCredentials = 17,
        SendTimeout = 21;

    /// <summary>The error of the last call of this thread that failed.</summary>
    public static int Error => Marshal.GetLastPInvokeError();

    /// <summary>What the last error means.</summary>
    public static string ErrorMessage => Marshal.GetLastPInvokeErrorMessage();

    /// <summary>
    /// A socket bound to <paramref name="path"/>, for its owner only from the first moment; it never blocks. -1 on failure.
    /// </summary>
    public static int Bind(int type, string path)
    {
        int file = NewSocket(1, type | NonBlocking | CloseOnExec, 0);
        if (file < 0)
        {
            return -1;
        }

        SocketAddress address = default;
        int length = Fill(&address, path);
        // The kernel makes the file with the mode of the socket.
        if (ChangeMode(file, OwnerOnly) == 0 && BindTo(file, &address, length) == 0 && (type != Stream || ListenOn(file, 128) == 0))
        {
            return file;
        }

        int error = Error;
        Close(file);
        Marshal.SetLastPInvokeError(error);
        return -1;
    }

    /// <summary>
    /// Sends one datagram to the socket at <paramref name="path"/>, waiting <paramref name="limit"/> at most for a place in its
    /// queue; false on failure.
    /// </summary>
    public static bool TrySendTo(string path, ReadOnlySpan<byte> message, TimeSpan limit)
    {
        int file = NewSocket(1, Datagram | CloseOnExec, 0);
        if (file < 0)
        {
            return false;
        }

        try
        {
            SocketAddress address = default;
            int length = Fill(&address, path);
            long* time = stackalloc long[2] { (long)limit.TotalSeconds, limit.Microseconds + (limit.Milliseconds * 1000) };
            SetOption(file, SocketLevel, SendTimeout, time, 2 * sizeof(long));
            fixed (byte* bytes = message)
            {
                return SendTo(file, bytes, (nuint)message.Length, NoSignal, &address, length) == message.Length;
            }
        }
        finally
        {
            Close(file);
        }
    }

    /// <summary>The next peer, which never blocks; -1 where there is none.</summary>
    public static int Accept(int listener) => AcceptFrom(listener, null, null, NonBlocking | CloseOnExec);

    /// <summary>Bytes received; 0 where the peer has ended; -1 where nothing is there now.</summary>
    public static int Receive(int file, Span<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            return (int)ReceiveFrom(file, bytes, (nuint)buffer.Length, 0);
        }
    }

    /// <summary>Whether all of <paramref name="message"/> was taken.</summary>
    public static bool TrySend(int file, ReadOnlySpan<byte> message)
    {
        fixed (byte* bytes = message)
        {
            return SendOn(file, bytes, (nuint)message.Length, NoSignal) == message.Length;
        }
    }

    /// <summary>
    /// Waits until one of <paramref name="files"/> has something; false where none has within <paramref name="milliseconds"/>.
    /// </summary>
    public static bool Wait(Span<PollDescriptor> files, int milliseconds)
    {
        fixed (PollDescriptor* first = files)
        {
            return PollFiles(first, (nuint)files.Length, milliseconds) > 0;
        }
    }

    /// <summary>User id of the process at the other end; null where the kernel does not say.</summary>
    public static uint? PeerUser(int file)
    {
        // struct ucred { pid, uid, gid }.
        uint* credentials = stackalloc uint[3];
        int length = 3 * sizeof(uint);
        return GetOption(file, SocketLevel, PeerCredentials, credentials, &length) == 0 ? credentials[1] : null;
    }

    /// <summary>A second descriptor of <paramref name="file"/>; -1 where there is none left.</summary>
    [LibraryImport("libc", EntryPoint = "dup", SetLastError = true)]
    public static partial int Duplicate(int file);

    /// <summary>Closes it, where it is one.</summary>
    public static void Close(int file) => _ = file < 0 ? 0 : CloseFile(file);

    /// <summary>User id of this process.</summary>
    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint OwnUser();

    private static int Fill(SocketAddress* address, string path)
    {
        if (Encoding.UTF8.GetByteCount(path) > LongestPath)
        {
            throw new ArgumentException($"{path}: longer than the {LongestPath} bytes that a socket's path may have.", nameof(path));
        }

        address->Family = 1;
        return sizeof(ushort) + Encoding.UTF8.GetBytes(path, new Span<byte>(address->Path, LongestPath)) + 1;
    }

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseFile(int file);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int NewSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int BindTo(int file, SocketAddress* address, int length);

    [LibraryImport("libc", EntryPoint = "listen", SetLastError = true)]
    private static partial int ListenOn(int file, int backlog);

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    private static partial int AcceptFrom(int file, SocketAddress* address, int* length, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint ReceiveFrom(int file, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint SendOn(int file, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    private static partial nint SendTo(int file, byte* buffer, nuint length, int flags, SocketAddress* address, int addressLength);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int PollFiles(PollDescriptor* files, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    private static partial int ChangeMode(int file, uint mode);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    private static partial int GetOption(int file, int level, int name, uint* value, int* length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetOption(int file, int level, int name, long* value, int length);

    /// <summary>struct sockaddr_un.</summary>
    private struct SocketAddress
    {
        public ushort Family;
        public fixed byte Path[LongestPath + 1];
    }

    /// <summary>struct pollfd.</summary>
    internal struct PollDescriptor
    {
        public int File;
        public short Events,
            Returned;
    }
}
