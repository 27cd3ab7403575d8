namespace RobotRl.Hardware.Protocols.Dynamixel;

/// <summary>Instructions of the Dynamixel protocol 2.0 that are used here (ROBOTIS e-manual, "Instruction").</summary>
public enum DynamixelInstruction : byte
{
    /// <summary>None; no packet carries it.</summary>
    None = 0,

    /// <summary>Asks for model number and firmware version.</summary>
    Ping = 0x01,

    /// <summary>Reads registers of one servo.</summary>
    Read = 0x02,

    /// <summary>Writes registers of one servo.</summary>
    Write = 0x03,

    /// <summary>Restarts a servo; the only way to clear a hardware error.</summary>
    Reboot = 0x08,

    /// <summary>A servo's answer.</summary>
    Status = 0x55,

    /// <summary>Reads the same registers of several servos; each answers in the order of the request.</summary>
    SyncRead = 0x82,

    /// <summary>Writes the same registers of several servos; nobody answers.</summary>
    SyncWrite = 0x83,

    /// <summary>Reads registers of several servos, other ones of each; each answers in the order of the request.</summary>
    BulkRead = 0x92,

    /// <summary>Writes registers of several servos, other ones of each; nobody answers.</summary>
    BulkWrite = 0x93,
}
