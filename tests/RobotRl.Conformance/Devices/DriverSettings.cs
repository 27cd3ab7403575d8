using RobotRl.Hardware.Devices;

namespace RobotRl.Conformance.Devices;

/// <summary>Drivers under a suite that commands now and then, on a machine that may pause.</summary>
internal static class DriverSettings
{
    /// <summary>Commands and answers may stay away for long.</summary>
    public static DriverOptions Patient(TimeSpan controlPeriod) =>
        new()
        {
            CommandLossStop = 10_000 * controlPeriod,
            LinkLossAfter = 1_000 * controlPeriod,
            FifoPriority = 0,
        };
}
