using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Learning;
using RobotRl.Runtime.Safety;

namespace RobotRl.Runtime.Loops;

/// <summary>
/// Watches heartbeats, readings, the learner, the disk and the operator, lets the failsafe decide, and carries its decision to
/// the control loop, the learner and the driver. It may ask for a stop; it never commands the robot.
/// </summary>
/// <remarks><see cref="Step"/> and <see cref="TryArm"/>: one thread at a time. Requests: any thread.</remarks>
public sealed partial class Supervisor
{
    private readonly Failsafe _failsafe;
    private readonly ControlLoop _loop;
    private readonly SafetyGate _gate;
    private readonly IRobot _robot;
    private readonly LearnerStatus? _learner;
    private readonly LearnerWatch? _learnerWatch;
    private readonly bool _realTime,
        _holdsByDriver,
        _operatorExpected;
    private readonly RangeWatch? _ranges;
    private readonly OutsideStops _outside;
    private readonly AskedStop _emergency = new(FailsafeCause.EmergencyStop),
        _operatorStop = new(FailsafeCause.OperatorStop);
    private readonly CauseDetail _known;
    private readonly Func<FailsafeCause, string?> _detail;
    private FailsafeEvent? _stopped;
    private FailsafeConditions _conditions;
    private FailsafeLatch _latch;
    private StopLevel _asked;
    private bool _shutdown,
        _diskFull,
        _budgetLow;
    private long _operatorSeenNs = -1,
        _recorderSeenNs = -1,
        _resetSinceNs = -1,
        _fellAtTick = long.MaxValue;
    private int _action,
        _cause = -1;

    /// <summary>Joins the parts and runs every branch of the failsafe once.</summary>
    /// <param name="failsafe">The rules.</param>
    /// <param name="loop">The control loop to watch and to tell.</param>
    /// <param name="gate">Knows what rest is; used here for nothing else.</param>
    /// <param name="robot">The robot to stop.</param>
    /// <param name="learner">The learner to watch and to freeze; null where there is none.</param>
    /// <param name="realTime">Whether causes of the wall clock exist.</param>
    /// <param name="ranges">Watches temperatures, voltages and currents; null for none.</param>
    /// <param name="operatorExpected">Whether the operator must give signs of life whenever the robot is armed.</param>
    public Supervisor(
        Failsafe failsafe,
        ControlLoop loop,
        SafetyGate gate,
        IRobot robot,
        LearnerStatus? learner,
        bool realTime,
        RangeWatch? ranges = null,
        bool operatorExpected = false
    )
    {
        ArgumentNullException.ThrowIfNull(failsafe);
        ArgumentNullException.ThrowIfNull(robot);
        (_ranges, _operatorExpected, _outside, History) = (
            ranges,
            operatorExpected,
            new OutsideStops(robot),
            new FailsafeHistory(failsafe)
        );
        _known = new(robot, loop, gate, ranges, learner)
        {
            AskedBy = cause => cause == FailsafeCause.EmergencyStop ? _emergency.Reason : _operatorStop.Reason,
        };
        _detail = _known.Of;
        (_failsafe, _loop, _gate, _robot, _learner, _realTime) = (failsafe, loop, gate, robot, learner, realTime);
        _learnerWatch = learner is null ? null : new(learner, realTime);
        _holdsByDriver = robot.Description.Commands.Any(c =>
            c.Kind is InterfaceKind.Effort or InterfaceKind.Current or InterfaceKind.Voltage
        );
        failsafe.WarmUp();
    }

    /// <summary>What the failsafe asks for now. Any thread.</summary>
    public FailsafeAction Action => (FailsafeAction)Volatile.Read(ref _action);

    /// <summary>The cause that decides; null where there is none. Any thread.</summary>
    public FailsafeCause? Cause => Volatile.Read(ref _cause) is >= 0 and var cause ? (FailsafeCause)cause : null;

    /// <summary>The cause of the first stop since arming; null where there was none. Any thread.</summary>
    public FailsafeCause? StoppedBy { get; private set; }

    /// <summary>The same with what was measured, the threshold and what to do. Any thread.</summary>
    public string? StoppedText => StoppedBy is { } by ? TextOf(by) : null;

    /// <summary><paramref name="cause"/> by name, with its text if it stopped the robot. Any thread.</summary>
    public string TextOf(FailsafeCause cause) =>
        _stopped is { } told && told.Cause == cause ? $"{cause}: {told.Measured}" : cause.ToString();

    /// <summary>Causes that are latched, by name. Any thread; may be a tick old.</summary>
    public IReadOnlyList<string> LatchedCauses
    {
        get
        {
            FailsafeLatch latch = _latch;
            return [.. Enum.GetValues<FailsafeCause>().Where(c => latch.IsLatched(c)).Select(c => c.ToString())];
        }
    }

