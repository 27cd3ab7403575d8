namespace RobotRl.Hardware.Protocols.Mcu;

/// <summary>Flags of a device's state. All but <see cref="Powered"/> are latched.</summary>
[Flags]
public enum McuStatus : ushort
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>It carries power.</summary>
    Powered = 1,

    /// <summary>Fault: no command came in time; it removed power by itself.</summary>
    CommandTimeout = 2,

    /// <summary>It started because its hardware watchdog struck.</summary>
    WatchdogReset = 4,

    /// <summary>It started after the supply had broken down.</summary>
    BrownOutReset = 8,

    /// <summary>Bytes were lost in its receiver.</summary>
    ReceiveOverrun = 16,

    /// <summary>Fault: too much current.</summary>
    OverCurrent = 32,

    /// <summary>Fault: supply out of range.</summary>
    SupplyRange = 64,

    /// <summary>Fault: a sensor gives nothing that could be true.</summary>
    Sensor = 128,

    /// <summary>Those that are faults: power stays off until they are cleared.</summary>
    Faults = CommandTimeout | OverCurrent | SupplyRange | Sensor,
}
