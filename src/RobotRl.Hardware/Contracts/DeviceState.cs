namespace RobotRl.Hardware.Contracts;

/// <summary>
/// A device's lifecycle: Closed to Readable to Powered and back, or to Faulted. Every transition may be repeated harmlessly.
/// </summary>
public enum DeviceState
{
    /// <summary>No connection.</summary>
    Closed,

    /// <summary>Sensors can be read; actuators carry no power.</summary>
    Readable,

    /// <summary>Commands move the robot. The only state that accepts them.</summary>
    Powered,

    /// <summary>The device failed or was stopped; it stays unpowered until <see cref="IRobot.ClearFault"/>.</summary>
    Faulted,
}
