using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using RobotRl.Runtime.Commands.Bench;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Views;

namespace RobotRl.Runtime.Commands;

/// <summary><c>robotrl bench</c>: how many updates a control step each managed learner holds on this machine, in real time.</summary>
internal sealed class BenchCommand : Command
{
    public BenchCommand(CommandContext context)
        : base(
            "bench",
            "Measure how many updates per control step (UTD) each learner holds on this machine, in real time beside a "
                + "control loop. No robot is touched, no file is made."
        )
    {
        var rate = new Option<double>("--rate")
        {
            HelpName = "HZ",
            Description = "Control rate; 50 unless said otherwise.",
            DefaultValueFactory = _ => 50,
        };
        var learners = new Option<string[]>("--learner")
        {
            HelpName = "NAME",
            Description = $"Only this learner; may be repeated. There are: {string.Join(", ", BenchCase.Learners)}.",
            DefaultValueFactory = _ => [],
        };
        var widths = new Option<int[]>("--width")
        {
            HelpName = "N",
            Description = "Width of the two hidden layers; may be repeated. 64 and 256 unless said otherwise.",
            DefaultValueFactory = _ => [64, 256],
        };
        var batches = new Option<int[]>("--batch")
        {
            HelpName = "N",
            Description = "Samples per minibatch; may be repeated. 64 and 256 unless said otherwise.",
            DefaultValueFactory = _ => [64, 256],
        };
        var observations = new Option<int>("--observations")
        {
            HelpName = "N",
            Description = "Size of an observation; 17 unless said otherwise.",
            DefaultValueFactory = _ => 17,
        };
        var actions = new Option<int>("--actions")
        {
            HelpName = "N",
            Description = "Size of an action; 6 unless said otherwise.",
            DefaultValueFactory = _ => 6,
        };
        var seconds = new Option<double>("--seconds")
        {
            HelpName = "S",
            Description = "How long each row runs in real time; 2 unless said otherwise.",
            DefaultValueFactory = _ => 2,
        };
        Option<bool> json = CommandLineParts.Json();
        foreach (Option option in (Option[])[rate, learners, widths, batches, observations, actions, seconds, json])
        {
            Add(option);
        }

        SetAction(parsed =>
            Run(
                context,
                new BenchPlan(
                    parsed.GetValue(rate),
                    parsed.GetValue(learners)!,
                    parsed.GetValue(widths)!,
                    parsed.GetValue(batches)!,
                    parsed.GetValue(observations),
                    parsed.GetValue(actions),
                    parsed.GetValue(seconds)
                ),
                parsed.GetValue(json)
            )
        );
    }

    private static int Run(CommandContext context, BenchPlan plan, bool json)
    {
        plan.Validate();
        int rows = plan.Rows.Count();
        long start = Stopwatch.GetTimestamp();
        BenchReport report;
        using (IRunView view = RunView.Create(context.Error))
        {
            view.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{rows} rows, about {ProgressText.Clock(plan.Estimate)}, more where a first try does not hold. Leave the "
                        + $"machine alone meanwhile."
                )
            );
            view.Report(Progress(0));
            report = BenchRunner.Run(plan, done => view.Report(Progress(done)));
            foreach (string warning in report.Warnings)
            {
                view.WriteLine(warning);
            }
        }

        if (json)
        {
            context.Output.WriteLine(JsonSerializer.Serialize(report, CommandJson.Default.BenchReport));
        }
        else
        {
            foreach (string line in BenchText.Lines(report))
            {
                context.Output.WriteLine(line);
            }
        }

        return ExitCode.Done;

        RunProgress Progress(int done)
        {
            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            return new RunProgress
            {
                Phase = RunPhase.Measuring,
                Step = done,
                TotalSteps = rows,
                StepsPerSecond = done == 0 ? double.NaN : done / elapsed.TotalSeconds,
                Elapsed = elapsed,
            };
        }
    }
}
