namespace RobotRl.Hardware.Protocols.Feetech;

/// <summary>
/// Raw register values of STS servos to SI and back. Rounds to the nearest; what a register cannot hold becomes the greatest
/// that it can. A number that is not finite is refused: it must never become a goal.
/// </summary>
public static class FeetechUnits
{
    /// <summary>Ticks of a turn.</summary>
    public const int TicksPerTurn = 4096;

    /// <summary>Ticks at 0 rad: the middle of the turn.</summary>
    public const int ZeroTicks = 2048;

    /// <summary>Radians of a tick.</summary>
    public const double RadPerTick = 2 * Math.PI / TicksPerTurn;

    /// <summary>Radians per second squared of a unit of acceleration: 100 ticks/s^2.</summary>
    public const double AccelerationPerUnit = 100 * RadPerTick;

    /// <summary>
    /// Ticks/s of a unit of velocity without <see cref="FeetechPhase.FineVelocity"/>, and of
    /// <see cref="FeetechTable.MaxVelocity"/>.
    /// </summary>
    public const int CoarseVelocity = 50;

    /// <summary>Fraction of full torque or voltage of a unit.</summary>
    public const double FractionPerUnit = 0.001;

    /// <summary>Volts of a unit.</summary>
    public const double VoltsPerUnit = 0.1;

    /// <summary>Amperes of a unit of current.</summary>
    public const double AmperesPerUnit = 0.0065;

    /// <summary>Full torque in register units.</summary>
    public const int MaxTorque = 1000;

    /// <summary>Greatest position, ticks, either way (sign-magnitude, bit 15).</summary>
    public const int MaxTicks = 32_767;

    /// <summary>Position in rad, 0 at tick 2048.</summary>
    public static double PositionRad(int ticks) => (ticks - ZeroTicks) * RadPerTick;

    /// <summary>Ticks of a position in rad.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not finite.</exception>
    public static int PositionTicks(double positionRad) => Saturate((positionRad / RadPerTick) + ZeroTicks, MaxTicks);

    /// <summary>Velocity in rad/s.</summary>
    public static double VelocityRadPerSecond(int raw) => raw * RadPerTick;

    /// <summary>Register value of a velocity in rad/s.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not finite.</exception>
    public static int VelocityRaw(double radPerSecond) => Saturate(radPerSecond / RadPerTick, MaxTicks);

    /// <summary>Register value of an acceleration in rad/s^2, at least 1 where it is above 0, since 0 means no limit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public static int AccelerationRaw(double radPerSecondSquared)
    {
        if (!(radPerSecondSquared >= 0 && double.IsFinite(radPerSecondSquared)))
        {
            throw new ArgumentOutOfRangeException(
                nameof(radPerSecondSquared),
                radPerSecondSquared,
                "An acceleration is 0 or above, and finite."
            );
        }

        return radPerSecondSquared == 0 ? 0 : (int)Math.Clamp(Math.Round(radPerSecondSquared / AccelerationPerUnit), 1, byte.MaxValue);
    }

    /// <summary>Register value of a torque limit, 0 to 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not within 0 to 1.</exception>
    public static int TorqueRaw(double fraction)
    {
        if (!(fraction >= 0 && fraction <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "A torque limit is 0 to 1.");
        }

        return (int)Math.Round(fraction * MaxTorque);
    }

    /// <summary>Bits per second of a code of register 6; 0 where there is no such code.</summary>
    public static int BaudRate(int code) =>
        code switch
        {
            0 => 1_000_000,
            1 => 500_000,
            2 => 250_000,
            3 => 128_000,
            4 => 115_200,
            5 => 76_800,
            6 => 57_600,
            7 => 38_400,
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
