namespace RobotRl.Runtime.Loops;

/// <summary>
/// A session: made from options that were checked, run once to its end, disposed. <see cref="IRunControl"/> is for other threads.
/// </summary>
public interface IRunSession : IRunControl, IDisposable
{
    /// <summary>Full path of the run's directory.</summary>
    string RunDirectory { get; }

    /// <summary>
    /// Opens the robot, runs on the calling thread (and its own) to the end or a stop, leaves the robot at rest and closed.
    /// </summary>
    /// <param name="progress">Takes a snapshot some times a second.</param>
    /// <returns>How it ended. Expected faults end it and are no exception.</returns>
    RunOutcome Run(IProgress<RunProgress> progress);
}
