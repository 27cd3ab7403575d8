namespace RobotRl.Hardware.Protocols.Mcu;

/// <summary>Why a device refuses a request.</summary>
public enum McuRefusal : byte
{
    /// <summary>It does not.</summary>
    None = 0,

    /// <summary>It speaks another version of the protocol.</summary>
    ProtocolVersion = 1,

    /// <summary>The command timeout is out of the range of its capabilities.</summary>
    CommandTimeout = 2,

    /// <summary>A command while it is not powered.</summary>
    NotPowered = 3,

    /// <summary>It has a fault; clear it first.</summary>
    Faulted = 4,

    /// <summary>A command out of the range of its interface.</summary>
    CommandRange = 5,

    /// <summary>It has no interface of that index.</summary>
    NoSuchInterface = 6,

    /// <summary>A command that is not newer than the last accepted one.</summary>
    OldSequence = 7,
}
