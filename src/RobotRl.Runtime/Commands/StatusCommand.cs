using System.CommandLine;
using System.Text.Json;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Control;
using RobotRl.Runtime.Views;

namespace RobotRl.Runtime.Commands;

/// <summary><c>robotrl status [RUN]</c>: what a running session is doing.</summary>
internal sealed class StatusCommand : Command
{
    public StatusCommand(CommandContext context)
        : base("status", "Show what a running session is doing.")
    {
        Argument<string?> run = CommandLineParts.Run();
        Option<bool> json = CommandLineParts.Json();
        Add(run);
        Add(json);
        SetAction(
            async (parsed, cancel) =>
            {
                (ControlAnswer answer, int code) = await RunLocator
                    .AskAsync(context, parsed.GetValue(run), ControlCommand.Status, cancel)
                    .ConfigureAwait(false);
                if (answer.Status is not { } status)
                {
                    return code;
                }

                if (parsed.GetValue(json))
                {
                    await context
                        .Output.WriteLineAsync(JsonSerializer.Serialize(status, ControlJson.Default.RunStatus))
                        .ConfigureAwait(false);
                    return code;
                }

                string armed = status.Armed ? "armed" : "not armed",
                    stop = status.Stop.Requested < StopLevel.ControlledStop ? ""
                    : status.StopConfirmed ? ", stop confirmed"
                    : ", stop NOT confirmed";
                await context
                    .Output.WriteLineAsync($"{status.Robot} ({status.Task}): {status.State}, {armed}{stop}, process {answer.ProcessId}")
                    .ConfigureAwait(false);
                if (status.FaultReason is { } reason)
                {
                    await context.Output.WriteLineAsync(reason).ConfigureAwait(false);
                }

                if (status.Failsafe is { } failsafe)
                {
                    await context.Output.WriteLineAsync(failsafe.Text).ConfigureAwait(false);
                }

                foreach (string blocked in status.Blocked)
                {
                    await context.Output.WriteLineAsync($"blocked: {blocked}").ConfigureAwait(false);
                }

                await context.Output.WriteLineAsync(ProgressText.Line(status.Progress)).ConfigureAwait(false);
                if (status.LatchedCauses.Count > 0)
                {
                    await context.Output.WriteLineAsync($"latched: {string.Join(", ", status.LatchedCauses)}").ConfigureAwait(false);
                }

                return code;
            }
        );
    }
}
