using System.CommandLine;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Learning;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Runs;

namespace RobotRl.Runtime.Commands;

/// <summary><c>robotrl train [FILE]</c>: learns, checkpoints, evaluates, says what comes next.</summary>
internal sealed class TrainCommand : Command
{
    public TrainCommand(CommandContext context)
        : base("train", "Learn: a new run, or one that goes on from its last checkpoint.")
    {
        Argument<string?> file = CommandLineParts.File();
        Option<string[]> set = CommandLineParts.Set();
        var steps = new Option<string?>("--steps") { HelpName = "N", Description = "Environment steps to learn for (Run:Steps)." };
        var seed = new Option<string?>("--seed") { HelpName = "S", Description = "Seed of every random number (Run:Seed)." };
        var run = new Option<string?>("--run")
        {
            HelpName = "DIR",
            Description = "The run's directory (Run:Directory). Without it the next free one below ./runs.",
        };
        var resume = new Option<bool>("--resume")
        {
            Description =
                "Go on from the newest good checkpoint of --run, or from its journal before there is one, with the options that it has.",
        };
        Option<bool> json = CommandLineParts.Json();
        Add(file);
        Add(steps);
        Add(seed);
        Add(run);
        Add(resume);
        Add(set);
        Add(json);
        SetAction(parsed =>
        {
            List<string> assignments = [.. parsed.GetValue(set) ?? []];
            Assign(assignments, "Run:Steps", parsed.GetValue(steps));
            Assign(assignments, "Run:Seed", parsed.GetValue(seed));
            Assign(assignments, "Run:Directory", parsed.GetValue(run));
            var sources = new OptionSources(parsed.GetValue(file), assignments, context.Environment);
            bool resumes = parsed.GetValue(resume);
            if (resumes && sources.File is null && parsed.GetValue(run) is { } directory)
            {
                StoredOptions own = StoredOptions.Of(RunDirectory.Open(directory));
                RunPlanner.RequireAlgorithm(directory, own, assignments, context.Environment);
                sources = sources with { File = own.File, Content = own.Content };
                own.Tell(context);
            }

            return Run(context, sources, resumes, parsed.GetValue(json));
        });
    }

    /// <summary>Trains with the options of <paramref name="sources"/>.</summary>
    public static int Run(CommandContext context, OptionSources sources, bool resume, bool json = false)
    {
        RobotRlOptions options = sources.Load();
        SessionPlan plan = new RunPlanner(context).Train(options, resume);
        string run = "";
        RunOutcome outcome = RunHost.Run(plan, context, session =>
        {
            run = Path.GetRelativePath(Directory.GetCurrentDirectory(), session.RunDirectory);
            return
            [
                $"{(resume ? "Going on with" : "Training")} {options.Robot.Name} ({plan.Task.Name}) in {run}; Ctrl-C stops it "
                    + $"with a checkpoint.",
                .. OptionsWriter.Changes(options).Select(c => "  " + c),
                .. resume || LearnerFactory.LongRollout(options.Learner, options.Run.Steps) is not { } rollout ? (string[])[] : [rollout],
                .. options.Robot.Unused("Robot"),
            ];
        });
        string word = ShellWord.Quote(run);
        RunReport.Write(
            context,
            outcome,
            run,
            json,
            [
                $"The run lies in {run}. Next:",
                $"  robotrl inspect {word}",
                .. plan.IsHardware ? Array.Empty<string>() : [$"  robotrl eval {word}"],
                $"  robotrl deploy {word}",
                $"  robotrl train --run {word} --resume --steps {(options.Run.Steps == 0 ? 0 : options.Run.Steps * 2)}",
            ]
        );
        return ExitCode.Of(outcome.End);
    }

    private static void Assign(List<string> assignments, string key, string? value)
    {
        if (value is not null)
        {
            assignments.Add($"{key}={value}");
        }
    }
}
