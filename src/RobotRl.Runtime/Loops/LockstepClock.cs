using Microsoft.Extensions.Logging;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Journal;
using RobotRl.Runtime.Safety;

namespace RobotRl.Runtime.Loops;

/// <summary>A session in lockstep: one thread does everything, in one fixed order.</summary>
internal sealed class LockstepClock : ISessionClock
{
    private static readonly TimeSpan s_heldLimit = TimeSpan.FromSeconds(60),
        s_diskPause = TimeSpan.FromMilliseconds(250);

    private readonly RunParts _parts;
    private readonly RunStore _store;
    private readonly RobotRlOptions _options;
    private readonly ILogger _log;
    private readonly LockstepLoop _loop;
    private readonly LockstepLoop[] _companions;
    private readonly LockstepFleet _fleet;
    private bool _prepared;

    public LockstepClock(RunParts parts, RunStore store, RobotRlOptions options, ILogger log)
    {
        (_parts, _store, _options, _log) = (parts, store, options, log);
        _loop = new LockstepLoop(parts);
        _companions = [.. parts.Companions.Select(p => new LockstepLoop(p))];
        _fleet = new LockstepFleet([_loop, .. _companions]);
    }

    public long NowNs => _loop.NowNs;

    public long AllocationBudgetLeft => -1;

    public bool LearnerIsLost => false;

    public bool ThreadsRemain => false;

    public void Prepare()
    {
        if (_prepared)
        {
            return;
        }

        _prepared = true;
        if (_fleet.Start() is { } refusal)
        {
            throw new RobotException(_parts.Robot.Description.Name, refusal);
        }
    }

    public void ContinueFrom(long nowNs)
    {
        foreach (LockstepLoop loop in (LockstepLoop[])[_loop, .. _companions])
        {
            loop.ContinueFrom(nowNs);
        }
    }

    public (RunEnd End, string? Problem) Run(RunLedger ledger, long steps, Func<StopLevel> stopAsked)
    {
        ControlStatus status = _parts.Loop.Status;
        long seen = status.Steps,
            heldSince = _loop.NowNs;
        if (_parts.Supervisor.Action >= FailsafeAction.ControlledStop && _loop.Rearm() is { } refusal)
        {
            // The checkpoint was saved at a stop; to resume is to arm again.
            return (RunEnd.Failsafe, refusal);
        }

        while (steps == 0 || status.Steps < steps)
        {
            if (stopAsked() != StopLevel.None)
            {
                return (stopAsked() == StopLevel.PowerOff ? RunEnd.Failsafe : RunEnd.Stopped, null);
            }

            FailsafeAction action = _fleet.Step();
            heldSince = status.Stage == LoopStage.Held ? heldSince : _loop.NowNs;
            if (action >= FailsafeAction.ControlledStop || status.Stage == LoopStage.Stopped)
            {
                _loop.Settle();
                return (RunEnd.Failsafe, _parts.Supervisor.StoppedText);
            }

            if (_loop.NowNs - heldSince > s_heldLimit.Ticks * TimeSpan.NanosecondsPerTick)
            {
                return (
                    RunEnd.Failsafe,
                    $"{_parts.Supervisor.Cause} held the robot for {s_heldLimit.TotalSeconds} s: "
                        + $"{_parts.Supervisor.History.Newest?.Measured}"
                );
            }

            if (status.Steps == seen)
            {
                continue;
            }

            seen = status.Steps;
            _store.Journal.SyncIfDue();
            if (_store.Journal.Status != JournalStatus.Ok)
            {
                WaitForDisk(ledger, stopAsked);
            }

            if (_options.Checkpoint.EverySteps > 0 && seen % _options.Checkpoint.EverySteps == 0)
            {
                ledger.Save();
                _store.SaveCheckpoint(_parts, _loop.NowNs, learnerOnly: false);
            }

            ledger.Pump(_parts.Learner?.Status);
        }

        return (RunEnd.Done, null);
    }

    public string? TryArm() => "A lockstep run is armed from its start to its end.";

    public IEnumerable<string> Report() => [];

    /// <summary>Simulated time stands still until the journal can be written again: nothing is learned from what would be lost.</summary>
    private void WaitForDisk(RunLedger ledger, Func<StopLevel> stopAsked)
    {
        _log.LogError("Learning pauses: {Problem}", _store.Journal.Problem);
        _parts.Supervisor.ReportDisk(true, _store.Journal.Problem);
        using var pause = new ManualResetEventSlim();
        while (!_store.Journal.Sync() && stopAsked() == StopLevel.None)
        {
            ledger.Pump(_parts.Learner?.Status);
            pause.Wait(s_diskPause);
        }

        _parts.Supervisor.ReportDisk(false);
        _log.LogInformation("Learning goes on: the journal can be written.");
    }

    public void Dispose() { }
}
