using Microsoft.Extensions.Logging;
using RobotRl.Algorithms;
using RobotRl.Algorithms.Policies;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Checkpoints;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Evaluation;
using RobotRl.Runtime.Policies;
using RobotRl.Runtime.Runs;
using RobotRl.Runtime.Safety;
using RobotRl.Runtime.Storage;
using RobotRl.Runtime.Telemetry;

namespace RobotRl.Runtime.Loops;

/// <summary>A training or deployment session: joins the parts, runs them on one of the two clocks, and leaves everything on disk.</summary>
public sealed class RunSession : IRunSession
{
    private readonly SessionPlan _plan;
    private readonly RunDirectory _run;
    private readonly RunLock _lock;
    private readonly TimeProvider _time;
    private readonly ILogger _log,
        _shown;
    private readonly ILearner? _learner;
    private readonly PolicyFile? _frozen;
    private readonly IRobot _robot;
    private readonly BlockedLog _followLog;
    private readonly RunParts _parts;
    private readonly RunStore _store;
    private readonly ISessionClock _clock;
    private readonly IReadOnlyList<Companion> _companions;
    private readonly EventLog _eventLog;
    private readonly RunEvents _events;
    private readonly CrashCounter? _counter;
    private LedgerStart? _start;
    private bool _hasCheckpoint;
    private RunLedger? _ledger;
    private volatile RunPhase _phase = RunPhase.Starting;
    private int _stopLevel;
    private string? _stopReason;

    /// <summary>Joins the parts; nothing is powered.</summary>
    /// <param name="plan">What to run.</param>
    /// <param name="run">Its directory.</param>
    /// <param name="runLock">The lock on it; becomes the session's.</param>
    /// <param name="robot">The robot, open or not yet; becomes the session's.</param>
    /// <param name="learner">The learner; becomes the session's. Null where a policy is deployed.</param>
    /// <param name="frozen">The policy to deploy; null where there is a learner.</param>
    /// <param name="time">Clock of rates, dates and syncs.</param>
    /// <param name="log">Log.</param>
    /// <param name="events">The run's log; becomes the session's.</param>
    /// <param name="companions">Further simulated robots with their learners, in lockstep; become the session's. Null for none.</param>
    /// <exception cref="BadInputException">There is nothing to resume, or it does not fit.</exception>
    internal RunSession(
        SessionPlan plan,
        RunDirectory run,
        RunLock runLock,
        IRobot robot,
        ILearner? learner,
        PolicyFile? frozen,
        TimeProvider time,
        ILogger log,
        EventLog events,
        IReadOnlyList<Companion>? companions = null
    )
    {
        (_plan, _run, _lock, _robot, _learner, _frozen, _time, _log, _eventLog) = (
            plan,
            run,
            runLock,
            robot,
            learner,
            frozen,
            time,
            new EventLogger(log, events),
            events
        );
        (_shown, log) = (log, _log);
        RobotRlOptions options = plan.Options;
        PolicySpec policy = learner?.Policy ?? frozen!.Manifest.Spec;
        var settings = new RunSettings(options.Loop, options.Safety, options.Failsafe, options.Learner, options.Admission, options.Run.Seed)
        {
            Task = options.Task,
            Operator = options.Operator,
        };
        var gate = new Hardware.Safety.SafetyGate(robot.Description, options.Safety, options.Loop.PeriodOn(robot.Description));
        _store = new RunStore(plan, run, robot.Description.Name, Experience.FrameLayout.For(plan.Task, robot, gate), policy, time, log);
        _companions = companions ?? [];
        _parts = new RunParts(robot, plan.Task, learner, policy, settings, _store.Journal, episode => _ledger?.EpisodeEnded(episode))
        {
            Companions =
            [
                .. _companions.Select(
                    (c, i) =>
                        new RunParts(
                            c.Robot,
                            c.Task,
                            c.Learner,
                            policy,
                            settings with
                            {
                                Seed = settings.Seed + (ulong)i + 1,
                            },
                            journal: null,
                            episodeEnded: null
                        )
                ),
            ],
        };
        _events = new RunEvents(events, robot, _parts.Learner?.Status, time);
        _counter = CrashCounter.TryOpen(_store.Id.ToString());
        _parts.Loop.Counter = _counter;
        _followLog = new BlockedLog(_parts.Loop.Follow, log);
        _clock = _parts.RealTime ? new RealTimeClock(_parts, _store, options, log) : new LockstepClock(_parts, _store, options, log);
        if (plan.Resume && learner is not null)
        {
            try
            {
                Resume(learner);
            }
            catch
            {
                // What is the caller's is the caller's to dispose; the files are ours.
                _clock.Dispose();
                _store.Dispose();
                _parts.Dispose();
                if (_counter?.Left is null)
                {
                    _counter?.Remove();
                }

                _counter?.Dispose();
                throw;
            }
        }
    }

