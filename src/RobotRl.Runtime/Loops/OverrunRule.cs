namespace RobotRl.Runtime.Loops;

/// <summary>What a real-time loop does after a tick that lasted past the next grid point. The grid itself never shifts.</summary>
public enum OverrunRule
{
    /// <summary>Skips to the next grid point that is still ahead; skipped points count as missed.</summary>
    SkipToNext,

    /// <summary>Runs the late tick at once, one for each grid point passed, until it has caught up.</summary>
    CatchUp,
}
