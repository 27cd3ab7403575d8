using System.CommandLine;
using System.Text.Json;
using RobotRl.Runtime.Commands.Inspect;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Runs;

namespace RobotRl.Runtime.Commands;

/// <summary><c>robotrl inspect RUN|POLICY</c>: manifest, counters, hashes, damage. Reads only.</summary>
internal sealed class InspectCommand : Command
{
    public InspectCommand(CommandContext context)
        : base("inspect", "Show what a run or a policy file holds: manifest, counters, hashes, damage.")
    {
        Argument<string> named = CommandLineParts.RunOrPolicy();
        Option<bool> json = CommandLineParts.Json();
        Add(named);
        Add(json);
        SetAction(parsed => Run(context, parsed.GetValue(named)!, parsed.GetValue(json)));
    }

    private static int Run(CommandContext context, string named, bool json)
    {
        if (File.Exists(named))
        {
            PolicyInspection policy = PolicyInspection.Of(Path.GetFullPath(named));
            Write(
                context,
                json,
                () => JsonSerializer.Serialize(policy, CommandJson.Default.PolicyInspection),
                InspectionText.Lines("policy", policy)
            );
            return ExitCode.Done;
        }

        RunInspection run = RunInspection.Of(RunDirectory.Open(named));
        Write(context, json, () => JsonSerializer.Serialize(run, CommandJson.Default.RunInspection), InspectionText.Lines(run));
        return ExitCode.Done;
    }

    private static void Write(CommandContext context, bool json, Func<string> document, IEnumerable<string> lines)
    {
        if (json)
        {
            context.Output.WriteLine(document());
            return;
        }

        foreach (string line in lines)
        {
            context.Output.WriteLine(line);
        }
    }
}