    /// <summary>Changes of what the failsafe asks for, to be logged. Any thread.</summary>
    public FailsafeHistory History { get; }

    /// <summary>The emergency stop: power is removed. Any thread; stays until armed again.</summary>
    /// <param name="reason">Who asks, for the log.</param>
    /// <param name="atNs">When it was asked for, on the run's clock; -1 for the next look.</param>
    public void RequestEmergencyStop(string? reason = null, long atNs = -1) => _emergency.Ask(reason, atNs);

    /// <summary>The operator asks for a controlled stop. Any thread; stays until armed again.</summary>
    /// <param name="reason">Who asks, for the log.</param>
    /// <param name="atNs">When it was asked for, on the run's clock; -1 for the next look.</param>
    public void RequestOperatorStop(string? reason = null, long atNs = -1) => _operatorStop.Ask(reason, atNs);

    /// <summary>The process is to end: a controlled stop. Any thread; final.</summary>
    public void RequestShutdown() => Volatile.Write(ref _shutdown, true);

    /// <summary>Whether nothing more can be written to the run. Any thread.</summary>
    /// <param name="full">Whether it is so.</param>
    /// <param name="problem">Which file, and what the system says; null where unknown.</param>
    public void ReportDisk(bool full, string? problem = null)
    {
        _known.DiskProblem = problem;
        Volatile.Write(ref _diskFull, full);
    }

    /// <summary>Whether the allocation budget is about to end. Any thread.</summary>
    /// <param name="low">Whether it is so.</param>
    /// <param name="leftBytes">What is left of it; negative where unknown.</param>
    public void ReportBudget(bool low, long leftBytes = -1)
    {
        _known.BudgetLeft = leftBytes;
        Volatile.Write(ref _budgetLow, low);
    }

    /// <summary>A sign of life of the operator; from the first one on they are expected. Any thread.</summary>
    public void ReportOperator(long nowNs) => Volatile.Write(ref _operatorSeenNs, nowNs);

    /// <summary>A sign of life of the recorder; from the first one on more are expected. Any thread.</summary>
    public void ReportRecorder(long nowNs) => Volatile.Write(ref _recorderSeenNs, nowNs);

    /// <summary>Since when a reset between episodes lasts; -1 where there is none, or it waits for somebody. Any thread.</summary>
    public void ReportReset(long sinceNs) => Volatile.Write(ref _resetSinceNs, sinceNs);

    /// <summary>Whether the operator is expected and has not been heard yet. Any thread.</summary>
    public bool AwaitsOperator => _operatorExpected && Volatile.Read(ref _operatorSeenNs) < 0;

    /// <summary>Looks, decides, and tells everybody concerned.</summary>
    /// <param name="nowNs">The run's time: simulated in lockstep.</param>
    public FailsafeDecision Step(long nowNs)
    {
        TimeSpan now = Time(nowNs);
        Observe(nowNs, now);
        FailsafeDecision decision = _failsafe.Decide(in _conditions, _latch, now);
        _latch = decision.Latch;
        Carry(decision.Action, decision.Cause);
        AskDriver(decision);
        // Last: whoever is told must not hold a stop up.
        History.Take(decision, _conditions, nowNs, _loop.Status.HeartbeatNs, _detail);
        if (decision.Cause is { } cause && StoppedBy is { } stopped && cause != stopped && Failsafe.Explains(cause, stopped))
        {
            StoppedBy = cause;
        }

        if (StoppedBy is { } by && History.Newest is { } change && change.Cause == by)
        {
            _stopped = change;
        }
        return decision;
    }

    private void Carry(FailsafeAction action, FailsafeCause? cause)
    {
        Volatile.Write(ref _action, (int)action);
        Volatile.Write(ref _cause, cause is { } known ? (int)known : -1);
        _loop.Demanded = action;
        if (_learner is not null)
        {
            _learner.Frozen = action >= FailsafeAction.FreezeLearning;
        }
    }