    /// <inheritdoc/>
    public string RunDirectory => _run.Path;

    /// <summary>Identity of the run, in each of its files.</summary>
    public RunId Id => _store.Id;

    private void Resume(ILearner learner)
    {
        Checkpoint? checkpoint = _store.FindCheckpoint();
        if (checkpoint is not null)
        {
            _store.CheckSame(checkpoint, _parts);
        }

        _clock.Prepare();
        if (checkpoint is null)
        {
            _store.Begin(_parts, learner, lockstep: !RealTime);
        }
        else
        {
            _clock.ContinueFrom(_store.Resume(checkpoint, _parts, learner, lockstep: !RealTime));
        }

        if (RealTime && _counter?.Left - (_store.NewestSequence + 1) is > 0 and var lost)
        {
            // In lockstep the journal is cut back, and every step is made again: nothing is lost there.
            _log.LogWarning(
                "The process before this one ended in the middle of its work: {Lost} transitions that it had done are not in "
                    + "the journal and are lost.",
                lost
            );
        }

        long saved = checkpoint?.Header.Step ?? 0;
        _hasCheckpoint = checkpoint is not null;
        _start = new LedgerStart(RealTime ? _parts.Loop.Status.Steps : saved, saved, KeepsLines: RealTime);
    }

    /// <inheritdoc/>
    public RunOutcome Run(IProgress<RunProgress> progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        using var ledger = new RunLedger(_run, _start, _time, progress, Figures, _store.Id) { Before = LogFailsafe };
        ledger.Damage.ToList().ForEach(damage => _log.LogWarning("Metrics: {Damage}", damage));
        _ledger = ledger;
        _events.Begin(_parts.Loop.Status.Steps, CheckpointStore.ProgramVersion);
        _phase = _learner is null ? RunPhase.Deployed : RunPhase.Training;
        if (_frozen is not null)
        {
            _parts.Policies.Offer(_frozen.Block);
        }

        RunEnd end;
        string? problem;
        try
        {
            _clock.Prepare();
            if (_learner is not null && !_hasCheckpoint)
            {
                // A crash before the first one that is due must leave a run that can be resumed.
                _store.SaveCheckpoint(_parts, _clock.NowNs, learnerOnly: RealTime);
            }

            (end, problem) = _clock.Run(ledger, _plan.Options.Run.Steps, () => (StopLevel)Volatile.Read(ref _stopLevel));
        }
        catch (Exception exception) when (exception is RobotException or IOException or UnauthorizedAccessException)
        {
            (end, problem) = (RunEnd.Failed, exception.Message);
        }

        _phase = RunPhase.Stopping;
        bool learned = _learner is not null && !_clock.LearnerIsLost;
        ledger.Save();
        if (learned)
        {
            _store.SaveCheckpoint(_parts, _clock.NowNs, learnerOnly: RealTime);
        }

        ledger.Pump(_parts.Learner?.Status, force: true);
        var report = new List<string>();
        EvaluationResult? evaluation = null;
        if (learned)
        {
            var policy = new PolicyBlock(_learner!.Policy);
            _parts.Learner!.CopyFinalPolicy(policy);
            evaluation =
                end == RunEnd.Done
                    ? FinalEvaluation.Run(_plan, _parts.Period, policy, progress, report, () => _phase = RunPhase.Evaluating)
                    : null;
            _store.SavePolicy(_parts, policy, evaluation?.Mean);
            if (
                ledger.DrawCurve(
                    _run.CurvePath,
                    $"{_plan.Options.Learner.Algorithm} on {_robot.Description.Name}, seed {_plan.Options.Run.Seed}"
                ) is
                { } undrawn
            )
            {
                report.Add(undrawn);
            }
        }

        if (_parts.Learner?.Status is { } status)
        {
            report.AddRange(LearningReport.Lines(status));
            if (end is RunEnd.Done or RunEnd.Stopped && LearningReport.NothingLearned(status) is { } nothing)
            {
                // It did what was asked and came to nothing: no script may take that for a success.
                (end, problem) = (RunEnd.Failed, nothing);
            }
        }

        report.AddRange(_clock.Report());
        if (_parts.Loop.Status.UnfollowedSteps is > 0 and var unfollowed)
        {
            report.Add($"{unfollowed} steps were kept but not learned from: a joint did not do what it was commanded in them.");
        }

        report.AddRange(ledger.SaveAll(_run));
        if (_eventLog.LostEvents > 0)
        {
            report.Add(FormattableString.Invariant($"{_eventLog.LostEvents} events were not written to {_run.LogPath}."));
        }

        IReadOnlyList<string> losses = _store.Losses(_parts);
        if (losses.Count > 0 && end is RunEnd.Done or RunEnd.Stopped)
        {
            // Whoever waits for this run must not take it for saved.
            (end, problem) = (RunEnd.Failed, string.Join(" ", losses));
        }
        else
        {
            report.AddRange(losses);
        }

        _robot.Close();
        _phase = RunPhase.Ended;
        var outcome = new RunOutcome(end, Describe(end, problem), report)
        {
            Steps = _parts.Loop.Status.Steps,
            Episodes = _parts.Loop.Status.Episodes,
            Updates = _parts.Learner?.Status.Updates ?? 0,
            MeanReturn = evaluation?.Mean ?? double.NaN,
            SuccessRate = evaluation?.SuccessRate ?? double.NaN,
            RefusedTransitions = _parts.Learner?.Status.RefusedSteps ?? 0,
            RefusedUpdates = _parts.Learner?.Status.RefusedUpdates ?? 0,
        };
        LogFailsafe();
        _events.End(outcome);
        _counter?.Remove();
        return outcome;
    }

