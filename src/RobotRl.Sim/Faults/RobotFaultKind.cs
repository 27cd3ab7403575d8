namespace RobotRl.Sim.Faults;

/// <summary>What can go wrong with a <see cref="FaultyRobot"/>.</summary>
public enum RobotFaultKind
{
    /// <summary>No new readings come: Read says NotFresh and the age grows.</summary>
    StaleReadings,

    /// <summary>Readings come as usual, all of their values NaN.</summary>
    NaNReadings,

    /// <summary>Readings come <see cref="RobotFault.DelaySteps"/> late, with the age that this makes.</summary>
    DelayedReadings,

    /// <summary>Read and Write say LinkLost; stops are executed by the device's own watchdog but never confirmed.</summary>
    LinkLost,

    /// <summary>The device faults by itself, and its fault cannot be cleared until this is over.</summary>
    DeviceError,

    /// <summary>Stops are executed, their read-back fails.</summary>
    StopUnconfirmed,
}
