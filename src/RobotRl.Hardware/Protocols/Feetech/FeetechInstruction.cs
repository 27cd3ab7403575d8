namespace RobotRl.Hardware.Protocols.Feetech;

/// <summary>
/// Instructions of the Feetech STS/SMS protocol that are used here (Feetech, "Smart bus servo communication protocol manual").
/// </summary>
public enum FeetechInstruction : byte
{
    /// <summary>The place of an instruction holds the error byte of an answer.</summary>
    None = 0,

    /// <summary>Asks whether a servo is there.</summary>
    Ping = 0x01,

    /// <summary>Reads registers of one servo.</summary>
    Read = 0x02,

    /// <summary>Writes registers of one servo.</summary>
    Write = 0x03,

    /// <summary>Writes registers of one servo when <see cref="Action"/> comes.</summary>
    RegWrite = 0x04,

    /// <summary>Every servo does the write that it was given by <see cref="RegWrite"/>.</summary>
    Action = 0x05,

    /// <summary>Reads the same registers of several servos; each answers in the order of the request.</summary>
    SyncRead = 0x82,

    /// <summary>Writes the same registers of several servos; nobody answers.</summary>
    SyncWrite = 0x83,
}
