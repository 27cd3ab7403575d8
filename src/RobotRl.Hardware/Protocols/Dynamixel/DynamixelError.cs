namespace RobotRl.Hardware.Protocols.Dynamixel;

/// <summary>
/// Bits 0 to 6 of a status packet's error byte: what was wrong with the request (ROBOTIS e-manual, "Status Packet: Error").
/// </summary>
public enum DynamixelError : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The servo could not do it.</summary>
    ResultFail = 1,

    /// <summary>An instruction that it does not know.</summary>
    Instruction = 2,

    /// <summary>The request's checksum was wrong.</summary>
    Crc = 3,

    /// <summary>A value out of the register's range.</summary>
    DataRange = 4,

    /// <summary>Fewer bytes than the register has.</summary>
    DataLength = 5,

    /// <summary>A value beyond the limit that is set in another register.</summary>
    DataLimit = 6,

    /// <summary>
    /// A register that can be neither read nor written, or not now: a protected one under torque, a goal after the bus watchdog.
    /// </summary>
    Access = 7,
}
