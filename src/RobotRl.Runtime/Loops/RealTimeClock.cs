using System.Globalization;
using Microsoft.Extensions.Logging;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Timing;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Journal;
using RobotRl.Runtime.Safety;
using RobotRl.Runtime.Timing;

namespace RobotRl.Runtime.Loops;

/// <summary>A session in real time: control, recorder and learner threads, with the supervisor on the session's own.</summary>
internal sealed class RealTimeClock : ISessionClock
{
    private const long MillisecondNs = 1_000_000,
        StopConfirmNs = 5_000 * MillisecondNs,
        SupervisionLimitNs = 5_000 * MillisecondNs;

    private readonly RunParts _parts;
    private readonly RunStore _store;
    private readonly RobotRlOptions _options;
    private readonly ILogger _log;
    private readonly ControlThread _control;
    private readonly SupervisorTimeout _watch;
    private readonly AllocationBudget _budget;
    private readonly long _budgetBytes,
        _supervisorNs;
    private readonly Lock _arming = new();
    private readonly bool _armsItself;
    private readonly ResetWatch _resetWatch;
    private Thread? _recorder,
        _learner;
    private bool _stopThreads,
        _prepared,
        _armed;
    private Exception? _recorderFailure;
    private int _plannedPauses;

    public RealTimeClock(RunParts parts, RunStore store, RobotRlOptions options, ILogger log)
    {
        (_parts, _store, _options, _log, _armsItself) = (parts, store, options, log, options.Loop.Arms(parts.Robot.Description));
        _resetWatch = new ResetWatch(parts, log);
        _watch = new SupervisorTimeout(parts.Robot, options.Loop.SupervisorTimeout);
        _watch.Beat(MonotonicClock.NowNs);
        _control = new ControlThread(parts.Loop, options.Loop, parts.Period, _watch);
        _budgetBytes = (long)options.Loop.AllocationBudgetMiB << 20;
        _budget = new AllocationBudget(_budgetBytes);
        long periodNs = parts.Period.Ticks * TimeSpan.NanosecondsPerTick;
        _supervisorNs = Math.Clamp(periodNs / 2, MillisecondNs / 2, 5 * MillisecondNs);
    }

    public long NowNs => MonotonicClock.NowNs;

    public long AllocationBudgetLeft => _budget.LeftBytes;

    public void Prepare()
    {
        if (_prepared)
        {
            return;
        }

        _prepared = true;
        _parts.Robot.Open();
        Rehearsal.Run(_parts, _options);
    }

    public void ContinueFrom(long nowNs)
    {
        // Wall time goes on by itself.
    }

    public (RunEnd End, string? Problem) Run(RunLedger ledger, long steps, Func<StopLevel> stopAsked)
    {
        _parts.Learner?.Offer();
        if (_budget.Renew() is { } refused)
        {
            _log.LogWarning("{Refused}", refused);
        }

        _recorder = StartThread("recorder", () => Record(ledger));
        _learner = _parts.Learner is null ? null : StartThread("learner", Learn);
        _control.Start();
        foreach (string warning in _control.Warnings.Concat(DriverReport.Warnings(_parts.Robot)))
        {
            _log.LogWarning("{Warning}", warning);
        }

        try
        {
            return Supervise(steps, stopAsked);
        }
        finally
        {
            // Every end takes this path, a refused arming too: no thread may outlive what it uses.
            StopRobot();
            StopThreads();
            _budget.Release();
            if (_recorderFailure is null)
            {
                _parts.Recorder.Drain();
            }

            _store.Journal.Sync();
        }
    }

    private void StopThreads()
    {
        if (!_control.Stop())
        {
            ThreadsRemain = true;
            _log.LogCritical(
                "The control thread does not end its tick; the driver was asked to stop the robot. Look at the robot, and at "
                    + "what its driver and task wait for."
            );
        }

        Volatile.Write(ref _stopThreads, true);
        _recorder?.Join();
        if (_learner is not null && !_learner.Join(TimeSpan.FromSeconds(30)))
        {
            LearnerIsLost = ThreadsRemain = true;
            _log.LogError("The learner thread does not end; its last checkpoint stands.");
        }
        else if (_parts.Learner?.Status.Failure is not null)
        {
            LearnerIsLost = true;
            _log.LogError("The learner ended in the middle of its work; its last checkpoint stands.");
        }
    }

    public bool LearnerIsLost { get; private set; }

    public bool ThreadsRemain { get; private set; }

    public string? TryArm()
    {
        lock (_arming)
        {
            string? refusal = _parts.Supervisor.TryArm(MonotonicClock.NowNs);
            if (refusal is null)
            {
                _armed = true;
                _parts.Reset.Interrupt();
            }

            return refusal;
        }
    }

