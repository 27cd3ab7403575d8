namespace RobotRl.Runtime.Control;

/// <summary>What can be asked of a running session.</summary>
public enum ControlCommand
{
    /// <summary>Its state now.</summary>
    Status,

    /// <summary>Arm.</summary>
    Arm,

    /// <summary>Controlled stop, checkpoint, end.</summary>
    Stop,

    /// <summary>Remove power at once, end.</summary>
    PowerOff,

    /// <summary>The operator gives a sign of life.</summary>
    Beat,

    /// <summary>All is in place for the next episode.</summary>
    Ready,
}
