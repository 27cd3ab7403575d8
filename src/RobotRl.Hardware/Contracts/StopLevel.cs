namespace RobotRl.Hardware.Contracts;

/// <summary>How hard a robot is stopped, from mildest to hardest; a harder request overrides a milder one.</summary>
public enum StopLevel : byte
{
    /// <summary>No stop is asked for.</summary>
    None,

    /// <summary>
    /// Stay powered and cease motion: position keeps, velocity zero, effort the driver's damping, else <see cref="PowerOff"/>.
    /// </summary>
    Hold,

    /// <summary>Category 1: decelerate under power, then remove power.</summary>
    ControlledStop,

    /// <summary>Category 0: remove power at once.</summary>
    PowerOff,
}