    /// <summary>
    /// Arms: clears what may be cleared, asks for rest, powers the robot, and lets the loop command it from the measured pose on.
    /// Null on success, else one sentence that says why not.
    /// </summary>
    public string? TryArm(long nowNs)
    {
        // A stop that was asked for and not carried out yet must not be taken back by arming.
        _outside.Look(this);
        bool emergency = _emergency.TakeBack(in _conditions),
            stop = _operatorStop.TakeBack(in _conditions);
        if (emergency || stop)
        {
            Step(nowNs);
            return $"Arming refused: {(emergency ? FailsafeCause.EmergencyStop : FailsafeCause.OperatorStop)} was asked for at this "
                + $"moment. Arm again where that was not meant.";
        }

        _loop.Status.ForgetFaults();
        _learner?.ForgetRefusedUpdates();
        _loop.Follow?.Forget();
        TimeSpan now = Time(nowNs);
        Observe(nowNs, now);

        // A stopped robot need not report, nor its operator; of one to be armed both must.
        SetReadingAge(nowNs);
        SetOperatorAge(nowNs);
        FailsafeLatch latch = _latch;
        if (!_failsafe.TryArm(in _conditions, ref latch, now, out string? refusal, _detail))
        {
            if (TryRestart() is { } restarted)
            {
                return StopAgain(nowNs, restarted);
            }

            if (_loop.Status.HeartbeatNs <= _loop.Status.SensorAgeNs)
            {
                // Its stamp is the clock's zero.
                return $"Arming refused: robot {_robot.Description.Name} has given no reading "
                    + $"yet{(_robot.FaultReason is { } why ? $" ({why})" : "")}. Arm again once it does.";
            }

            return AwaitsOperator
                    ? "Arming refused: OperatorHeartbeatLost is present, nobody has attended the robot yet. Start robotrl operator."
                : refusal?.Contains(nameof(FailsafeCause.OperatorHeartbeatLost), StringComparison.Ordinal) == true
                    ? $"{refusal} Start robotrl operator."
                : refusal;
        }

        if (_asked == StopLevel.None && _robot.State == DeviceState.Powered && _loop.Status.Armed)
        {
            // Armed already: what a rearm clears is cleared, and the running episode goes on.
            _latch = latch;
            Step(nowNs);
            return null;
        }

        // A simulator may be armed in motion: it is put to its start pose before anything is commanded.
        if (!(_robot.Description.IsSimulated && _robot is ITeleport) && !_gate.AtRest(_loop.State))
        {
            return $"Arming refused: robot {_robot.Description.Name} is moving ({_gate.DescribeMotion(_loop.State)}). Bring it to "
                + $"rest and arm again.";
        }

        try
        {
            _robot.ClearFault();
            if (_emergency.Stands || Volatile.Read(ref _shutdown))
            {
                // Pressed meanwhile: the power stays off.
                return StopAgain(
                    nowNs,
                    "Arming refused: a stop was asked for while the robot was being armed. Arm again where that was not meant."
                );
            }

            _robot.PowerOn();
        }
        catch (RobotException exception)
        {
            return StopAgain(nowNs, $"Arming refused: {exception.Message}");
        }

        // Clearing may take many ticks (a new connection), in each of which the fault was still read.
        _loop.Status.ForgetFaults();

        (_latch, _asked, StoppedBy) = (latch, StopLevel.None, null);
        _outside.Forget();
        _conditions.Clear(FailsafeCause.StopUnconfirmed);
        Step(nowNs);
        _loop.Arm();
        return null;
    }

    /// <summary>
    /// A fault was cleared and no power followed: the robot forgot its stop, and that it had confirmed it. It is asked for anew
    /// and read back.
    /// </summary>
    private string StopAgain(long nowNs, string refusal)
    {
        _asked = (StopLevel)Math.Min((int)_asked, (int)_robot.Stop.Requested);
        Step(nowNs);
        return refusal;
    }

    /// <summary>
    /// A device that reports a fault instead of readings (an encoder that failed) may give one again only once the fault is cleared,
    /// and arming asks for readings first: the operator's order to arm clears it. What became of that; null where it is not so.
    /// </summary>
    private string? TryRestart()
    {
        if (_robot.State != DeviceState.Faulted || _loop.Status.LastRead != IoStatus.DeviceFault || _emergency.Stands || _shutdown)
        {
            return null;
        }

        string? fault = _robot.FaultReason;
        try
        {
            _robot.ClearFault();
            return $"Arming refused: the robot reported a fault and no reading ({fault?.TrimEnd('.')}). The fault was cleared just "
                + $"now: arm again once readings come; switch the supply off and on where none do.";
        }
        catch (RobotException error)
        {
            return $"Arming refused: {error.Message}";
        }
    }