    /// <inheritdoc/>
    public RunStatus Status() =>
        new(
            _robot.Description.Name,
            _plan.Task.Name,
            _robot.State,
            Armed,
            _parts.Supervisor.LatchedCauses,
            (_ledger?.Newest ?? new RunProgress()) with
            {
                Phase = _phase,
            }
        )
        {
            Stage = _parts.Loop.Status.Stage,
            FaultReason = _robot.FaultReason,
            Stop = _robot.Stop,
            Failsafe = _parts.Supervisor.History.Newest is { Cause: not null } newest ? newest : null,
            Blocked = _parts.Loop.Follow?.Blocked() ?? [],
        };

    /// <inheritdoc/>
    public bool StopConfirmed => RunStatus.IsConfirmed(_robot.State, _robot.Stop);

    private bool RealTime => _parts.RealTime;

    private bool Armed => _parts.Loop.Status.Armed;

    /// <inheritdoc/>
    public string? TryArm()
    {
        string? refusal = _clock.TryArm();
        _events.Armed(refusal);
        return refusal;
    }

    /// <inheritdoc/>
    public void ReportOperator() => _parts.Supervisor.ReportOperator(_clock.NowNs);

    /// <inheritdoc/>
    public string? ReportReady()
    {
        if (_parts.Reset.Prompt is null)
        {
            return "The run does not wait for the operator now. It asks when it does, with Task:Reset=AskOperator.";
        }

        string state = RobotStage.Describe(_robot, _parts.Loop.Status, _parts.Reset);
        if (RealTime && state != RobotStage.WaitsForOperator)
        {
            return $"The robot is {state}: that all is in place counts only while it waits for the operator. Say it again then "
                + $"(robotrl status tells).";
        }

        _parts.Reset.ReportReady();
        return null;
    }

