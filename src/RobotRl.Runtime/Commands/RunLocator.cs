using System.Text.Json;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Control;
using RobotRl.Runtime.Runs;

namespace RobotRl.Runtime.Commands;

/// <summary>Finds the running session that an operator means.</summary>
internal static class RunLocator
{
    /// <summary><paramref name="named"/>, or the only one that runs below ./runs.</summary>
    /// <exception cref="BadInputException">None runs, or several do.</exception>
    public static async Task<string> FindAsync(string? named, CancellationToken cancel)
    {
        if (named is not null)
        {
            return named;
        }

        IReadOnlyList<string> running = await ControlClient.FindRunningAsync(RunDirectory.DefaultRoot, cancel).ConfigureAwait(false);
        return running.Count switch
        {
            1 => running[0],
            0 => throw new BadInputException($"Nothing runs below ./{RunDirectory.DefaultRoot}. Name the directory of a running run."),
            _ => throw new BadInputException($"Several runs are running: {string.Join(", ", running)}. Name one of them."),
        };
    }

    /// <summary>
    /// Asks that session to do something and writes how that went: a document, or <paramref name="done"/>, or why not.
    /// </summary>
    public static async Task<int> OrderAsync(
        CommandContext context,
        string? named,
        ControlCommand command,
        bool json,
        Func<ControlAnswer, string> done,
        CancellationToken cancel
    )
    {
        try
        {
            (ControlAnswer answer, int code) = await AskAsync(context, named, command, cancel).ConfigureAwait(false);
            if (json)
            {
                await WriteAsync(answer.Ok, answer.Error, answer.Status?.StopConfirmed).ConfigureAwait(false);
            }
            else if (answer.Ok)
            {
                await context.Output.WriteLineAsync(done(answer)).ConfigureAwait(false);
            }

            return code;
        }
        catch (Exception e) when (json && e is (BadInputException or ControlException))
        {
            await WriteAsync(false, e.Message).ConfigureAwait(false);
            throw;
        }

        Task WriteAsync(bool ok, string? error, bool? stopped = null) =>
            context.Output.WriteLineAsync(
                JsonSerializer.Serialize(new ControlSummary(ok, error, stopped), CommandJson.Default.ControlSummary)
            );
    }

    /// <summary>
    /// Asks that session; an answer that is no writes its reason to standard error. A run that cannot be reached is stopped by
    /// signal.
    /// </summary>
    public static async Task<(ControlAnswer Answer, int ExitCode)> AskAsync(
        CommandContext context,
        string? named,
        ControlCommand command,
        CancellationToken cancel
    )
    {
        string run = await FindAsync(named, cancel).ConfigureAwait(false);
        ControlAnswer answer;
        try
        {
            answer = await ControlClient.AskAsync(run, new ControlRequest(command), cancel).ConfigureAwait(false);
        }
        catch (ControlException e) when (e.StillRuns && command is (ControlCommand.Stop or ControlCommand.PowerOff))
        {
            await context.Error.WriteLineAsync($"{e.Message} Its process is signalled.").ConfigureAwait(false);
            throw new ControlException(run, $"{run}: {StopBySignal.Stop(run, command == ControlCommand.PowerOff)}", e) { StillRuns = true };
        }

        if (!answer.Ok)
        {
            await context.Error.WriteLineAsync($"{run}: {answer.Error}").ConfigureAwait(false);
        }

        return (answer, answer.Ok ? ExitCode.Done : ExitCode.Failed);
    }
}
