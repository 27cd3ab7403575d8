using RobotRl.Hardware.Protocols.Mcu;

namespace RobotRl.Hardware.Devices.Mcu;

/// <summary>What a device's flags say, in words.</summary>
internal static class McuFaults
{
    private static readonly (McuStatus Flag, string Words)[] Meanings =
    [
        (McuStatus.CommandTimeout, "no command came in time, so it removed power by itself"),
        (McuStatus.OverCurrent, "too much motor current"),
        (McuStatus.SupplyRange, "motor supply out of range (is the emergency stop pressed?)"),
        (McuStatus.Sensor, "a sensor gives nothing that could be true, or the position has no reference yet (let the arm hang still)"),
        (McuStatus.WatchdogReset, "its hardware watchdog restarted it"),
        (McuStatus.BrownOutReset, "it restarted after its supply had broken down"),
    ];

    /// <summary>One sentence that names the device.</summary>
    public static string Describe(string device, McuStatus flags) =>
        $"Device {device} reports a fault: {string.Join("; ", Meanings.Where(m => (flags & m.Flag) != 0).Select(m => m.Words))}.";

    /// <summary>For a device that is without power although nobody removed it.</summary>
    public static string DescribeRestart(string device, McuStatus flags)
    {
        string why = string.Join("; ", Meanings.Where(m => (flags & m.Flag) != 0).Select(m => m.Words));
        return $"Device {device} is without power although nobody switched it off: {(why.Length > 0 ? why : "it was restarted")}.";
    }
}
