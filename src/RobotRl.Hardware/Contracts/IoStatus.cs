namespace RobotRl.Hardware.Contracts;

/// <summary>How a read or write of a control cycle went. Expected faults are values, never exceptions.</summary>
public enum IoStatus : byte
{
    /// <summary>It worked.</summary>
    Ok,

    /// <summary>There is no reading yet, or none newer than the last one read.</summary>
    NotFresh,

    /// <summary>The device is in a state that does not allow it; nothing was done.</summary>
    WrongState,

    /// <summary>The value was refused by the device (non-finite or outside its range); nothing was done.</summary>
    Refused,

    /// <summary>The device reports a fault of its own.</summary>
    DeviceFault,

    /// <summary>The connection is lost.</summary>
    LinkLost,
}
