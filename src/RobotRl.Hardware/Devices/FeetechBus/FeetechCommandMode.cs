namespace RobotRl.Hardware.Devices.FeetechBus;

/// <summary>How a servo is commanded.</summary>
public enum FeetechCommandMode
{
    /// <summary>By position, within one turn.</summary>
    Position,

    /// <summary>By velocity, endless turns.</summary>
    Velocity,
}
