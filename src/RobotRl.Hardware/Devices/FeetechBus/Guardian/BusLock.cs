using System.Diagnostics;
using RobotRl.Hardware.Timing;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Devices.FeetechBus.Guardian;

/// <summary>The lock that a guardian holds as long as it lives: no runtime starts on a bus whose servos are being stopped.</summary>
internal static class BusLock
{
    /// <summary>Longer than a guardian needs to stop a bus.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4), Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>The file of a port; links to the same port have the same one.</summary>
    public static string PathOf(string port)
    {
        string target = Path.GetFullPath(port);
        if (File.Exists(port))
        {
            target = File.ResolveLinkTarget(port, returnFinalTarget: true)?.FullName ?? target;
        }

        return Path.Combine(Path.GetTempPath(), $"robotrl-guard{target.Replace('/', '-')}.lock");
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
                return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                if (Stopwatch.GetElapsedTime(start) > Patience || error is UnauthorizedAccessException)
                {
                    throw new TransportException(port, $"Port {port}: another guardian holds {path} ({error.Message}). End the runtime that it belongs to, then try again.", error);
                }
            }

            MonotonicClock.SleepUntil(MonotonicClock.NowNs + (Pause.Ticks * 100));
        }
    }
}
