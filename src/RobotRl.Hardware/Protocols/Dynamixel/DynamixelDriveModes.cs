namespace RobotRl.Hardware.Protocols.Dynamixel;

/// <summary>Register "Drive Mode" (10) of X-series servos. It is kept without power.</summary>
[Flags]
public enum DynamixelDriveModes : byte
{
    /// <summary>Positions grow counterclockwise, profiles are by velocity, only register 64 switches torque on.</summary>
    None = 0,

    /// <summary>The direction is turned round: positions grow clockwise. The homing offset keeps its sign.</summary>
    Reverse = 1,

    /// <summary>Registers 108 and 112 are times instead of an acceleration and a velocity.</summary>
    TimeBasedProfile = 4,

    /// <summary>A goal switches torque on.</summary>
    TorqueOnByGoal = 8,
}
