using System.CommandLine;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Control;

namespace RobotRl.Runtime.Commands;

/// <summary><c>robotrl stop [RUN]</c>: ends a running session under control, with a checkpoint.</summary>
internal sealed class StopCommand : Command
{
    public StopCommand(CommandContext context)
        : base(
            "stop",
            "Stop a running session: the robot under control, then a checkpoint. Waits for the read-back that confirms it. "
                + "This is no certified safety function."
        )
    {
        Argument<string?> run = CommandLineParts.Run();
        var now = new Option<bool>("--now") { Description = "Remove power at once instead." };
        Option<bool> json = CommandLineParts.Json();
        Add(run);
        Add(now);
        Add(json);
        SetAction(
            (parsed, cancel) =>
            {
                ControlCommand command = parsed.GetValue(now) ? ControlCommand.PowerOff : ControlCommand.Stop;
                return RunLocator.OrderAsync(
                    context,
                    parsed.GetValue(run),
                    command,
                    parsed.GetValue(json),
                    answer =>
                        $"Stopped ({command}), confirmed by read-back: process {answer.ProcessId} ends; a run that learns "
                        + $"leaves a checkpoint.",
                    cancel
                );
            }
        );
    }
}
