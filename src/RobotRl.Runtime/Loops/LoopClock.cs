namespace RobotRl.Runtime.Loops;

/// <summary>The clock that a run goes by.</summary>
public enum LoopClock
{
    /// <summary>One fixed order of steps, updates and swaps, as fast as the machine can; simulators only.</summary>
    Lockstep,

    /// <summary>An absolute grid of wall time, four threads: robots, rigs, and simulators that stand in for them.</summary>
    RealTime,
}
