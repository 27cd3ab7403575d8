using System.Text.Json;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Commands;

/// <summary>
/// Says how a session ended: results on standard output, failures on standard error; as a document all lines on standard error.
/// </summary>
internal static class RunReport
{
    /// <summary>
    /// Writes <paramref name="outcome"/> of the run in <paramref name="run"/>, then <paramref name="next"/> where it went as
    /// asked.
    /// </summary>
    public static void Write(CommandContext context, RunOutcome outcome, string run, bool json, IEnumerable<string> next)
    {
        try
        {
            WriteTo(context, outcome, run, json, next);
        }
        catch (IOException)
        {
            // The terminal was closed under it. The run's directory has it all.
        }
    }

    private static void WriteTo(CommandContext context, RunOutcome outcome, string run, bool json, IEnumerable<string> next)
    {
        bool asAsked = outcome.End is RunEnd.Done or RunEnd.Stopped;
        TextWriter writer = asAsked && !json ? context.Output : context.Error;
        writer.WriteLine(outcome.Message);
        foreach (string line in outcome.Report)
        {
            writer.WriteLine(line);
        }

        foreach (string line in asAsked ? next : [])
        {
            writer.WriteLine(line);
        }

        if (json)
        {
            context.Output.WriteLine(JsonSerializer.Serialize(RunSummary.Of(outcome, run), CommandJson.Default.RunSummary));
        }
    }
}