    /// <inheritdoc/>
    public void RequestStop(StopLevel level, string reason)
    {
        _events.StopRequested(level, reason);
        for (int seen = Volatile.Read(ref _stopLevel); (int)level > seen; seen = Volatile.Read(ref _stopLevel))
        {
            if (Interlocked.CompareExchange(ref _stopLevel, (int)level, seen) == seen)
            {
                _stopReason = reason;
                break;
            }
        }

        if (level == StopLevel.PowerOff)
        {
            _parts.Supervisor.RequestEmergencyStop(reason, RealTime ? _clock.NowNs : -1);
            if (RealTime)
            {
                // Straight to the driver, whatever holds the supervisor up. A simulator in lockstep has one thread only.
                _robot.RequestStop(StopLevel.PowerOff, reason);
            }
        }
        else if (RealTime && level > StopLevel.None)
        {
            _parts.Supervisor.RequestOperatorStop(reason, _clock.NowNs);
        }
    }

    /// <summary>Logs what the failsafe has decided. The recorder's thread (the only one in lockstep), for a log may block.</summary>
    private void LogFailsafe()
    {
        _followLog.Look();
        while (_parts.Supervisor.History.TryTake(out FailsafeEvent? change))
        {
            LogLevel level = change switch
            {
                { Cause: null or FailsafeCause.ShutdownRequested } => LogLevel.Information,
                { Cause: FailsafeCause.OperatorStop } or { Action: < FailsafeAction.ControlledStop } => LogLevel.Warning,
                _ => LogLevel.Error,
            };
            _shown.Log(level, "{Change}", change.Text);
            _events.Failsafe(level, change);
        }

        _events.Poll();
    }

    private RunProgress Figures()
    {
        ControlStatus control = _parts.Loop.Status;
        FailsafeAction action = _parts.Supervisor.Action;
        return new RunProgress
        {
            Phase = _phase,
            Step = control.Steps,
            TotalSteps = _plan.Options.Run.Steps,
            Episodes = control.Episodes,
            WantedUpdatesPerStep = _learner?.UpdatesPerTransition ?? double.NaN,
            ShieldRate = control.Steps == 0 ? double.NaN : (double)control.GatedSteps / control.Steps,
            FailsafeAction = action.ToString(),
            FailsafeCause = _parts.Supervisor.Cause?.ToString(),
            FailsafeMeasured = action == FailsafeAction.None ? null : _parts.Supervisor.History.Newest?.Measured,
            Robot = RealTime ? RobotStage.Describe(_robot, control, _parts.Reset) : null,
            MissedTicks = control.MissedTicks,
            BlockedJoints = _parts.Loop.Follow?.BlockedCount ?? 0,
            UnfollowedSteps = control.UnfollowedSteps,
            StorageProblem = _store.Problem,
            LostTransitions = _parts.Ring.Dropped + _store.Journal.LostFrames + (_parts.Inbox?.Dropped ?? 0),
            AllocationBudgetLeft = _clock.AllocationBudgetLeft,
        };
    }

    private string Describe(RunEnd end, string? problem) =>
        end switch
        {
            RunEnd.Done => $"Done: {_parts.Loop.Status.Steps} steps, {_parts.Learner?.Status.Updates ?? 0} updates.",
            RunEnd.Stopped => $"Stopped at step {_parts.Loop.Status.Steps}: {_stopReason ?? "as asked"}. Go on with: {GoOn}",
            RunEnd.Failsafe => $"Stopped by the failsafe at step {_parts.Loop.Status.Steps}: "
                + $"{problem?.TrimEnd('.') ?? _parts.Supervisor.StoppedText ?? "stop"}. Remove the cause, then go on with: "
                + $"{GoOn}",
            _ => $"Failed at step {_parts.Loop.Status.Steps}: {problem}",
        };

    private string GoOn =>
        _learner is null
            ? $"robotrl deploy {ShellWord.Quote(_plan.Policy!)}"
            : $"robotrl train --run {ShellWord.Quote(_run.Path)} --resume";

    /// <inheritdoc/>
    public void Dispose()
    {
        _clock.Dispose();
        _store.Dispose();
        _eventLog.Dispose();
        if (!_clock.ThreadsRemain)
        {
            _parts.Dispose();
            _learner?.Dispose();
            _counter?.Dispose();
        }

        foreach (Companion companion in _companions)
        {
            companion.Dispose();
        }

        _robot.Dispose();
        _lock.Dispose();
    }
}
