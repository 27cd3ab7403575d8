using System.Globalization;

namespace RobotRl.Hardware.Devices.Calibration;

/// <summary>Watches one joint while it is moved by hand without power, and makes its calibration of what it saw. One thread.</summary>
/// <param name="joint">The joint.</param>
public sealed class JointRecorder(CalibrationJoint joint)
{
    private long _now,
        _least,
        _greatest;
    private long? _marked;
    private double _markedRad;
    private int _last;
    private bool _seen;

    /// <summary>Travel seen so far, in turns of the encoder.</summary>
    public double Turns => (_greatest - _least) / (double)joint.TicksPerTurn;

    /// <summary>Whether a pose was marked.</summary>
    public bool IsMarked => _marked is not null;

    /// <summary>Takes a reading; readings must be less than half a turn apart where the encoder wraps.</summary>
    public void Observe(int ticks)
    {
        if (!_seen)
        {
            (_seen, _now, _least, _greatest) = (true, ticks, ticks, ticks);
        }
        else
        {
            int step = ticks - _last,
                half = joint.TicksPerTurn / 2;
            _now +=
                joint.Wraps && step > half ? step - joint.TicksPerTurn
                : joint.Wraps && step < -half ? step + joint.TicksPerTurn
                : step;
            (_least, _greatest) = (Math.Min(_least, _now), Math.Max(_greatest, _now));
        }

        _last = ticks;
    }

    /// <summary>The pose of the newest reading is <paramref name="angleRad"/> rad.</summary>
    /// <exception cref="InvalidOperationException">There is no reading yet.</exception>
    public void Mark(double angleRad)
    {
        if (!_seen)
        {
            throw new InvalidOperationException($"Joint {joint.Name}: no reading yet. Observe one first.");
        }

        (_marked, _markedRad) = (_now, angleRad);
    }

    /// <summary>
    /// The calibration: zero at the marked pose, range as far as the joint was moved less <paramref name="marginRad"/> at both
    /// ends.
    /// </summary>
    /// <param name="direction">1 where ticks grow with the angle, else -1.</param>
    /// <param name="gearRatio">Turns of the encoder for one turn of the joint.</param>
    /// <param name="marginRad">What is kept away from the ends, rad.</param>
    /// <remarks>Method Absolute where the range is less than a turn of the encoder, else Homing with the marked pose as home.</remarks>
    /// <exception cref="InvalidOperationException">No pose was marked, the joint was hardly moved, or was moved through a seam;
    /// the message says what to do.</exception>
    public JointCalibration Build(int direction, double gearRatio, double marginRad)
    {
        if (_marked is not { } zero)
        {
            throw new InvalidOperationException($"Joint {joint.Name}: no pose was marked. Put the joint to a known angle and mark it.");
        }

        var made = new JointCalibration
        {
            ZeroTicks = (int)zero,
            OffsetRad = _markedRad,
            Direction = direction,
            GearRatio = gearRatio,
            TicksPerTurn = joint.TicksPerTurn,
            HomeRad = _markedRad,
        };
        double one = made.AngleRad(_least),
            other = made.AngleRad(_greatest);
        (made.MinRad, made.MaxRad) = (Math.Min(one, other) + marginRad, Math.Max(one, other) - marginRad);
        if (made.MinRad >= made.MaxRad)
        {
            throw new InvalidOperationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Joint {joint.Name}: it was moved by {Math.Abs(other - one):0.###} rad only; the margin takes "
                        + $"{2 * marginRad:0.###} rad. Move it from end to end."
                )
            );
        }

        made.Method = made.MaxRad - made.MinRad <= made.TurnRad ? CalibrationMethod.Absolute : CalibrationMethod.Homing;
        string? problem = made.Validate($"Joint {joint.Name}").FirstOrDefault()
            ?? (joint.HasSeam ? made.SeamProblem($"Joint {joint.Name}") : null);
        return problem is null ? made : throw new InvalidOperationException(problem);
    }
}
