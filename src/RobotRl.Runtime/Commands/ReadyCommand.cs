using System.CommandLine;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Control;

namespace RobotRl.Runtime.Commands;

/// <summary><c>robotrl ready [RUN]</c>: tells a running session that asks for it that all is in place for the next episode.</summary>
internal sealed class ReadyCommand : Command
{
    public ReadyCommand(CommandContext context)
        : base("ready", "Tell a running session that all is in place for the next episode (Task:Reset=AskOperator).")
    {
        Argument<string?> run = CommandLineParts.Run();
        Option<bool> json = CommandLineParts.Json();
        Add(run);
        Add(json);
        SetAction(
            (parsed, cancel) =>
                RunLocator.OrderAsync(
                    context,
                    parsed.GetValue(run),
                    ControlCommand.Ready,
                    parsed.GetValue(json),
                    _ => "The next episode begins once the robot is at rest.",
                    cancel
                )
        );
    }
}
