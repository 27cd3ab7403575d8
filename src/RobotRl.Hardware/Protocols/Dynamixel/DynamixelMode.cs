namespace RobotRl.Hardware.Protocols.Dynamixel;

/// <summary>Operating modes of X-series servos (ROBOTIS e-manual, "Operating Mode(11)").</summary>
public enum DynamixelMode : byte
{
    /// <summary>Current goal (XL330).</summary>
    Current = 0,

    /// <summary>Velocity goal, endless turns.</summary>
    Velocity = 1,

    /// <summary>Position goal within one turn.</summary>
    Position = 3,

    /// <summary>Position goal over 512 turns.</summary>
    ExtendedPosition = 4,

    /// <summary>Position goal with the current held to the current goal (XL330).</summary>
    CurrentBasedPosition = 5,

    /// <summary>Voltage on the motor.</summary>
    Pwm = 16,
}
