namespace RobotRl.Hardware.Protocols.Dynamixel;

/// <summary>Register "Hardware Error Status" (70) of X-series servos. Latched until a reboot.</summary>
[Flags]
public enum DynamixelHardwareErrors : byte
{
    /// <summary>Nothing is wrong.</summary>
    None = 0,

    /// <summary>Supply voltage out of the range that is set.</summary>
    InputVoltage = 1,

    /// <summary>Hall sensor of the motor.</summary>
    HallSensor = 2,

    /// <summary>Hotter than the limit that is set.</summary>
    Overheating = 4,

    /// <summary>The encoder gives no position.</summary>
    Encoder = 8,

    /// <summary>Electrical shock, or not enough power for the motor.</summary>
    ElectricalShock = 16,

    /// <summary>More load than the motor bears, for too long.</summary>
    Overload = 32,
}
