using Microsoft.Extensions.Logging;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Learning;
using RobotRl.Runtime.Safety;
using RobotRl.Runtime.Telemetry;

namespace RobotRl.Runtime.Loops;

/// <summary>
/// Keeps in the run's log what happens to its robot: states and faults, stops and their confirmation, arming, failsafe, refused
/// policies.
/// </summary>
/// <remarks>
/// <see cref="Poll"/>: the recorder's thread (the only one in lockstep), which writes to the disk. Everything else: any thread,
/// never waits.
/// </remarks>
internal sealed class RunEvents(EventLog log, IRobot robot, LearnerStatus? learner, TimeProvider time)
{
    // Each refused policy may be followed by the next at once: one line tells of many.
    private static readonly TimeSpan s_refusalInterval = TimeSpan.FromSeconds(10);

    private DeviceState? _state;
    private string? _fault;
    private StopStatus _stop;
    private long _refused,
        _rollbacks;
    private long? _refusedTold;

    /// <summary>The run begins, or goes on.</summary>
    public void Begin(long step, string program) =>
        log.Add(
            "run",
            LogLevel.Information,
            $"The run {(step == 0 ? "begins" : $"goes on at step {step}")}.",
            ("step", step),
            ("process", (long)Environment.ProcessId),
            ("program", program)
        );

    /// <summary>The run ends.</summary>
    public void End(RunOutcome outcome)
    {
        LogLevel level = outcome.End is RunEnd.Failed or RunEnd.Failsafe ? LogLevel.Error : LogLevel.Information;
        log.Add(
            "run",
            level,
            outcome.Message,
            ("end", outcome.End),
            ("steps", outcome.Steps),
            ("episodes", outcome.Episodes),
            ("updates", outcome.Updates)
        );
        foreach (string line in outcome.Report)
        {
            log.Add("report", level, line);
        }
    }

    /// <summary>Somebody asked for power; <paramref name="refusal"/> says why he was refused, null if he was not.</summary>
    public void Armed(string? refusal) =>
        log.Add("arm", refusal is null ? LogLevel.Information : LogLevel.Warning, refusal ?? "Armed.", ("refused", refusal is not null));

    /// <summary>Somebody asked for a stop.</summary>
    public void StopRequested(StopLevel level, string reason) =>
        log.Add("stop", LogLevel.Warning, $"{level} asked for: {reason}", ("stopLevel", level), ("reason", reason));

    /// <summary>The failsafe decided something.</summary>
    public void Failsafe(LogLevel level, FailsafeEvent change) =>
        log.Add(
            "failsafe",
            level,
            change.Text,
            ("action", change.Action),
            ("cause", change.Cause),
            ("measured", change.Measured),
            ("clears", change.Clears),
            ("crossedNs", change.CrossedNs)
        );

    /// <summary>Records what changed since the last call, and writes everything to the disk.</summary>
    public void Poll()
    {
        (DeviceState state, string? fault, StopStatus stop) = (robot.State, robot.FaultReason, robot.Stop);
        if (state != _state || fault != _fault)
        {
            log.Add(
                "robot",
                fault is null ? LogLevel.Information : LogLevel.Error,
                fault is null ? $"The robot is {state}." : $"The robot is {state}: {fault}",
                ("state", state),
                ("before", _state),
                ("fault", fault)
            );
            (_state, _fault) = (state, fault);
        }

        if ((stop.Requested, stop.Confirmed) != (_stop.Requested, _stop.Confirmed))
        {
            log.Add(
                "stop",
                LogLevel.Information,
                stop.Requested == StopLevel.None
                    ? "No stop is in force."
                    : $"{stop.Requested} {(stop.Confirmed ? "is confirmed by read-back" : "is not confirmed yet")}.",
                ("stopLevel", stop.Requested),
                ("confirmed", stop.Confirmed)
            );
            _stop = stop;
        }

        if (learner is not null)
        {
            PollLearner(learner);
        }

        log.Flush();
    }

    private void PollLearner(LearnerStatus status)
    {
        if (status.Rollbacks is var rollbacks && rollbacks != _rollbacks)
        {
            log.Add(
                "policy",
                LogLevel.Warning,
                $"The learner was put back to the champion ({rollbacks} times so far).",
                ("rollbacks", rollbacks)
            );
            _rollbacks = rollbacks;
        }

        if (
            status.Refused is var refused
            && refused != _refused
            && (_refusedTold is not { } told || time.GetElapsedTime(told) >= s_refusalInterval)
        )
        {
            log.Add(
                "policy",
                LogLevel.Warning,
                $"{refused - _refused} policies were refused by the admission gate, the newest for {status.LastRefusal}.",
                ("refused", refused),
                ("reason", status.LastRefusal)
            );
            (_refused, _refusedTold) = (refused, time.GetTimestamp());
        }
    }
}
