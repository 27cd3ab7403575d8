using RobotRl.Hardware.Contracts;

namespace RobotRl.Runtime.Loops;

/// <summary>Runs the parts of a session on one of the two clocks.</summary>
internal interface ISessionClock : IDisposable
{
    /// <summary>The run's time, nanoseconds.</summary>
    long NowNs { get; }

    /// <summary>Bytes left before a planned pause; -1 where there is no budget.</summary>
    long AllocationBudgetLeft { get; }

    /// <summary>Whether the learner failed or does not answer, so that nobody may touch it any more.</summary>
    bool LearnerIsLost { get; }

    /// <summary>Whether a thread did not end when it was told to: what it uses must not be freed under it.</summary>
    bool ThreadsRemain { get; }

    /// <summary>Opens the robot and makes ready; may be repeated harmlessly.</summary>
    void Prepare();

    /// <summary>Takes over the time of a resumed run.</summary>
    void ContinueFrom(long nowNs);

    /// <summary>Runs to the end, a stop or a fault, and leaves the robot stopped.</summary>
    /// <param name="ledger">Keeps the figures.</param>
    /// <param name="steps">Steps after which the run is done; 0 for never.</param>
    /// <param name="stopAsked">The hardest stop that the operator asked for.</param>
    (RunEnd End, string? Problem) Run(RunLedger ledger, long steps, Func<StopLevel> stopAsked);

    /// <summary>Arms, from any thread; null on success, else why not.</summary>
    string? TryArm();

    /// <summary>Closing remarks on timing; may be empty.</summary>
    IEnumerable<string> Report();
}
