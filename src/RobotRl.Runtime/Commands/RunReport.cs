using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Commands;

/// <summary>Says how a session ended: results on standard output, failures on standard error.</summary>
internal static class RunReport
{
    /// <summary>Writes <paramref name="outcome"/>.</summary>
    public static void Write(CommandContext context, RunOutcome outcome)
    {
        TextWriter writer = outcome.End is RunEnd.Done or RunEnd.Stopped ? context.Output : context.Error;
        writer.WriteLine(outcome.Message);
        foreach (string line in outcome.Report)
        {
            writer.WriteLine(line);
        }
    }
}
