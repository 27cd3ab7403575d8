namespace RobotRl.Runtime.Safety;

/// <summary>What a fault asks for, from mildest to hardest; each includes what is milder.</summary>
public enum FailsafeAction : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>No updates; the robot goes on with the policy it has.</summary>
    FreezeLearning,

    /// <summary>The champion acts instead of the newest policy; where there is none, <see cref="Hold"/>.</summary>
    FallbackPolicy,

    /// <summary>Motion ceases under power: position keeps, velocity zero, effort the driver's damping, else power off.</summary>
    Hold,

    /// <summary>Category 1: decelerate under power, then remove power.</summary>
    ControlledStop,

    /// <summary>Category 0: remove power at once.</summary>
    PowerOff,
}
