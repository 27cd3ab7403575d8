namespace RobotRl.Hardware.Devices;

/// <summary>What a driver missed and made good.</summary>
/// <param name="Cycles">Cycles made.</param>
/// <param name="MissedCycles">Cycles dropped because the thread was late.</param>
/// <param name="MissedReplies">Cycles without a whole reading in time.</param>
/// <param name="HeldCycles">Cycles in which the hold command was sent because the newest command was too old.</param>
/// <param name="Reconnections">Times that a lost link came back.</param>
public readonly record struct DriverCounters(long Cycles, long MissedCycles, long MissedReplies, long HeldCycles, long Reconnections);
