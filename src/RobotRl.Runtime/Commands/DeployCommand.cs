using System.CommandLine;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Tasks;

namespace RobotRl.Runtime.Commands;

/// <summary>
/// <c>robotrl deploy RUN|POLICY [FILE]</c>: a frozen policy in real time, behind the same gate and failsafe as in training.
/// </summary>
internal sealed class DeployCommand : Command
{
    public DeployCommand(CommandContext context)
        : base("deploy", "Run a frozen policy in real time, behind the same gate and failsafe as in training.")
    {
        Argument<string> policy = CommandLineParts.RunOrPolicy();
        Argument<string?> file = CommandLineParts.File();
        Option<string?> which = CommandLineParts.Policy();
        Option<string[]> set = CommandLineParts.Set();
        Option<bool> json = CommandLineParts.Json();
        Add(policy);
        Add(file);
        Add(which);
        Add(set);
        Add(json);
        SetAction(parsed =>
            Run(
                context,
                parsed.GetValue(policy)!,
                parsed.GetValue(file),
                parsed.GetValue(which),
                parsed.GetValue(set) ?? [],
                parsed.GetValue(json)
            )
        );
    }

    private static int Run(CommandContext context, string named, string? file, string? which, string[] assignments, bool json)
    {
        RefuseClock(assignments);
        PolicySource source = PolicySource.Open(named, which);
        // Where it was trained (steps, directory, clock) is not where it is deployed: until stopped, in a directory of its own.
        string[] deployed = ["Run:Steps=0", "Run:Directory=null", .. assignments, "Loop:Clock=RealTime"];
        RobotRlOptions options = source.LoadOptions(file, deployed, context);
        var planner = new RunPlanner(context);
        IControlTask task = planner.Resolve(options, learns: false);
        bool hardware = planner.RequireLimits(options);
        using (IRobot robot = context.Robots.Create(options.Robot))
        {
            source.CheckFits(robot.Description, task, options, ranges: !hardware);
        }

        var plan = new SessionPlan(
            options,
            () => context.Robots.Create(options.Robot),
            task,
            options.Run.Directory,
            Resume: false,
            source.Path
        )
        {
            IsHardware = hardware,
            TaskFor = planner.TaskFor(options, learns: false),
        };
        string run = "";
        RunOutcome outcome = RunHost.Run(plan, context, session =>
        {
            run = session.RunDirectory;
            return
            [
                $"Deploying {source.Path} on {options.Robot.Name} ({task.Name}); the log is in {session.RunDirectory}; Ctrl-C "
                    + $"stops the robot.",
                .. source.Choice is { } choice ? (string[])[choice] : [],
                .. source.File.Manifest.Notice is { } notice ? (string[])[notice] : [],
                .. options.Robot.Unused("Robot"),
                .. !hardware && options.Loop.AutoArm != false
                    ? (string[])[]
                    : [$"Not armed: `robotrl arm {session.RunDirectory}` lets the policy move the robot."],
            ];
        });
        RunReport.Write(context, outcome, run, json, next: []);
        return ExitCode.Of(outcome.End);
    }

    /// <summary>Refuses what would be overridden; the clock in an options file is that of the training, and is.</summary>
    private static void RefuseClock(IEnumerable<string> assignments)
    {
        foreach (string assignment in assignments)
        {
            string[] parts = assignment.Split('=', 2, StringSplitOptions.TrimEntries);
            if (
                parts.Length == 2
                && parts[0].Equals("Loop:Clock", StringComparison.OrdinalIgnoreCase)
                && !parts[1].Equals(nameof(LoopClock.RealTime), StringComparison.OrdinalIgnoreCase)
            )
            {
                throw new BadInputException(
                    $"--set {assignment}: deploy runs in real time. Remove the setting; `robotrl eval` runs a policy in lockstep."
                );
            }
        }
    }
}
