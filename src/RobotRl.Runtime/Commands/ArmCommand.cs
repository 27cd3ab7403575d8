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
        Add(run);
        SetAction(async (parsed, cancel) =>
        {
            (ControlAnswer answer, int code) = await RunLocator.AskAsync(context, parsed.GetValue(run), ControlCommand.Arm, cancel).ConfigureAwait(false);
            if (answer.Ok)
            {
                await context.Output.WriteLineAsync($"Armed: {answer.Status?.Robot} is {answer.Status?.State}.").ConfigureAwait(false);
            }

            return code;
        });
    }
}
