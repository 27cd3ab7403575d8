namespace RobotRl.Hardware.Protocols.Mcu;

/// <summary>Types of messages of the MCU protocol. Bit 7 tells the device's from the host's.</summary>
public enum McuMessage : byte
{
    /// <summary>None; no frame carries it.</summary>
    None = 0,

    /// <summary>Host: asks who is there; <see cref="Capabilities"/> answers.</summary>
    Hello = 0x01,

    /// <summary>Host: asks for one interface; <see cref="Interface"/> answers.</summary>
    Describe = 0x02,

    /// <summary>Host: power on, with the command timeout.</summary>
    PowerOn = 0x03,

    /// <summary>Host: a command.</summary>
    Command = 0x04,

    /// <summary>Host: a reading without a command.</summary>
    Read = 0x05,

    /// <summary>Host: power off.</summary>
    PowerOff = 0x06,

    /// <summary>Host: forget a fault.</summary>
    ClearFault = 0x07,

    /// <summary>Device: what it is.</summary>
    Capabilities = 0x81,

    /// <summary>Device: one of its interfaces.</summary>
    Interface = 0x82,

    /// <summary>Device: a reading.</summary>
    State = 0x83,

    /// <summary>Device: no, and why.</summary>
    Refused = 0x84,
}
