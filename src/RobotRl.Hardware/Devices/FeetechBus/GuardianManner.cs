namespace RobotRl.Hardware.Devices.FeetechBus;

/// <summary>How the guardian stops the servos.</summary>
public enum GuardianManner
{
    /// <summary>Each servo holds where it is, with lowered torque: an arm stays up or sinks slowly.</summary>
    LowerTorque,

    /// <summary>Torque off: an arm drops.</summary>
    TorqueOff,
}
