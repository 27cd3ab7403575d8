using System.Runtime.InteropServices;

namespace RobotRl.Hil.Pendulum;

/// <summary>Signals to a process that this one started.</summary>
internal static partial class Signals
{
    public const int Kill = 9,
        Continue = 18,
        Stop = 19;

    /// <summary>False where there is no such process.</summary>
    public static bool Send(int process, int signal) => SendSignal(process, signal) == 0;

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
