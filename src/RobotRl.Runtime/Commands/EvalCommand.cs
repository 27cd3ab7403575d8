using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Evaluation;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Tasks;
using RobotRl.Runtime.Views;

namespace RobotRl.Runtime.Commands;

/// <summary>
/// <c>robotrl eval RUN|POLICY</c>: a frozen policy in simulation, from starts spread evenly over the task's distribution.
/// </summary>
internal sealed class EvalCommand : Command
{
    public EvalCommand(CommandContext context)
        : base("eval", "Evaluate a frozen policy in simulation, from starts spread evenly over the task's start distribution.")
    {
        Argument<string> policy = CommandLineParts.RunOrPolicy();
        var episodes = new Option<int>("--episodes")
        {
            HelpName = "N",
            Description = "Starts; 1000 unless said otherwise.",
            DefaultValueFactory = _ => new RunOptions().EvaluationEpisodes,
        };
        Option<string?> which = CommandLineParts.Policy();
        Option<string[]> set = CommandLineParts.Set();
        Option<bool> json = CommandLineParts.Json();
        Add(policy);
        Add(episodes);
        Add(which);
        Add(set);
        Add(json);
        SetAction(parsed =>
            Run(
                context,
                parsed.GetValue(policy)!,
                parsed.GetValue(episodes),
                parsed.GetValue(which),
                parsed.GetValue(set) ?? [],
                parsed.GetValue(json)
            )
        );
    }

    private static int Run(CommandContext context, string named, int episodes, string? which, string[] assignments, bool json)
    {
        if (episodes is < 1 or > 1_000_000)
        {
            throw new BadInputException($"--episodes is {episodes}; allowed: 1 to 1000000.");
        }

        PolicySource source = PolicySource.Open(named, which);
        RobotRlOptions options = source.LoadOptions(null, assignments, context);

        // Simulated time goes in the robot's own steps, whatever rate the run had; a policy of another period is refused below.
        options.Loop.RateHz = 0;
        IControlTask task = new RunPlanner(context).Resolve(options, learns: false);
        using IRobot robot = context.Robots.Create(options.Robot);
        source.CheckFits(robot.Description, task, options);
        if (robot is not ILockstepRobot { Description.IsSimulated: true } simulator)
        {
            throw new BadInputException(
                $"Robot {options.Robot.Name} {(robot.Description.IsSimulated ? "has its own time" : "is hardware")}; "
                    + $"evaluation needs a simulated robot. Use `robotrl deploy` on it."
            );
        }

        if (source.Choice is { } choice)
        {
            context.Error.WriteLine(choice);
        }

        if (source.File.Manifest.Notice is { } notice)
        {
            context.Error.WriteLine(notice);
        }

        long start = Stopwatch.GetTimestamp();
        EvaluationResult result;
        using (IRunView view = RunView.Create(context.Error))
        {
            result = PolicyEvaluator.Evaluate(
                simulator,
                task,
                options.Safety,
                source.File.Block,
                episodes,
                options.Loop.PolicyDivisor,
                done => view.Report(Progress(done, episodes, start))
            );
        }

        var summary = EvaluationSummary.Of(source, options, result, Stopwatch.GetElapsedTime(start));
        context.Output.WriteLine(json ? JsonSerializer.Serialize(summary, CommandJson.Default.EvaluationSummary) : summary.ToText());
        return ExitCode.Done;
    }

    private static RunProgress Progress(int done, int episodes, long start)
    {
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        return new RunProgress
        {
            Phase = RunPhase.Evaluating,
            Step = done,
            TotalSteps = episodes,
            StepsPerSecond = done / elapsed.TotalSeconds,
            Elapsed = elapsed,
        };
    }
}
