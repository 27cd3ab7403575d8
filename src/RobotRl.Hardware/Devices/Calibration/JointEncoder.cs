namespace RobotRl.Hardware.Devices.Calibration;

/// <summary>
/// One joint's encoder at work: finds its turn once, follows it over the wrap, and converts both ways. Does not allocate. One
/// thread.
/// </summary>
/// <param name="calibration">Zero, direction, gear and range.</param>
/// <param name="wraps">Whether the register goes round from the last tick of a turn to the first; false where it counts on.</param>
public sealed class JointEncoder(JointCalibration calibration, bool wraps)
{
    private readonly double _radPerTick = calibration.RadPerTick;
    private long _turns;
    private int _last;

    /// <summary>Turns of the encoder between its register's own count and the calibration's.</summary>
    internal long Turns => _turns;

    /// <summary>
    /// Decides, from the first reading after power was away, which turn the encoder is in: the one nearest the middle of the
    /// range (Absolute) or the home mark (Homing). False where the joint is not at its home mark; <paramref name="angleRad"/> is
    /// where it seems to be.
    /// </summary>
    public bool TryFindTurn(int ticks, out double angleRad)
    {
        bool homing = calibration.Method == CalibrationMethod.Homing;
        double near = homing ? calibration.HomeRad : (calibration.LeastRad + calibration.GreatestRad) / 2;
        _turns = (long)Math.Round((calibration.Ticks(near) - ticks) / calibration.TicksPerTurn);
        _last = ticks;
        angleRad = Angle(ticks);
        return !homing || Math.Abs(angleRad - calibration.HomeRad) <= calibration.HomeToleranceRad;
    }

    /// <summary>
    /// Angle of the joint, rad, at a reading of <paramref name="ticks"/>; readings must be less than half a turn apart where the
    /// encoder wraps.
    /// </summary>
    public double Read(int ticks)
    {
        if (wraps)
        {
            int step = ticks - _last,
                half = calibration.TicksPerTurn / 2;
            _turns +=
                step > half ? -1
                : step < -half ? 1
                : 0;
        }

        _last = ticks;
        return Angle(ticks);
    }

    /// <summary>
    /// The register began its count anew: it holds <paramref name="ticks"/> now, less than half a turn from where the joint was
    /// at the last reading.
    /// </summary>
    public void Rebase(int ticks)
    {
        _turns += (long)Math.Round((_last - ticks) / (double)calibration.TicksPerTurn);
        _last = ticks;
    }

    /// <summary>Velocity of the joint, rad/s, where the encoder turns at <paramref name="encoderRadPerSecond"/>.</summary>
    public double Velocity(double encoderRadPerSecond) => encoderRadPerSecond * calibration.Direction / calibration.GearRatio;

    /// <summary>Velocity of the encoder, rad/s, for one of the joint.</summary>
    public double EncoderVelocity(double radPerSecond) => radPerSecond * calibration.Direction * calibration.GearRatio;

    /// <summary>Ticks, in the register's own count, of an angle of the joint; rounded to the nearest.</summary>
    public int Goal(double angleRad) =>
        (int)Math.Clamp(Math.Round(calibration.Ticks(angleRad) - ((double)_turns * calibration.TicksPerTurn)), int.MinValue, int.MaxValue);

    /// <summary>
    /// Angle of the joint, rad, at <paramref name="ticks"/> in the register's own count, if it is in the turn of the last
    /// reading.
    /// </summary>
    internal double Angle(int ticks) =>
        calibration.OffsetRad + ((ticks + (_turns * calibration.TicksPerTurn) - calibration.ZeroTicks) * _radPerTick);
}
