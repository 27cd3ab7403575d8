namespace RobotRl.Hardware.Emulation;

/// <summary>What a servo's firmware asks of its motor.</summary>
internal enum ServoDrive
{
    /// <summary>Nothing: the joint is free but for friction.</summary>
    Off,

    /// <summary>Go to a position.</summary>
    Position,

    /// <summary>Turn at a speed.</summary>
    Velocity,

    /// <summary>Give a torque.</summary>
    Torque,

    /// <summary>Put a part of the supply on the motor.</summary>
    Voltage,
}
