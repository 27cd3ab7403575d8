using System.Globalization;
using RobotRl.Hardware.Devices.Calibration;
using RobotRl.Runtime.Composition;

namespace RobotRl.Runtime.Commands.Calibrate;

/// <summary>What the command line asks for, by joint.</summary>
internal sealed class CalibrationPlan
{
    private const string All = "all";

    private readonly SortedDictionary<string, JointPlan> _joints = new(StringComparer.Ordinal);

    private CalibrationPlan() { }

    /// <summary>Whether nobody is to be asked: at least one pose was stated.</summary>
    public bool Silent => _joints.Values.Any(j => j.MarkRad is not null);

    /// <summary>The joints that are to be calibrated, by name.</summary>
    public IReadOnlyDictionary<string, JointPlan> Joints => _joints;

    /// <summary>Reads the command line for a device with <paramref name="joints"/>.</summary>
    /// <param name="joints">What the device has.</param>
    /// <param name="only">Joints named by themselves; none for every one.</param>
    /// <param name="marks">Each <c>JOINT=RAD</c>.</param>
    /// <param name="ranges">Each <c>JOINT=MIN..MAX</c>.</param>
    /// <param name="gears">Each <c>JOINT=RATIO</c>.</param>
    /// <param name="inverted">Each a joint.</param>
    /// <exception cref="BadInputException">Something is no joint or no number; the message says which and what is allowed.</exception>
    public static CalibrationPlan Parse(
        IReadOnlyList<CalibrationJoint> joints,
        IEnumerable<string> only,
        IEnumerable<string> marks,
        IEnumerable<string> ranges,
        IEnumerable<string> gears,
        IEnumerable<string> inverted
    )
    {
        var plan = new CalibrationPlan();
        foreach (string text in marks)
        {
            (string joint, string value) = Split("--mark", text);
            double angle = Number("--mark", text, value);
            plan.Each("--mark", joint, joints, j => j.MarkRad = angle);
        }

        foreach (string text in ranges)
        {
            (string joint, string value) = Split("--range", text);
            string[] ends = value.Split("..");
            (double, double) range =
                ends.Length == 2
                    ? (Number("--range", text, ends[0]), Number("--range", text, ends[1]))
                    : throw new BadInputException($"--range {text}: expected JOINT=MIN..MAX, such as elbow=-1.5..1.5 (rad).");
            plan.Each("--range", joint, joints, j => j.RangeRad = range);
        }

        foreach (string text in gears)
        {
            (string joint, string value) = Split("--gear", text);
            double ratio = Number("--gear", text, value);
            plan.Each("--gear", joint, joints, j => j.GearRatio = ratio);
        }

        foreach (string joint in inverted)
        {
            plan.Each("--invert", joint, joints, j => j.Inverted = true);
        }

        bool silent = plan.Silent;
        foreach (string joint in only)
        {
            plan.Each("--joint", joint, joints, _ => { });
        }

        if (!silent && !only.Any())
        {
            plan.Each("--joint", All, joints, _ => { });
        }

        foreach ((string name, JointPlan joint) in plan._joints.Where(_ => silent))
        {
            if (joint.MarkRad is null)
            {
                throw new BadInputException(
                    $"Joint {name}: no pose is stated. Add --mark {name}=RAD, or leave every --mark out to be asked."
                );
            }
        }

        return plan;
    }

    private void Each(string option, string name, IReadOnlyList<CalibrationJoint> joints, Action<JointPlan> change)
    {
        string[] names = name == All ? [.. joints.Select(j => j.Name)] : [name];
        foreach (string joint in names)
        {
            if (!joints.Any(j => j.Name == joint))
            {
                throw new BadInputException(
                    $"{option}: there is no joint \"{joint}\"; allowed: {string.Join(", ", joints.Select(j => j.Name))}, or all."
                );
            }

            change(_joints.TryGetValue(joint, out JointPlan? plan) ? plan : _joints[joint] = new JointPlan());
        }
    }

    private static (string Joint, string Value) Split(string option, string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0
            ? (text[..equals].Trim(), text[(equals + 1)..].Trim())
            : throw new BadInputException($"{option} {text}: expected JOINT=VALUE, such as elbow=0.");
    }

    private static double Number(string option, string text, string value) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? number
            : throw new BadInputException($"{option} {text}: \"{value}\" is no number.");
}
