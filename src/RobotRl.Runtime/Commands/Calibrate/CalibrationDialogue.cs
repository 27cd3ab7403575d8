using System.Globalization;
using System.Runtime.CompilerServices;
using RobotRl.Hardware.Devices.Calibration;
using RobotRl.Runtime.Composition;

namespace RobotRl.Runtime.Commands.Calibrate;

/// <summary>Takes one joint after the other through its calibration: by questions, or as the command line said.</summary>
/// <param name="device">Connected, unpowered.</param>
/// <param name="observer">Reads it.</param>
/// <param name="marginRad">What is kept away from the ends that a joint was moved to, rad.</param>
/// <param name="input">Answers.</param>
/// <param name="output">Questions.</param>
internal sealed class CalibrationDialogue(
    ICalibratable device,
    JointObserver observer,
    double marginRad,
    TextReader input,
    TextWriter output
)
{
    /// <summary>Turn of the encoder below which a movement is no answer to which way is positive.</summary>
    private const double LeastTurns = 0.01;

    /// <summary>Calibrates joint <paramref name="index"/> as <paramref name="plan"/> says, and asks for what it does not say.</summary>
    /// <exception cref="BadInputException">What was said or seen makes no calibration; the message says what to do.</exception>
    public JointCalibration Ask(int index, JointPlan plan)
    {
        CalibrationJoint joint = device.Joints[index];
        JointCalibration before = device.Calibrations[index];
        observer.Begin(index);
        double angle = plan.MarkRad ?? AskAngle(joint, index);
        int ticks = observer.With(index, (recorder, now) =>
        {
            recorder.Mark(angle);
            return now;
        });
        int direction =
            plan.Inverted is { } inverted ? (inverted ? -1 : 1)
            : plan.MarkRad is null ? AskDirection(joint, index, ticks)
            : before.Direction;
        double gear = plan.GearRatio ?? before.GearRatio;
        try
        {
            if (plan.RangeRad is { } range)
            {
                return Stated(joint, ticks, angle, direction, gear, range);
            }

            if (plan.MarkRad is null)
            {
                Say(CultureInfo.InvariantCulture, $"Joint {joint.Name}: move it by hand from one end to the other, then press Enter.");
                Answer();
            }

            return observer.With(index, (recorder, _) => recorder.Build(direction, gear, marginRad));
        }
        catch (InvalidOperationException e)
        {
            throw new BadInputException(
                plan.MarkRad is null
                    ? e.Message
                    : $"{e.Message} Or state its range: --range {joint.Name}=MIN..MAX; --watch SECONDS gives time to move it.",
                e
            );
        }
    }

    private static JointCalibration Stated(
        CalibrationJoint joint,
        int ticks,
        double angle,
        int direction,
        double gear,
        (double Minimum, double Maximum) range
    )
    {
        var made = new JointCalibration
        {
            ZeroTicks = ticks,
            OffsetRad = angle,
            HomeRad = angle,
            Direction = direction,
            GearRatio = gear,
            TicksPerTurn = joint.TicksPerTurn,
            MinRad = range.Minimum,
            MaxRad = range.Maximum,
        };
        made.Method = range.Maximum - range.Minimum <= 2 * Math.PI / gear ? CalibrationMethod.Absolute : CalibrationMethod.Homing;
        string path = $"Joint {joint.Name}";
        string? seam = joint.HasSeam ? made.SeamProblem(path) : null;
        string[] problems = [.. made.Validate(path), .. seam is null ? Array.Empty<string>() : [seam]];
        return problems.Length == 0 ? made : throw new BadInputException(string.Join(" ", problems));
    }

    private double AskAngle(CalibrationJoint joint, int index)
    {
        while (true)
        {
            Say(
                CultureInfo.InvariantCulture,
                $"Joint {joint.Name}: put it by hand to a pose whose angle you know, and type the angle in rad (Enter for 0). "
                    + $"It stands at tick {observer.With(index, (_, now) => now)}."
            );
            string text = Answer();
            if (text.Length == 0)
            {
                return 0;
            }

            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double angle) && double.IsFinite(angle))
            {
                return angle;
            }

            Say(CultureInfo.InvariantCulture, $"\"{text}\" is no number.");
        }
    }

    private int AskDirection(CalibrationJoint joint, int index, int from)
    {
        while (true)
        {
            Say(
                CultureInfo.InvariantCulture,
                $"Joint {joint.Name}: move it a little in its positive direction (less than half a turn), then press Enter."
            );
            Answer();
            int moved = observer.With(index, (_, now) => now) - from,
                turn = joint.TicksPerTurn;
            moved =
                joint.Wraps && moved > turn / 2 ? moved - turn
                : joint.Wraps && moved < -turn / 2 ? moved + turn
                : moved;
            if (Math.Abs(moved) >= LeastTurns * turn)
            {
                return Math.Sign(moved);
            }

            Say(
                CultureInfo.InvariantCulture,
                $"It moved by {moved} ticks only; at least {Math.Ceiling(LeastTurns * turn)} are needed to tell."
            );
        }
    }

    private void Say(
        IFormatProvider culture,
        [InterpolatedStringHandlerArgument(nameof(culture))] ref DefaultInterpolatedStringHandler text
    ) => output.WriteLine(text.ToStringAndClear());

    private string Answer() =>
        input.ReadLine()?.Trim()
        ?? throw new BadInputException("The input ended before the calibration was complete; nothing was written.");
}
