using System.CommandLine;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Control;

namespace RobotRl.Runtime.Commands;

/// <summary><c>robotrl arm [RUN]</c>: lets the policy of a running session move the robot.</summary>
internal sealed class ArmCommand : Command
{
    public ArmCommand(CommandContext context)
        : base("arm", "Arm a running session: its policy may move the robot from now on. The setpoint starts at the measured pose.")
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
                    ControlCommand.Arm,
                    parsed.GetValue(json),
                    answer => $"Armed: {answer.Status?.Robot} is {answer.Status?.State}.",
                    cancel
                )
        );
    }
}
