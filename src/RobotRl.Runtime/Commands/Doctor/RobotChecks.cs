using System.Globalization;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Safety;
using RobotRl.Hardware.Timing;
using RobotRl.Hardware.Transports;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Configuration;

namespace RobotRl.Runtime.Commands.Doctor;

/// <summary>Whether the robot opens and reads, and fits its task and limits. It is never powered here.</summary>
internal static class RobotChecks
{
    private const double EnoughFresh = 0.8;

    public static IEnumerable<CheckResult> All(CommandContext context, RobotRlOptions options)
    {
        try
        {
            string task = new RunPlanner(context).Resolve(options, learns: true).Name;
            return
            [
                new CheckResult("task and limits", CheckState.Ok, $"task {task} and all limits fit robot {options.Robot.Name}"),
                .. Limits(context, options),
                .. options
                    .Robot.Unused("Robot")
                    .Select(u => new CheckResult("options", CheckState.Advice, u, "Remove it, or leave it for later.")),
                .. Open(context, options),
            ];
        }
        catch (OptionsException e)
        {
            return [.. e.Problems.Select(p => new CheckResult("task and limits", CheckState.Missing, p, "Correct the options."))];
        }
    }

    private static CheckResult[] Limits(CommandContext context, RobotRlOptions options) =>
        new RunPlanner(context).Unlimited(options) is { } problem
            ? [new CheckResult("limits", CheckState.Missing, problem, "Neither train nor deploy moves it as it is.")]
            : [];

    /// <summary>Which joints are watched for following their commands, and how closely.</summary>
    private static CheckResult Following(RobotRlOptions options, RobotDescription robot)
    {
        var watch = new FollowWatch(robot, options.Safety, robot.ControlPeriod);
        string unwatched =
            watch.Unwatched.Count == 0
                ? ""
                : $"not watched, since an effort says nothing of where its joint should be: {string.Join(", ", watch.Unwatched)}";
        string watched = watch.Watched.Count == 0 ? "" : $"watched: {string.Join("; ", watch.Watched)}";
        return new CheckResult("following", CheckState.Ok, string.Join("; ", new[] { watched, unwatched }.Where(t => t.Length > 0)));
    }

    private static CheckResult[] Open(CommandContext context, RobotRlOptions options)
    {
        using IRobot robot = context.Robots.Create(options.Robot);
        (string name, RobotDescription described) = (options.Robot.Name, robot.Description);
        CheckResult following = Following(options, described);
        try
        {
            robot.Open();
            double[] state = new double[robot.Description.States.Length];
            ReadResult read = robot.Read(state);
            string values = string.Join(
                ", ",
                robot.Description.States.Select((s, i) => string.Create(CultureInfo.InvariantCulture, $"{s.Name} {state[i]:G4} {s.Unit}"))
            );
            CheckResult? timing = robot is ILockstepRobot ? null : Timing(robot, name);

            // Before it is closed: a closed device has nothing to say of itself.
            string? fault = robot.FaultReason;
            robot.Close();
            CheckResult opened =
                fault is not null
                    ? new CheckResult(
                        "robot",
                        CheckState.Missing,
                        $"{name} opens, but reports ({read.Status}): {fault}",
                        "Remove what it names, then ask the doctor again; it may be armed only then."
                    )
                : read.Status is IoStatus.Ok or IoStatus.NotFresh
                    ? new CheckResult("robot", CheckState.Ok, $"{name} opens and reads: {values}")
                : new CheckResult(
                    "robot",
                    CheckState.Missing,
                    $"{name} opens, but reading says {read.Status} and the device does not say why",
                    "Check its supply, its cable and its adapter."
                );
            return
            [
                following,
                opened,
                .. Ranges(context, options, described, robot.Description),
                .. timing is null ? [] : (CheckResult[])[timing],
            ];
        }
        catch (Exception e) when (e is RobotException or TransportException)
        {
            return [following, new CheckResult("robot", CheckState.Missing, e.Message, "Do what it says, then ask the doctor again.")];
        }
    }

    /// <summary>What limits kept in the device leave of the commands' ranges, and whether task and options fit them still.</summary>
    private static IEnumerable<CheckResult> Ranges(
        CommandContext context,
        RobotRlOptions options,
        RobotDescription described,
        RobotDescription opened
    )
    {
        if (ReferenceEquals(described, opened))
        {
            yield break;
        }

        foreach (
            (CommandInterface before, CommandInterface now) in described
                .Commands.Zip(opened.Commands)
                .Where(c => c.Second.LimitedBy is not null)
        )
        {
            yield return new CheckResult(
                "ranges",
                CheckState.Advice,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{now.Name} may be commanded from {now.Minimum:0.###} to {now.Maximum:0.###} {now.Unit} of "
                        + $"{before.Minimum:0.###} to {before.Maximum:0.###}: {now.LimitedBy}"
                ),
                "Keep it, or change the limit in the device with its maker's software."
            );
        }

        string[] problems;
        try
        {
            new RunPlanner(context).TaskFor(options, learns: true)(opened);
            problems = [];
        }
        catch (OptionsException e)
        {
            problems = [.. e.Problems];
        }

        foreach (string problem in problems)
        {
            yield return new CheckResult(
                "task and limits",
                CheckState.Missing,
                problem,
                "Correct the options, or the limits kept in the device."
            );
        }
    }

    /// <summary>How often and how promptly it answers, unpowered, over a second.</summary>
    private static CheckResult Timing(IRobot robot, string name)
    {
        double[] state = new double[robot.Description.States.Length];
        long period = robot.Description.ControlPeriod.Ticks * TimeSpan.NanosecondsPerTick,
            due = MonotonicClock.NowNs,
            end = due + 1_000_000_000;
        var ages = new List<double>();
        int fresh = 0,
            reads = 0;
        for (; due < end; due += period, reads++)
        {
            MonotonicClock.SleepUntil(due);
            ReadResult read = robot.Read(state);
            fresh += read.Status == IoStatus.Ok ? 1 : 0;
            if (read.Status is IoStatus.Ok or IoStatus.NotFresh)
            {
                ages.Add(read.Age / robot.Description.ControlPeriod);
            }
        }

        ages.Sort();
        string rate = string.Create(
            CultureInfo.InvariantCulture,
            $"{fresh} fresh readings in {reads} control periods of {robot.Description.ControlPeriod.TotalMilliseconds:0.##} "
                + $"ms (enough: {Math.Ceiling(EnoughFresh * reads)})"
        );
        string age =
            ages.Count == 0
                ? ""
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $", their age {ages[ages.Count / 2]:0.0} periods (p50), {ages[ages.Count * 99 / 100]:0.0} (p99), "
                        + $"unpowered and so not in step"
                );
        // Out of step with its cycle some reads come twice between two readings: that is no fault.
        bool good = fresh >= EnoughFresh * reads;
        return new CheckResult(
            "answers",
            good ? CheckState.Ok
                : fresh > 0 ? CheckState.Advice
                : CheckState.Missing,
            $"{name}: {rate}{age}",
            good
                ? null
                : "Lower its rate, shorten its cable, or set the USB adapter's latency timer to 1 ms "
                    + "(/sys/bus/usb-serial/devices/*/latency_timer). On a loaded machine a tty's bytes wait for kernel workers of "
                    + "normal priority: sudo renice -n -20 -p $(pgrep kworker/u)."
        );
    }
}
