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

    /// <summary>Asks that session; an answer that is no writes its reason to standard error.</summary>
    public static async Task<(ControlAnswer Answer, int ExitCode)> AskAsync(
        CommandContext context, string? named, ControlCommand command, CancellationToken cancel)
    {
        string run = await FindAsync(named, cancel).ConfigureAwait(false);
        ControlAnswer answer = await ControlClient.AskAsync(run, new ControlRequest(command), cancel).ConfigureAwait(false);
        if (!answer.Ok)
        {
            await context.Error.WriteLineAsync($"{run}: {answer.Error}").ConfigureAwait(false);
        }

        return (answer, answer.Ok ? ExitCode.Done : ExitCode.Failed);
    }
}
