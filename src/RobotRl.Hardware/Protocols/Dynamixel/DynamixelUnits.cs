namespace RobotRl.Hardware.Protocols.Dynamixel;

/// <summary>
/// Raw register values of X-series servos to SI and back. Rounds to the nearest; what a register cannot hold becomes the
/// greatest that it can. A number that is not finite is refused: it must never become a goal.
/// </summary>
public static class DynamixelUnits
{
    /// <summary>Ticks of a turn (e-manual: 0.088 degrees each).</summary>
    public const int TicksPerTurn = 4096;

    /// <summary>Ticks at 0 rad: the middle of the first turn.</summary>
    public const int ZeroTicks = 2048;

    /// <summary>Radians of a tick.</summary>
    public const double RadPerTick = 2 * Math.PI / TicksPerTurn;

    /// <summary>Radians per second of a unit of velocity: 0.229 rev/min (e-manual), which is 0.22888 rounded.</summary>
    public const double RadPerSecondPerUnit = 0.22888 * 2 * Math.PI / 60;

    /// <summary>Amperes of a unit of current (XL330).</summary>
    public const double AmperesPerUnit = 0.001;

    /// <summary>Fraction of full PWM of a unit: 885 units are 100%.</summary>
    public const double PwmPerUnit = 1.0 / MaxPwm;

    /// <summary>Volts of a unit.</summary>
    public const double VoltsPerUnit = 0.1;

    /// <summary>Fraction of the greatest torque of a unit of load (XL430).</summary>
    public const double LoadPerUnit = 0.001;

    /// <summary>Full PWM in register units.</summary>
    public const int MaxPwm = 885;

    /// <summary>Greatest position goal of extended mode, ticks, either way.</summary>
    public const int MaxExtendedTicks = 1_048_575;

    /// <summary>Greatest homing offset, ticks, either way.</summary>
    public const int MaxHomingOffset = 1_044_479;

    /// <summary>Greatest homing offset that counts in mode Position, ticks, either way; a greater one is ignored there.</summary>
    public const int MaxHomingOffsetInPositionMode = 1024;

    /// <summary>Radians per second squared of a unit of profile acceleration: 214.577 rev/min^2.</summary>
    public const double RadPerSecondSquaredPerUnit = 214.577 * 2 * Math.PI / 3600;

    /// <summary>Time of a unit of the bus watchdog.</summary>
    public static readonly TimeSpan WatchdogUnit = TimeSpan.FromMilliseconds(20);

    /// <summary>Greatest value of the bus watchdog.</summary>
    public const int MaxWatchdog = 127;

    /// <summary>Value of the bus watchdog once it has struck.</summary>
    public const int WatchdogExpired = -1;

    /// <summary>Position in rad, 0 at tick 2048.</summary>
    public static double PositionRad(int ticks) => (ticks - ZeroTicks) * RadPerTick;

    /// <summary>Ticks of a position in rad.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not finite.</exception>
    public static int PositionTicks(double positionRad) => Saturate((positionRad / RadPerTick) + ZeroTicks, MaxExtendedTicks);

    /// <summary>
    /// The part of <paramref name="offset"/>, the homing offset (register 20), that counts in <paramref name="mode"/>, ticks
    /// (e-manual, "Homing Offset(20)").
    /// </summary>
    public static int HomingOffset(int offset, DynamixelMode mode) =>
        mode == DynamixelMode.Position && Math.Abs((long)offset) > MaxHomingOffsetInPositionMode ? 0 : offset;

    /// <summary>Velocity in rad/s.</summary>
    public static double VelocityRadPerSecond(int raw) => raw * RadPerSecondPerUnit;

    /// <summary>Register value of a velocity in rad/s.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not finite.</exception>
    public static int VelocityRaw(double radPerSecond) => Saturate(radPerSecond / RadPerSecondPerUnit, int.MaxValue);

    /// <summary>Current in A (XL330).</summary>
    public static double CurrentAmperes(int raw) => raw * AmperesPerUnit;

    /// <summary>Register value of a current in A.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not finite.</exception>
    public static int CurrentRaw(double amperes) => Saturate(amperes / AmperesPerUnit, short.MaxValue);

    /// <summary>Register value of a PWM, -1 to 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not finite.</exception>
    public static int PwmRaw(double fraction) => Saturate(fraction / PwmPerUnit, MaxPwm);

    /// <summary>Register value of the bus watchdog: the shortest time not below <paramref name="timeout"/>, at most 127 units.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above zero.</exception>
    public static int WatchdogRaw(TimeSpan timeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
        return (int)Math.Min(MaxWatchdog, (timeout.Ticks + WatchdogUnit.Ticks - 1) / WatchdogUnit.Ticks);
    }

    /// <summary>Bits per second of a code of register 8; 0 where there is no such code (e-manual, "Baud Rate(8)").</summary>
    public static int BaudRate(int code) =>
        code switch
        {
            0 => 9600,
            1 => 57_600,
            2 => 115_200,
            3 => 1_000_000,
            4 => 2_000_000,
            5 => 3_000_000,
            6 => 4_000_000,
            7 => 4_500_000,
            _ => 0,
        };

    private static int Saturate(double value, int greatest)
    {
        if (!double.IsFinite(value))
        {
            throw new ArgumentOutOfRangeException(nameof(value), value, "A register value must be finite.");
        }

        return (int)Math.Clamp(Math.Round(value), -greatest, greatest);
    }
}
