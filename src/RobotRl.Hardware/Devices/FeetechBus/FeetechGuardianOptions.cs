namespace RobotRl.Hardware.Devices.FeetechBus;

/// <summary>
/// The process that stops the servos where the runtime is dead or stands still; they have no command timeout of their own.
/// </summary>
public sealed record FeetechGuardianOptions
{
    /// <summary>Whether there is one. Default true. Without, servos of a runtime that died go on with what they were told last.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// Silence of the powered runtime after which the guardian acts. Default 100 ms: five periods at 50 Hz, and longer than a
    /// collection of the garbage collector that we measured beside a learner (26 ms).
    /// </summary>
    public TimeSpan HeartbeatTimeout { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>What it does. Default LowerTorque: torque off drops an arm.</summary>
    public GuardianManner Manner { get; set; } = GuardianManner.LowerTorque;

    /// <summary>
    /// Torque limit of LowerTorque, as a part of the stall torque; a servo whose own limit is lower keeps that. Default 0.3: 0.57
    /// N m of an STS3215, enough to hold an SO-101 folded, too little to press hard.
    /// </summary>
    public double LoweredTorque { get; set; } = 0.3;

    /// <summary>The program that is started with <c>guard ...</c>. Default null: this one.</summary>
    public string? Program { get; set; }

    /// <summary>All problems of these options for a robot of <paramref name="controlPeriod"/>, one sentence each.</summary>
    public IEnumerable<string> Validate(string path, TimeSpan controlPeriod)
    {
        if (HeartbeatTimeout < 2 * controlPeriod || HeartbeatTimeout > TimeSpan.FromSeconds(10))
        {
            yield return $"{path}:HeartbeatTimeout is {HeartbeatTimeout}; allowed: two control periods ({2 * controlPeriod}) to 00:00:10. "
                + $"Set it to about five control periods.";
        }

        if (!(LoweredTorque >= 0 && LoweredTorque <= 1))
        {
            yield return FormattableString.Invariant(
                $"{path}:LoweredTorque is {LoweredTorque}; allowed: 0 to 1. Set what holds the arm and no more."
            );
        }

        if (Enabled && !OperatingSystem.IsLinux())
        {
            yield return $"{path}:Enabled is true; the guardian works on Linux only. Set it to false, and know that servos of a dead "
                + $"runtime move on.";
        }
    }
}
