namespace RobotRl.Hardware.Protocols.Feetech;

/// <summary>Operating modes of STS servos (Feetech, STS3215 memory table, address 33).</summary>
public enum FeetechMode : byte
{
    /// <summary>Position goal.</summary>
    Position = 0,

    /// <summary>Velocity goal, endless turns.</summary>
    Velocity = 1,

    /// <summary>Voltage on the motor.</summary>
    Pwm = 2,

    /// <summary>Position goal relative to the position.</summary>
    Step = 3,
}
