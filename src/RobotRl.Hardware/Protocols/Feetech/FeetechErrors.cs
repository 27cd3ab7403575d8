namespace RobotRl.Hardware.Protocols.Feetech;

/// <summary>Error byte of an answer and register "Status" (65) of STS servos (Feetech, STS3215 memory table).</summary>
[Flags]
public enum FeetechErrors : byte
{
    /// <summary>Nothing is wrong.</summary>
    None = 0,

    /// <summary>Supply voltage out of the range that is set.</summary>
    Voltage = 1,

    /// <summary>The magnetic encoder gives no position.</summary>
    Sensor = 2,

    /// <summary>Hotter than the limit that is set.</summary>
    Overheating = 4,

    /// <summary>More current than the limit that is set, for too long.</summary>
    Current = 8,

    /// <summary>An angle out of range.</summary>
    Angle = 16,

    /// <summary>More load than the motor bears, for too long.</summary>
    Overload = 32,
}
