namespace RobotRl.Sim.Physics;

/// <summary>How an instance's episode ended in the last step of a <see cref="SimulationBatch"/>.</summary>
public enum BatchEnd : byte
{
    /// <summary>It goes on.</summary>
    None,

    /// <summary>The task's own end.</summary>
    Terminated,

    /// <summary>The time limit.</summary>
    Truncated,
}
