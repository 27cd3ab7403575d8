namespace RobotRl.Hil.Pendulum;

/// <summary>What the firmware promises (firmware/board.h); a test compares it with what the device reports.</summary>
public static class FirmwareFacts
{
    /// <summary>It looks at the command timeout this often.</summary>
    public static TimeSpan CheckPeriod { get; } = TimeSpan.FromMilliseconds(1);

    /// <summary>Period of the motor's PWM.</summary>
    public static TimeSpan PwmPeriod { get; } = TimeSpan.FromMicroseconds(63);

    /// <summary>Time of the hardware watchdog: 8,192 cycles of its own 128 kHz. A real one is off by 10% either way.</summary>
    public static TimeSpan Watchdog { get; } = TimeSpan.FromMilliseconds(64);
}
