namespace RobotRl.Runtime.Safety;

/// <summary>When a fault that was met ends.</summary>
public enum ClearRule : byte
{
    /// <summary>As soon as its condition does.</summary>
    WhenConditionClears,

    /// <summary>When the robot is armed again and the condition is gone.</summary>
    OnRearm,

    /// <summary>Not before the process ends.</summary>
    Never,
}