    public IEnumerable<string> Report()
    {
        ControlStatus status = _parts.Loop.Status;
        string loop = string.Create(
            CultureInfo.InvariantCulture,
            $"Loop: {status.Ticks} ticks, {status.MissedTicks} missed; lateness p50 {_control.Lateness.QuantileUs(0.5):F0} "
                + $"us, p99 {_control.Lateness.QuantileUs(0.99):F0} us, p99.9 {_control.Lateness.QuantileUs(0.999):F0} us, max "
                + $"{_control.Lateness.MaximumNs / 1000.0:F0} us."
        );
        string memory = string.Create(
            CultureInfo.InvariantCulture,
            $"Memory: {_control.AllocatedBytes} bytes allocated by ticks, {_budget.Collections} collections while the robot "
                + $"moved, {_plannedPauses} planned pauses."
        );
        string[] updates = _parts.Learner?.Status switch
        {
            null => [],
            { AchievedUpdatesPerStep: double.NaN } => ["Updates per step: none was due yet."],
            var learner =>
            [
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Updates per step: {learner.AchievedUpdatesPerStep:F2} achieved, {learner.GivenUpUpdates:F0} given up; "
                        + $"{learner.StaleSteps} steps of an older policy left out."
                ),
            ],
        };
        return [loop, .. DriverReport.Counters(_parts.Robot), memory, .. updates];
    }

    private (RunEnd End, string? Problem) Supervise(long steps, Func<StopLevel> stopAsked)
    {
        ControlStatus status = _parts.Loop.Status;
        long until = MonotonicClock.NowNs;
        while (steps == 0 || status.Steps < steps)
        {
            until += _supervisorNs;
            MonotonicClock.SleepUntil(until);
            long now = MonotonicClock.NowNs;
            until = Math.Max(until, now - _supervisorNs);
            if (_control.Failure is { } failure)
            {
                return (RunEnd.Failed, $"the control thread ended: {failure.Message}");
            }

            if (Volatile.Read(ref _recorderFailure) is { } recorder)
            {
                return (RunEnd.Failed, $"the recorder ended: {recorder.Message}");
            }

            _watch.Beat(now);
            FailsafeDecision decision;
            lock (_arming)
            {
                decision = _parts.Supervisor.Step(now);
            }

            if (stopAsked() is not StopLevel.None and var level)
            {
                // Whoever ends a run that a fault has stopped does not undo the fault.
                FailsafeCause? cause = level == StopLevel.PowerOff ? FailsafeCause.EmergencyStop : _parts.Supervisor.StoppedBy;
                return cause is null or FailsafeCause.OperatorStop or FailsafeCause.ShutdownRequested
                    ? (RunEnd.Stopped, null)
                    : (RunEnd.Failsafe, _parts.Supervisor.TextOf(cause.Value));
            }

            if (decision.Action >= FailsafeAction.ControlledStop && _armsItself)
            {
                return (RunEnd.Failsafe, _parts.Supervisor.StoppedText ?? decision.Cause?.ToString());
            }

            if (decision.Action >= FailsafeAction.Hold)
            {
                _parts.Reset.Interrupt();
            }

            ArmWhenReady(status);
            if (!_parts.Loop.StartPending)
            {
                PauseWhenDue(status);
            }

            // In this order: the loop moves on before it takes the request back.
            if (!_parts.Loop.StartPending && status.Stage == LoopStage.AwaitingStart && decision.Action < FailsafeAction.Hold)
            {
                StartEpisode();
            }

            _resetWatch.Step(decision.Action, now);
        }

        return (RunEnd.Done, null);
    }

    private void ArmWhenReady(ControlStatus status)
    {
        // Without its operator it waits: whoever comes later still finds it ready.
        if (
            !_armed
            && _armsItself
            && !_parts.Supervisor.AwaitsOperator
            && status.LastRead is IoStatus.Ok or IoStatus.NotFresh
            && status.Ticks > 10
        )
        {
            if (TryArm() is { } refusal)
            {
                throw new RobotException(_parts.Robot.Description.Name, refusal);
            }
        }
    }

    private void StartEpisode()
    {
        if (_parts.Reset.TryReset())
        {
            _parts.Loop.BeginEpisode();
        }
    }

    /// <summary>
    /// Below a quarter of the budget the running episode is the last one before a pause; below a tenth it is cut short, below a
    /// twentieth the failsafe holds the robot. The collection itself comes while the robot is held and at rest.
    /// </summary>
    private void PauseWhenDue(ControlStatus status)
    {
        long left = _budget.LeftBytes;
        _parts.Supervisor.ReportBudget(left >= 0 && left < _budgetBytes / 20, left);
        if (left < 0 || left > _budgetBytes / 4)
        {
            return;
        }

        bool holds = status.Stage is LoopStage.AwaitingStart or LoopStage.Held;
        bool atRest =
            status.Stage is LoopStage.Disarmed or LoopStage.Stopped
            || (holds && (_parts.Robot.Description.IsSimulated || _parts.Gate.AtRest(_parts.Loop.State)));
        if (!atRest)
        {
            if (left < _budgetBytes / 10)
            {
                _parts.Loop.EndEpisode();
            }

            return;
        }

        _control.PlannedPause = true;
        if (_budget.Renew() is { } refused)
        {
            _log.LogWarning("{Refused}", refused);
        }

        // Two periods, so that the tick that the collection delayed is counted to the pause.
        MonotonicClock.SleepUntil(MonotonicClock.NowNs + (2 * _parts.Period.Ticks * TimeSpan.NanosecondsPerTick));
        _control.PlannedPause = false;
        _plannedPauses++;
    }

    /// <summary>Has the driver stop the robot, waits for the read-back, and says so where there is none.</summary>
    private void StopRobot()
    {
        _parts.Supervisor.RequestShutdown();
        long deadline = MonotonicClock.NowNs + StopConfirmNs;
        while (true)
        {
            long now = MonotonicClock.NowNs;
            _watch.Beat(now);

            // Looked at only after this: an arming that was under way has ended then, and from now on every one is refused.
            lock (_arming)
            {
                _parts.Supervisor.Step(now);
            }

            if (_parts.Robot.State != DeviceState.Powered && _parts.Robot.Stop.Confirmed)
            {
                return;
            }

            if (now > deadline)
            {
                _log.LogCritical(
                    "The stop of {Robot} was not confirmed by read-back within {Seconds} s: power was asked to be removed. "
                        + "Look at the robot.",
                    _parts.Robot.Description.Name,
                    StopConfirmNs / 1e9
                );
                _parts.Robot.RequestStop(StopLevel.PowerOff, "stop not confirmed");
                return;
            }

            MonotonicClock.SleepUntil(now + _supervisorNs);
        }
    }

    private void Record(RunLedger ledger)
    {
        try
        {
            while (!Volatile.Read(ref _stopThreads))
            {
                _parts.Recorder.Drain();
                _store.Journal.SyncIfDue();
                _parts.Supervisor.ReportDisk(_store.Journal.Status != JournalStatus.Ok, _store.Journal.Problem);
                long now = MonotonicClock.NowNs;
                _parts.Supervisor.ReportRecorder(now);
                if (now - _watch.NewestNs < SupervisionLimitNs)
                {
                    // Each report feeds the service manager's watchdog: where the supervisor hangs, there must be none.
                    ledger.Pump(_parts.Learner?.Status);
                }

                MonotonicClock.SleepUntil(now + (2 * MillisecondNs));
            }
        }
#pragma warning disable CA1031 // On this thread it would end the process while the robot moves; the supervisor stops the robot first.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _log.LogError(exception, "The recorder ended; the robot is stopped.");
            Volatile.Write(ref _recorderFailure, exception);
        }
    }

    private void Learn()
    {
        Learning.LearnerLoop learner = _parts.Learner!;
        long checkpointNs = _options.Checkpoint.Every.Ticks * TimeSpan.NanosecondsPerTick,
            due = MonotonicClock.NowNs + checkpointNs;
        try
        {
            while (!Volatile.Read(ref _stopThreads))
            {
                long now = MonotonicClock.NowNs;
                learner.Status.HeartbeatNs = now;
                TakeExperience(learner);

                learner.Status.Busy = learner.IsDue;
                if (!learner.Step())
                {
                    MonotonicClock.SleepUntil(now + MillisecondNs);
                }

                if (now > due)
                {
                    due = now + checkpointNs;
                    learner.Status.Busy = false;
                    _store.SaveCheckpoint(_parts, now, learnerOnly: true);
                }
            }
        }
        // Whatever ends the learner must not end the robot: the last admitted policy goes on, the supervisor says so.
#pragma warning disable CA1031
        catch (Exception exception)
#pragma warning restore CA1031
        {
            learner.Status.Failure = exception.Message;
            _log.LogError(exception, "The learner ended; the last admitted policy goes on.");
        }
    }

    /// <summary>Shows the learner all that waits; a streaming learner updates after each transition, for it keeps none.</summary>
    private void TakeExperience(Learning.LearnerLoop learner)
    {
        while (_parts.Inbox!.TryPeek(out ReadOnlySpan<byte> frame))
        {
            learner.Status.Busy = true;
            learner.Take(frame);
            _parts.Inbox.Release();
            if (learner.KeepsNothing)
            {
                learner.Step();
            }
        }
    }

    private static Thread StartThread(string name, Action run)
    {
        var thread = new Thread(() => run()) { Name = name, IsBackground = true };
        thread.Start();
        return thread;
    }

    public void Dispose()
    {
        _control.Dispose();
        _budget.Dispose();
    }
}
