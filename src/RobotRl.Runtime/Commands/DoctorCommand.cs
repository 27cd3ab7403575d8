using System.CommandLine;
using System.Text.Json;
using RobotRl.Runtime.Commands.Doctor;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Configuration;

namespace RobotRl.Runtime.Commands;

/// <summary><c>robotrl doctor [FILE]</c>: what this machine and this robot can do, and what is missing. Powers nothing.</summary>
internal sealed class DoctorCommand : Command
{
    public DoctorCommand(CommandContext context)
        : base("doctor", "Check this machine, the options and the robot: what is there, what is missing, what to do. Powers nothing.")
    {
        Argument<string?> file = CommandLineParts.File();
        Option<string[]> set = CommandLineParts.Set();
        Option<bool> json = CommandLineParts.Json();
        Add(file);
        Add(set);
        Add(json);
        SetAction(parsed =>
            Run(context, new OptionSources(parsed.GetValue(file), parsed.GetValue(set) ?? [], context.Environment), parsed.GetValue(json))
        );
    }

    private static int Run(CommandContext context, OptionSources sources, bool json)
    {
        var checks = new List<CheckResult>();
        RobotRlOptions? options = null;
        try
        {
            options = sources.Load();
            checks.Add(
                new CheckResult(
                    "options",
                    CheckState.Ok,
                    sources.File is null ? "defaults, environment and command line are valid" : $"{sources.File} is valid"
                )
            );
        }
        catch (OptionsException e)
        {
            checks.AddRange(e.Problems.Select(p => new CheckResult("options", CheckState.Missing, p, "Correct it.")));
        }

        checks.AddRange(MachineChecks.All((options ?? new RobotRlOptions()).Loop));
        if (options is not null)
        {
            checks.Add(LearnerCheck.Kernels(options.Learner));
            checks.Add(LearnerCheck.Run(options.Learner));
            checks.Add(DiskCheck.Run(options));
            checks.AddRange(RobotChecks.All(context, options));
        }

        bool ready = checks.TrueForAll(c => c.State != CheckState.Missing);
        var report = new DoctorReport(ready, checks, context.Robots.Names, context.Tasks.Names);
        if (json)
        {
            context.Output.WriteLine(JsonSerializer.Serialize(report, DoctorJson.Default.DoctorReport));
        }
        else
        {
            Write(context.Output, report);
        }

        return options is null ? ExitCode.BadInput
            : ready ? ExitCode.Done
            : ExitCode.Failed;
    }

    private static void Write(TextWriter output, DoctorReport report)
    {
        foreach (CheckResult check in report.Checks)
        {
            output.WriteLine($"{check.State.ToString().ToLowerInvariant(), -8} {check.Name}: {check.Detail}");
            if (check.State != CheckState.Ok && check.Remedy is not null)
            {
                output.WriteLine($"{"", -8} -> {check.Remedy}");
            }
        }

        output.WriteLine($"{"", -8} robots: {string.Join(", ", report.Robots)}");
        output.WriteLine($"{"", -8} tasks: {string.Join(", ", report.Tasks)}");
        output.WriteLine(report.Ready ? "Ready." : "Not ready: see what is missing.");
    }
}