    private void Observe(long nowNs, TimeSpan now)
    {
        ControlStatus control = _loop.Status;
        // Before the look: the device tells of a demanded stop first, and of the fault that it is too afterwards.
        long errors = control.DeviceErrorsInRow;
        _outside.Look(this);
        bool commanding = control.Commands;
        if (commanding)
        {
            SetReadingAge(nowNs);
        }
        else
        {
            _conditions.Clear(FailsafeCause.SensorStale);
        }

        _conditions.SetActive(FailsafeCause.CommandNotFollowed, commanding && _loop.Follow is { IsCut: true }, now);
        if (_realTime && commanding)
        {
            _conditions.SetLastSeen(FailsafeCause.ControlStalled, Time(control.HeartbeatNs));
        }
        else
        {
            _conditions.Clear(FailsafeCause.ControlStalled);
        }

        bool fell = commanding && _robot.State is DeviceState.Faulted or DeviceState.Closed && _asked < StopLevel.ControlledStop;
        // A device that is powered and was not asked to stop must take what is written.
        long refused = control.Stage is LoopStage.Running or LoopStage.Moving && _asked == StopLevel.None ? control.FailedWritesInRow : 0;
        bool lost = control.LastRead == IoStatus.LinkLost;
        // A device out of reach is faulted too: one cause, not two. Two ticks later the loop has read which it is.
        _fellAtTick = !fell ? long.MaxValue : Math.Min(_fellAtTick, control.Ticks);
        fell &= !lost && control.Ticks >= _fellAtTick + 2;
        bool emergency = _emergency.Stands,
            outside = _outside.Stands && (emergency || _operatorStop.Stands);
        if (emergency || outside)
        {
            // Who asked for it told the driver as well, so that what the device does now is no error.
            (fell, refused, errors) = (false, 0, outside ? 0 : errors);
        }

        _conditions.SetCount(FailsafeCause.DeviceError, Math.Max(Math.Max(errors, refused), fell ? 1 : 0));
        _conditions.SetActive(FailsafeCause.LinkLost, lost, now);
        _conditions.SetCount(FailsafeCause.DeadlineMissed, _realTime ? control.MissedInRow : 0);
        _conditions.SetCount(FailsafeCause.NonFiniteAction, control.NonFiniteInRow);
        _conditions.SetCount(FailsafeCause.LimitViolated, control.LimitViolationsInRow);
        _conditions.SetActive(FailsafeCause.DiskFull, Volatile.Read(ref _diskFull), now);
        _conditions.SetActive(FailsafeCause.AllocationBudgetLow, Volatile.Read(ref _budgetLow), now);
        _emergency.Report(ref _conditions, now);
        _operatorStop.Report(ref _conditions, now);
        _conditions.SetActive(FailsafeCause.ShutdownRequested, Volatile.Read(ref _shutdown), now);
        _conditions.SetActive(FailsafeCause.StopUnconfirmed, _asked >= StopLevel.ControlledStop && !_robot.Stop.Confirmed, now);
        if (_operatorExpected && !commanding)
        {
            _conditions.Clear(FailsafeCause.OperatorHeartbeatLost);
        }
        else
        {
            SetOperatorAge(nowNs);
        }

        if (Volatile.Read(ref _recorderSeenNs) is >= 0 and var recorder)
        {
            _conditions.SetLastSeen(FailsafeCause.RecorderStalled, Time(recorder));
        }

        long reset = Volatile.Read(ref _resetSinceNs);
        _conditions.SetActive(FailsafeCause.ResetTimedOut, commanding && reset >= 0, AskedStop.Since(reset, now));
        // Before the first reading there is nothing to judge.
        if (_ranges is not null && control.Readings > 0)
        {
            _ranges.Look(_loop.State);
            _ranges.Report(ref _conditions, now);
        }

        _learnerWatch?.Report(ref _conditions, now);
    }

    private void SetOperatorAge(long nowNs)
    {
        long seen = Volatile.Read(ref _operatorSeenNs);
        if (seen >= 0 || _operatorExpected)
        {
            _conditions.SetLastSeen(FailsafeCause.OperatorHeartbeatLost, seen >= 0 ? Time(seen) : Time(nowNs) - TimeSpan.FromDays(1));
        }
    }

    private void SetReadingAge(long nowNs)
    {
        ControlStatus control = _loop.Status;
        _conditions.SetLastSeen(FailsafeCause.SensorStale, Time(Math.Min(nowNs, control.HeartbeatNs) - control.SensorAgeNs));
    }

    private void AskDriver(FailsafeDecision decision)
    {
        StopLevel level = decision.Action switch
        {
            FailsafeAction.PowerOff => StopLevel.PowerOff,
            FailsafeAction.ControlledStop => StopLevel.ControlledStop,
            FailsafeAction.Hold when _holdsByDriver => StopLevel.Hold,
            _ => StopLevel.None,
        };
        if (level > _asked)
        {
            string reason = decision.Cause?.ToString() ?? "stop";
            _robot.RequestStop(level, reason);
            _asked = level;
            StoppedBy ??= level >= StopLevel.ControlledStop ? decision.Cause : null;
        }
        else if (level == StopLevel.None && _asked == StopLevel.Hold && _robot.State == DeviceState.Powered)
        {
            // The hold's cause cleared by its own rule: the driver may take commands again.
            _robot.ClearFault();
            _asked = StopLevel.None;
        }
    }

    /// <summary>A time on the run's clock.</summary>
    internal static TimeSpan Time(long ns) => TimeSpan.FromTicks(ns / TimeSpan.NanosecondsPerTick);
}
