namespace RobotRl.Runtime.Admission;

/// <summary>Why the champion should act again.</summary>
public enum RollbackReason
{
    /// <summary>It should not.</summary>
    None,

    /// <summary>Returns fell against the champion's, and the statistical test says so.</summary>
    ReturnDrop,

    /// <summary>The safety gate changes far more commands than under the champion.</summary>
    GateSpike,
}
