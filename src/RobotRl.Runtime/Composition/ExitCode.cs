using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Composition;

/// <summary>What the process answers its caller.</summary>
public static class ExitCode
{
    /// <summary>Done, or stopped as the operator asked.</summary>
    public const int Done = 0;

    /// <summary>Failed while running.</summary>
    public const int Failed = 1;

    /// <summary>Bad input: one clear message, nothing touched.</summary>
    public const int BadInput = 2;

    /// <summary>Stopped by a failsafe.</summary>
    public const int Failsafe = 3;

    /// <summary>The code for the end of a session.</summary>
    public static int Of(RunEnd end) =>
        end switch
        {
            RunEnd.Done or RunEnd.Stopped => Done,
            RunEnd.Failsafe => Failsafe,
            _ => Failed,
        };
}
