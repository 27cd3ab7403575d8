using System.CommandLine;
using System.Globalization;
using RobotRl.Hardware.Devices.Calibration;
using RobotRl.Runtime.Commands.Calibrate;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Configuration;

namespace RobotRl.Runtime.Commands;

/// <summary><c>robotrl calibrate FILE</c>: zero, direction and range of each joint, found by moving it by hand. Powers nothing.</summary>
internal sealed class CalibrateCommand : Command
{
    // Ours, about 3 degrees: an end stop gives that much under load.
    private const double DefaultMarginRad = 0.05;

    private readonly CommandContext _context;
    private readonly Argument<string?> _file = CommandLineParts.File();
    private readonly Option<string[]> _set = CommandLineParts.Set();
    private readonly Option<string[]> _joint = Many(
        "--joint",
        "JOINT",
        "Only this joint; may be repeated. Without it every joint is asked for."
    );
    private readonly Option<string[]> _mark = Many(
        "--mark",
        "JOINT=RAD",
        "The joint (or all) is at this angle now: nobody is asked. May be repeated."
    );
    private readonly Option<string[]> _range = Many(
        "--range",
        "JOINT=MIN..MAX",
        "The joint's range in rad, instead of moving it through. May be repeated."
    );
    private readonly Option<string[]> _gear = Many(
        "--gear",
        "JOINT=RATIO",
        "Turns of the encoder for one turn of the joint. May be repeated."
    );
    private readonly Option<string[]> _invert = Many("--invert", "JOINT", "Ticks fall as this joint's angle grows. May be repeated.");
    private readonly Option<double> _margin = new("--margin")
    {
        HelpName = "RAD",
        Description = "What is kept away from the ends that a joint was moved to; 0.05 rad.",
        DefaultValueFactory = _ => DefaultMarginRad,
    };
    private readonly Option<double> _watch = new("--watch")
    {
        HelpName = "SECONDS",
        Description = "With --mark: how long to watch the joints being moved.",
    };
    private readonly Option<string?> _output = new("--output")
    {
        HelpName = "PATH",
        Description = "The calibration file; without it the one that the options name.",
    };

    public CalibrateCommand(CommandContext context)
        : base(
            "calibrate",
            "Find zero, direction and range of each joint by moving it by hand, and write the calibration file. Powers nothing."
        )
    {
        _context = context;
        Add(_file);
        foreach (Option option in (Option[])[_joint, _mark, _range, _gear, _invert, _margin, _watch, _output, _set])
        {
            Add(option);
        }

        SetAction(Run);
    }

    private int Run(ParseResult parsed)
    {
        double margin = parsed.GetValue(_margin),
            watch = parsed.GetValue(_watch);
        if (!(margin is >= 0 and <= 10 && watch is >= 0 and <= 3600))
        {
            throw new BadInputException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"--margin is {margin} rad and --watch {watch} s; allowed: 0 to 10 rad, 0 to 3600 s."
                )
            );
        }

        RobotRlOptions options = new OptionSources(parsed.GetValue(_file), parsed.GetValue(_set) ?? [], _context.Environment).Load();
        CalibrationTarget target = _context.Robots.Calibration(options.Robot);
        using ICalibratable device = target.Device;
        string path = parsed.GetValue(_output)
            ?? target.File
            ?? throw new BadInputException($"No calibration file is named. Set {target.FileKey}, or add --output PATH.");
        CalibrationFile.RequireFile(path);
        CalibrationPlan plan = CalibrationPlan.Parse(
            device.Joints,
            parsed.GetValue(_joint) ?? [],
            parsed.GetValue(_mark) ?? [],
            parsed.GetValue(_range) ?? [],
            parsed.GetValue(_gear) ?? [],
            parsed.GetValue(_invert) ?? []
        );
        device.ConnectUnpowered();
        _context.Error.WriteLine($"{target.Kind}: {device.Joints.Count} joints answer, their torque is off. Hold the arm: it may fall.");
        CalibrationFile file = Existing(path, target.Kind);
        using (var observer = new JointObserver(device))
        {
            if (plan.Silent && watch > 0)
            {
                Watch(observer, device, plan, watch);
            }

            var dialogue = new CalibrationDialogue(device, observer, margin, Console.In, _context.Error);
            for (int i = 0; i < device.Joints.Count; i++)
            {
                if (plan.Joints.TryGetValue(device.Joints[i].Name, out JointPlan? joint))
                {
                    JointCalibration found =
                        plan.Silent && watch > 0 && joint.RangeRad is null
                            ? Watched(observer, device, i, joint, margin)
                            : dialogue.Ask(i, joint);
                    file.Joints[device.Joints[i].Name] = device.AddKept(i, found);
                }
            }
        }

        string? kept = Keep(path);
        file.Save(path);
        foreach ((string name, JointCalibration joint) in file.Joints)
        {
            _context.Output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name}: {joint.OffsetRad:0.####} rad at tick {joint.ZeroTicks}, ticks "
                        + $"{(joint.Direction > 0 ? "grow" : "fall")} with the angle, {joint.LeastRad:0.###} to "
                        + $"{joint.GreatestRad:0.###} rad, {joint.Method}"
                )
            );
        }

        string before = kept is null ? "" : $"; what was there before is {kept}",
            advice = target.File is null ? $" Set {target.FileKey} to it." : "";
        _context.Output.WriteLine($"Written to {path}{before}.{advice}");
        return ExitCode.Done;
    }

    /// <summary>Sets the file of before aside under a name that is free; null where there is none.</summary>
    private static string? Keep(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        string kept = path + ".before";
        for (int i = 2; File.Exists(kept); i++)
        {
            kept = string.Create(CultureInfo.InvariantCulture, $"{path}.before{i}");
        }

        File.Copy(path, kept);
        return kept;
    }

    private static CalibrationFile Existing(string path, string kind) =>
        File.Exists(path) ? CalibrationFile.Load(path, kind) : new CalibrationFile { Robot = kind };

    /// <summary>Marks the present pose, then leaves time to move the joints.</summary>
    private void Watch(JointObserver observer, ICalibratable device, CalibrationPlan plan, double seconds)
    {
        for (int i = 0; i < device.Joints.Count; i++)
        {
            if (plan.Joints.TryGetValue(device.Joints[i].Name, out JointPlan? joint) && joint.MarkRad is { } angle)
            {
                observer.Begin(i);
                observer.With(i, (recorder, _) =>
                {
                    recorder.Mark(angle);
                    return 0;
                });
            }
        }

        _context.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Move each joint from end to end within {seconds} s."));
        using var time = new ManualResetEventSlim();
        time.Wait(TimeSpan.FromSeconds(seconds));
    }

    private static JointCalibration Watched(JointObserver observer, ICalibratable device, int index, JointPlan plan, double margin)
    {
        JointCalibration before = device.Calibrations[index];
        int direction = plan.Inverted is { } inverted ? (inverted ? -1 : 1) : before.Direction;
        try
        {
            return observer.With(index, (recorder, _) => recorder.Build(direction, plan.GearRatio ?? before.GearRatio, margin));
        }
        catch (InvalidOperationException e)
        {
            throw new BadInputException(e.Message, e);
        }
    }

    private static Option<string[]> Many(string name, string help, string description) =>
        new(name)
        {
            HelpName = help,
            Description = description,
            DefaultValueFactory = _ => [],
        };
}
