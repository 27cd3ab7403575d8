using System.Diagnostics;
using System.Runtime.InteropServices;
using RobotRl.Hardware.Timing;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Devices.FeetechBus.Guardian;

/// <summary>The lock that a guardian holds as long as it lives: no runtime starts on a bus whose servos are being stopped.</summary>
internal static partial class BusLock
{
    // Of the whole machine: a service's temporary folder may be its own (PrivateTmp).
    private const string Locks = "/run/lock";
    private const int WriteAndSearch = 3;
    private const UnixFileMode EveryUser =
        UnixFileMode.UserRead
        | UnixFileMode.UserWrite
        | UnixFileMode.GroupRead
        | UnixFileMode.GroupWrite
        | UnixFileMode.OtherRead
        | UnixFileMode.OtherWrite;

    // Longer than a guardian needs to stop a bus.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4),
        Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>The file of a port; links to the same port have the same one.</summary>
    public static string PathOf(string port)
    {
        string target = Path.GetFullPath(port);
        if (File.Exists(port))
        {
            target = File.ResolveLinkTarget(port, returnFinalTarget: true)?.FullName ?? target;
        }

        return Path.Combine(IsWritable(Locks) ? Locks : Path.GetTempPath(), $"robotrl-guard{target.Replace('/', '-')}.lock");
    }

    /// <summary>Waits for a guardian that still works, and takes its place.</summary>
    /// <exception cref="TransportException">It does not end.</exception>
    public static FileStream Take(string port)
    {
        string path = PathOf(port);
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return Open(path);
            }
            catch (UnauthorizedAccessException error)
            {
                throw new TransportException(
                    port,
                    $"Port {port}: user {Environment.UserName} may not open its lock {path}, which another user's run left "
                        + $"there. Run as that user, or remove the file where no robotrl drives this bus.",
                    error
                );
            }
            catch (IOException error)
            {
                if (Stopwatch.GetElapsedTime(start) > Patience)
                {
                    throw new TransportException(
                        port,
                        $"Port {port}: the guardian of another run still holds its lock{SerialPorts.Taker(path)}. End the "
                            + $"robotrl that drives this bus, then try again (the lock is {path}).",
                        error
                    );
                }
            }

            MonotonicClock.SleepUntil(MonotonicClock.NowNs + (Pause.Ticks * 100));
        }
    }

    /// <summary>Made for every user, and opened without making it where it is there: kernels refuse that in a shared folder.</summary>
    private static FileStream Open(string path)
    {
        if (File.Exists(path))
        {
            return new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }

        FileStream made = new(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(made.SafeFileHandle, EveryUser);
        }

        return made;
    }

    private static bool IsWritable(string directory) => Directory.Exists(directory) && Access(directory, WriteAndSearch) == 0;

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(string path, int mode);
}
