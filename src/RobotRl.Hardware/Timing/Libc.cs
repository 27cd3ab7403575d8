using System.Runtime.InteropServices;

namespace RobotRl.Hardware.Timing;

/// <summary>The few calls of Linux's C library that real time needs. Blittable, so that no call allocates.</summary>
internal static partial class Libc
{
    public const int ClockMonotonic = 1,
        TimerAbsolute = 1,
        Interrupted = 4;
    public const int SchedulerOther = 0,
        SchedulerFifo = 1;

    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "clock_nanosleep")]
    public static unsafe partial int ClockNanosleep(int clock, int flags, TimeSpec* until, TimeSpec* remaining);

    [LibraryImport("libc", EntryPoint = "sched_setscheduler", SetLastError = true)]
    public static unsafe partial int SetScheduler(int thread, int policy, int* priority);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    public static unsafe partial int SetAffinity(int thread, nuint size, ulong* mask);
}
