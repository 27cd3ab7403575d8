namespace RobotRl.Hardware.Devices.DynamixelBus;

/// <summary>What a servo is commanded by.</summary>
public enum DynamixelCommandMode
{
    /// <summary>Position; the servo's own loop follows it.</summary>
    Position,

    /// <summary>Velocity.</summary>
    Velocity,

    /// <summary>Motor current, or torque where <see cref="DynamixelServoOptions.TorqueConstant"/> is set.</summary>
    Current,
}
