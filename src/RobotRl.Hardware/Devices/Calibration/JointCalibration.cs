using System.Globalization;
using System.Text.Json.Serialization;

namespace RobotRl.Hardware.Devices.Calibration;

/// <summary>
/// From an encoder's ticks to a joint's angle: <c>angle = OffsetRad + Direction (ticks - ZeroTicks) 2 pi / (TicksPerTurn GearRatio)</c>.
/// </summary>
public sealed record JointCalibration
{
    /// <summary>How the joint knows its turn. Default Absolute.</summary>
    public CalibrationMethod Method { get; set; } = CalibrationMethod.Absolute;

    /// <summary>Ticks at the pose that was marked. Default 2048: the middle of the first turn, where servo makers put 0 rad.</summary>
    public int ZeroTicks { get; set; } = 2048;

    /// <summary>Angle of the joint at that pose, rad. Default 0.</summary>
    public double OffsetRad { get; set; }

    /// <summary>1 where ticks grow with the angle, -1 where they fall. Default 1.</summary>
    public int Direction { get; set; } = 1;

    /// <summary>Turns of the encoder for one turn of the joint. Default 1: the encoder sits on the joint, as in servos.</summary>
    public double GearRatio { get; set; } = 1;

    /// <summary>Ticks of one turn of the encoder. Default 4096: X-series and STS servos.</summary>
    public int TicksPerTurn { get; set; } = 4096;

    /// <summary>Least angle that the joint may be commanded to, rad; null: what one turn of the encoder allows.</summary>
    public double? MinRad { get; set; }

    /// <summary>Greatest angle that the joint may be commanded to, rad; null: what one turn of the encoder allows.</summary>
    public double? MaxRad { get; set; }

    /// <summary>Angle at the home mark, rad, for <see cref="CalibrationMethod.Homing"/>. Default 0.</summary>
    public double HomeRad { get; set; }

    /// <summary>How far from its home mark the joint may be when it is opened, rad. Default 0.1.</summary>
    public double HomeToleranceRad { get; set; } = 0.1;

    /// <summary>
    /// Position offset that the servo kept when the joint was calibrated, ticks (Feetech register 31): it is part of every
    /// reading, so another one
    /// moves the zero. Default null: not recorded, and not compared. Dynamixel needs none, since its ticks here are without the
    /// homing offset.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? KeptOffset { get; set; }

    /// <summary>
    /// Phase that the servo kept when the joint was calibrated (Feetech register 18), which tells its direction and whether it
    /// counts turns. Default null: not recorded, and not compared.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? KeptPhase { get; set; }

    /// <summary>Radians of the joint for a tick, with its sign.</summary>
    internal double RadPerTick => Direction * 2 * Math.PI / (TicksPerTurn * GearRatio);

    /// <summary>Radians of the joint after which the encoder repeats.</summary>
    internal double TurnRad => 2 * Math.PI / GearRatio;

    /// <summary>Least angle, rad. Without one measured: that of the first or last tick of the turn.</summary>
    public double LeastRad => MinRad ?? Math.Min(AngleRad(0), AngleRad(TicksPerTurn - 1));

    /// <summary>Greatest angle, rad. Without one measured: that of the first or last tick of the turn.</summary>
    public double GreatestRad => MaxRad ?? Math.Max(AngleRad(0), AngleRad(TicksPerTurn - 1));

    /// <summary>Angle of the joint at <paramref name="ticks"/>, rad.</summary>
    public double AngleRad(double ticks) => OffsetRad + ((ticks - ZeroTicks) * RadPerTick);

    /// <summary>Ticks of an angle; not whole.</summary>
    public double Ticks(double angleRad) => ZeroTicks + ((angleRad - OffsetRad) / RadPerTick);

    /// <summary>
    /// What is wrong if the encoder's turn ends within the range, for a servo that cannot be commanded through that end; null if the
    /// range lies within one turn.
    /// </summary>
    /// <param name="path">What the sentence begins with, such as "Joint elbow".</param>
    public string? SeamProblem(string path)
    {
        // Ticks are rounded: the turn ends half a tick behind its last one.
        double least = Math.Min(Ticks(LeastRad), Ticks(GreatestRad)),
            greatest = Math.Max(Ticks(LeastRad), Ticks(GreatestRad));
        double end = (Math.Ceiling((least + 0.5) / TicksPerTurn) * TicksPerTurn) - 0.5;
        return end > least && end < greatest
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{path}: its range of {LeastRad:0.###} to {GreatestRad:0.###} rad goes through the end of the encoder's turn "
                    + $"at {AngleRad(end):0.###} rad (tick {TicksPerTurn - 1} to 0); allowed: a range within one turn, since this "
                    + $"servo cannot be moved through it. Turn the horn on the servo, or keep to one side of it, then calibrate the "
                    + $"joint again."
            )
            : null;
    }

    /// <summary>All problems of this calibration, one sentence each.</summary>
    public IEnumerable<string> Validate(string path)
    {
        bool sound = double.IsFinite(OffsetRad) && double.IsFinite(GearRatio) && GearRatio > 0 && TicksPerTurn > 1 && Direction is 1 or -1;
        if (!double.IsFinite(OffsetRad))
        {
            yield return FormattableString.Invariant($"{path}:OffsetRad is {OffsetRad} rad; allowed: finite. Calibrate the joint again.");
        }

        if (Direction is not (1 or -1))
        {
            yield return FormattableString.Invariant(
                $"{path}:Direction is {Direction}; allowed: 1 or -1. Set 1 where ticks grow with the angle, else -1."
            );
        }

        if (!(double.IsFinite(GearRatio) && GearRatio > 0))
        {
            yield return FormattableString.Invariant(
                $"{path}:GearRatio is {GearRatio}; allowed: finite and above 0. Set the encoder's turns for one turn of the joint."
            );
        }

        if (TicksPerTurn < 2)
        {
            yield return FormattableString.Invariant(
                $"{path}:TicksPerTurn is {TicksPerTurn}; allowed: 2 or more. Set what the encoder's data sheet says."
            );
        }

        if (!sound)
        {
            yield break;
        }

        if (!(LeastRad < GreatestRad && double.IsFinite(LeastRad) && double.IsFinite(GreatestRad)))
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{path}:MinRad is {LeastRad} rad and MaxRad is {GreatestRad} rad; allowed: finite, the first below the "
                    + $"second. Correct them."
            );
        }
        else if (Method == CalibrationMethod.Absolute && GreatestRad - LeastRad > TurnRad)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{path}: a range of {GreatestRad - LeastRad:0.###} rad; allowed for method Absolute: up to one turn of the "
                    + $"encoder ({TurnRad:0.###} rad). Use method Homing, or a smaller range."
            );
        }

        if (Method == CalibrationMethod.Homing && !(HomeToleranceRad > 0 && HomeToleranceRad < TurnRad / 2 && double.IsFinite(HomeRad)))
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{path}: HomeRad is {HomeRad} rad and HomeToleranceRad {HomeToleranceRad} rad; allowed: finite, and a "
                    + $"tolerance above 0 and below half a turn of the encoder ({TurnRad / 2:0.###} rad). Correct them."
            );
        }
    }
}
