using System.Runtime.InteropServices;

namespace RobotRl.Hardware.Transports;

/// <summary>
/// Terminals as Linux has them. Blittable, so that no call allocates (but <see cref="Open"/>). Numbers are of the generic ABI:
/// x86 and ARM.
/// </summary>
internal static partial class TermiosNative
{
    public const int NotPermitted = 1,
        NoEntry = 2,
        Interrupted = 4,
        InputOutput = 5,
        NoDeviceOrAddress = 6,
        WouldBlock = 11,
        AccessDenied = 13,
        Busy = 16,
        NoDevice = 19,
        IsDirectory = 21,
        InvalidArgument = 22,
        NoTerminal = 25;

    public const int OpenReadWrite = 2,
        OpenNoTerminal = 0x100,
        OpenNonBlocking = 0x800,
        OpenCloseOnExec = 0x80000;
    public const int OpenFlags = OpenReadWrite | OpenNoTerminal | OpenNonBlocking | OpenCloseOnExec;
    public const int LockExclusive = 2,
        LockNoWait = 4;
    public const short PollIn = 1,
        PollOut = 4,
        PollError = 8,
        PollHangUp = 16,
        PollInvalid = 32;
    public const int FlushInput = 0,
        FlushOutput = 1,
        FlushBoth = 2;
    public const uint EightBits = 0x30,
        EnableReceiver = 0x80,
        IgnoreModemLines = 0x800,
        SpeedMask = 0x100F,
        SpeedGiven = 0x1000;
    public const int MinimumIndex = 6,
        TimeIndex = 5;

    private const nuint GetSettingsRequest = 0x802C542A,
        SetSettingsRequest = 0x402C542B,
        FlushRequest = 0x540B,
        ExclusiveRequest = 0x540C,
        UnreadRequest = 0x541B,
        GetSerialRequest = 0x541E,
        SetSerialRequest = 0x541F,
        PtyNumberRequest = 0x80045430,
        PtyLockRequest = 0x40045431;

    [StructLayout(LayoutKind.Sequential)]
    public unsafe struct Termios
    {
        public uint Input,
            Output,
            Control,
            Local;
        public byte Line;
        public fixed byte Characters[19];
        public uint InputSpeed,
            OutputSpeed;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Descriptor;
        public short Events,
            Found;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public long Seconds,
            Nanoseconds;
    }

    public static int LastError => Marshal.GetLastPInvokeError();

    public static unsafe int GetSettings(int descriptor, ref Termios settings)
    {
        fixed (Termios* at = &settings)
        {
            return Control(descriptor, GetSettingsRequest, at);
        }
    }

    public static unsafe int SetSettings(int descriptor, ref Termios settings)
    {
        fixed (Termios* at = &settings)
        {
            return Control(descriptor, SetSettingsRequest, at);
        }
    }

    /// <summary>
    /// Bytes as they are, at <paramref name="baudRate"/>. Zero, or -1 with <see cref="LastError"/>; <paramref name="accepted"/>
    /// is the rate that the driver reports back.
    /// </summary>
    public static unsafe int MakeRaw(int descriptor, uint baudRate, out uint accepted)
    {
        Termios settings = default;
        accepted = 0;
        if (GetSettings(descriptor, ref settings) < 0)
        {
            return -1;
        }

        (settings.Input, settings.Output, settings.Local) = (0, 0, 0);
        settings.Control = EightBits | EnableReceiver | IgnoreModemLines | SpeedGiven | (SpeedGiven << 16);
        (settings.InputSpeed, settings.OutputSpeed) = (baudRate, baudRate);

        // A minimum of one byte tells "nothing yet" (EAGAIN) from a hang-up (zero bytes).
        (settings.Characters[MinimumIndex], settings.Characters[TimeIndex]) = (1, 0);
        if (SetSettings(descriptor, ref settings) < 0 || GetSettings(descriptor, ref settings) < 0)
        {
            return -1;
        }

        accepted = settings.OutputSpeed;
        return 0;
    }

    public static unsafe void Flush(int descriptor, int which) => _ = Control(descriptor, FlushRequest, (void*)which);

    public static unsafe int SetExclusive(int descriptor) => Control(descriptor, ExclusiveRequest, null);

    /// <summary>Bytes that have arrived at <paramref name="descriptor"/> and were not read.</summary>
    public static unsafe int Unread(int descriptor)
    {
        int count = 0;
        return Control(descriptor, UnreadRequest, &count) < 0 ? 0 : count;
    }

    /// <summary>
    /// Asks the port's driver to hand bytes over at once; many USB adapters collect them for 16 ms otherwise. False where it
    /// knows nothing of it.
    /// </summary>
    public static unsafe bool TrySetLowLatency(int descriptor)
    {
        // struct serial_struct of linux/serial.h: flags are the fifth int.
        const int FlagsIndex = 4,
            LowLatency = 1 << 13;
        int* serial = stackalloc int[32];
        if (Control(descriptor, GetSerialRequest, serial) < 0)
        {
            return false;
        }

        serial[FlagsIndex] |= LowLatency;
        return Control(descriptor, SetSerialRequest, serial) == 0;
    }

    /// <summary>Unlocks the slave side of a pseudo-terminal's master and returns its number, or -1.</summary>
    public static unsafe int UnlockSlave(int master)
    {
        int unlocked = 0,
            number = 0;
        return Control(master, PtyLockRequest, &unlocked) < 0 || Control(master, PtyNumberRequest, &number) < 0 ? -1 : number;
    }

    /// <summary>Reads and writes of <paramref name="descriptor"/> return at once from now on; -1 where that cannot be.</summary>
    public static int MakeNonBlocking(int descriptor)
    {
        const int GetFlags = 3,
            SetFlags = 4;
        int flags = FileControl(descriptor, GetFlags, 0);
        return flags < 0 ? flags : FileControl(descriptor, SetFlags, flags | OpenNonBlocking);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    public static partial int Lock(int descriptor, int operation);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static unsafe partial nint Read(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static unsafe partial nint Write(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "ppoll", SetLastError = true)]
    public static unsafe partial int Poll(PollEntry* entries, nuint count, TimeSpec* timeout, void* signals);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FileControl(int descriptor, int command, int argument);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static unsafe partial int Control(int descriptor, nuint request, void* argument);
}
