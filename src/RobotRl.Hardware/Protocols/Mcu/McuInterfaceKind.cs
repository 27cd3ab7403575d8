namespace RobotRl.Hardware.Protocols.Mcu;

/// <summary>What an interface of a device measures or moves.</summary>
public enum McuInterfaceKind : byte
{
    /// <summary>Position, rad or m.</summary>
    Position = 0,

    /// <summary>Velocity, rad/s or m/s.</summary>
    Velocity = 1,

    /// <summary>Torque or force, N m or N.</summary>
    Effort = 2,

    /// <summary>Current, A.</summary>
    Current = 3,

    /// <summary>Voltage, V.</summary>
    Voltage = 4,

    /// <summary>Temperature, degrees Celsius.</summary>
    Temperature = 5,
}
