using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices;

namespace RobotRl.Runtime.Loops;

/// <summary>What a robot's driver has to say of itself; nothing where it has none.</summary>
internal static class DriverReport
{
    /// <summary>Why its thread has no real-time priority.</summary>
    public static IEnumerable<string> Warnings(IRobot robot) =>
        (robot as DeviceDriver)?.SchedulingProblem is { } problem ? [$"Driver of {robot.Description.Name}: {problem}"] : [];

    /// <summary>What it missed and made good, as one line.</summary>
    public static IEnumerable<string> Counters(IRobot robot) =>
        robot is DeviceDriver { Counters: var counted }
            ?
            [
                $"Driver: {counted.Cycles} cycles, {counted.MissedCycles} too late, {counted.MissedReplies} replies missed, "
                    + $"{counted.HeldCycles} held for want of a command, {counted.Reconnections} reconnections.",
            ]
            : [];
}
