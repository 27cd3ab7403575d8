using System.Globalization;
using RobotRl.Runtime.Runs;

namespace RobotRl.Runtime.Commands;

/// <summary>
/// The last way to stop a run whose sockets do not answer: a signal to the process that holds its lock file open, and to no
/// other.
/// </summary>
internal static class StopBySignal
{
    // Longer than a controlled stop that escalates takes, with the run's checkpoint.
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Signals the process that holds <paramref name="run"/>, once for a controlled stop, twice to remove power
    /// <paramref name="now"/>; what became of it.
    /// </summary>
    public static string Stop(string run, bool now)
    {
        using RunHolder? holder = RunHolder.Find(run);
        if (holder is null)
        {
            return "No process of this user is seen to hold the run's lock file, so none was signalled: remove the robot's power by hand.";
        }

        // The first signal is a controlled stop, another kind at once removes power.
        bool signalled = holder.TrySignal(RunHolder.Terminate) && (!now || holder.TrySignal(RunHolder.Quit));
        string who = string.Create(CultureInfo.InvariantCulture, $"Process {holder.ProcessId}, which has the run's lock file open,");
        if (!signalled)
        {
            return $"{who} could not be signalled: remove the robot's power by hand.";
        }

        string signal = now ? "SIGTERM and SIGQUIT" : "SIGTERM";
        return holder.WaitForEnd(EndLimit)
            ? $"{who} was sent {signal} and has ended. Its own output says whether read-back confirmed the stop; look at the robot."
            : $"{who} was sent {signal} and has not ended within {EndLimit.TotalSeconds} s: remove the robot's power by hand.";
    }
}
