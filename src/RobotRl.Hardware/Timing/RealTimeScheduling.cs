using System.Runtime.InteropServices;

namespace RobotRl.Hardware.Timing;

/// <summary>Asks the kernel to run the calling thread before others, and says where it is not permitted.</summary>
public static class RealTimeScheduling
{
    /// <summary>
    /// Gives the calling thread SCHED_FIFO at <paramref name="priority"/> (1 to 99). Returns null on success, else one sentence
    /// that says why not and what to do; the thread then goes on as it was.
    /// </summary>
    public static unsafe string? TryUseFifo(int priority)
    {
        if (!OperatingSystem.IsLinux())
        {
            return "Real-time scheduling is used on Linux only; the thread runs at normal priority.";
        }

        if (Libc.SetScheduler(0, Libc.SchedulerFifo, &priority) == 0)
        {
            return null;
        }

        return $"SCHED_FIFO priority {priority} was refused ({Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}); the "
            + $"thread runs at normal "
            + "priority. Give the user LimitRTPRIO (systemd) or an rtprio line in /etc/security/limits.conf, or ask for none "
            + "(Loop:FifoPriority=0, Driver:FifoPriority=0).";
    }

    /// <summary>
    /// Ties the calling thread to the processors in <paramref name="mask"/> (bit n: processor n). Null on success, else why not.
    /// </summary>
    public static unsafe string? TryUseProcessors(ulong mask)
    {
        if (!OperatingSystem.IsLinux())
        {
            return "Processor affinity is used on Linux only.";
        }

        return Libc.SetAffinity(0, sizeof(ulong), &mask) == 0
            ? null
            : $"Affinity mask 0x{mask:x} was refused ({Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}). Name "
                + $"processors that exist in Loop:Processors.";
    }
}
