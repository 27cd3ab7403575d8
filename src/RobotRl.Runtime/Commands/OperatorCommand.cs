using System.CommandLine;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Control;

namespace RobotRl.Runtime.Commands;

/// <summary><c>robotrl operator [RUN]</c>: gives a running session the operator's signs of life until it is ended.</summary>
internal sealed class OperatorCommand : Command
{
    // Five in the second that the failsafe's default waits for one.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    public OperatorCommand(CommandContext context)
        : base(
            "operator",
            "Attend a running session: give it a sign of life five times a second. Where this command ends, the robot stops "
                + "(Failsafe:OperatorHeartbeatLost)."
        )
    {
        Argument<string?> run = CommandLineParts.Run();
        var attended = new Option<double>("--attended")
        {
            HelpName = "SECONDS",
            Description =
                "Only as long as a key is pressed at least that often in this terminal (hold one down). Without it until "
                + "this command ends.",
        };
        Add(run);
        Add(attended);
        SetAction((parsed, cancel) => RunAsync(context, parsed.GetValue(run), parsed.GetValue(attended), cancel));
    }

    private static async Task<int> RunAsync(CommandContext context, string? named, double attendedSeconds, CancellationToken cancel)
    {
        if (attendedSeconds is not 0 and not (>= 0.3 and <= 600))
        {
            throw new BadInputException(FormattableString.Invariant($"--attended is {attendedSeconds} s; allowed: 0.3 to 600 s."));
        }

        if (attendedSeconds > 0 && !OperatorTerminal.Exists)
        {
            throw new BadInputException("--attended needs a terminal on standard input. Call it from one, or leave the option out.");
        }

        string run = await RunLocator.FindAsync(named, cancel).ConfigureAwait(false);
        await ControlClient.AskAsync(run, new ControlRequest(ControlCommand.Beat), cancel).ConfigureAwait(false);
        await context
            .Error.WriteLineAsync(
                $"Attending {run}. The robot stops where this command "
                    + $"ends{(attendedSeconds > 0 ? FormattableString.Invariant($", or no key is pressed for {attendedSeconds} s") : "")}."
            )
            .ConfigureAwait(false);
        using var terminal = attendedSeconds > 0 ? new OperatorTerminal() : null;
        long pressed = TimeProvider.System.GetTimestamp();
        bool attending = true;
        while (!cancel.IsCancellationRequested)
        {
            if (terminal is null)
            {
                await Task.Delay(Interval, TimeProvider.System, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            else if (terminal.Read(Interval) is not null)
            {
                pressed = TimeProvider.System.GetTimestamp();
            }

            bool now = terminal is null || TimeProvider.System.GetElapsedTime(pressed).TotalSeconds < attendedSeconds;
            if (now != attending)
            {
                attending = now;
                await context
                    .Error.WriteLineAsync(now ? "Attending again; robotrl arm lets the robot move." : "No key: no more signs of life.")
                    .ConfigureAwait(false);
            }

            if (!now || cancel.IsCancellationRequested)
            {
                continue;
            }

            try
            {
                await ControlClient.AskAsync(run, new ControlRequest(ControlCommand.Beat), cancel).ConfigureAwait(false);
            }
            catch (ControlException e) when (e.StillRuns)
            {
                // It is tried again: whoever attends the robot must not be sent away while it may move.
                await context.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
            }
            catch (ControlException)
            {
                await context.Error.WriteLineAsync($"{run}: the run has ended.").ConfigureAwait(false);
                return ExitCode.Done;
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                break;
            }
        }

        return ExitCode.Done;
    }
}
