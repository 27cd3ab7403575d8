using System.Numerics.Tensors;
using RobotRl.Algorithms;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Checkpoints;
using RobotRl.Runtime.Experience;
using RobotRl.Runtime.Safety;
using RobotRl.Runtime.Storage;
using RobotRl.Runtime.Tasks;

namespace RobotRl.Runtime.Loops;

/// <summary>
/// One control tick: read, observe, act, gate, write, hand the finished transition on. Both clocks run this same code.
/// </summary>
/// <remarks>
/// <see cref="Tick"/> and <see cref="Arm"/>'s effect belong to the control thread; it allocates nothing, takes no lock, waits for
/// nobody and throws for no expected fault. The members that say so may be used from any thread.
/// </remarks>
public sealed partial class ControlLoop
{
    private readonly IRobot _robot;
    private readonly IControlTask _task;
    private readonly SafetyGate _gate;
    private readonly OpenTransition _transition;
    private readonly PolicyMailbox _policies;
    private readonly PolicyMailbox? _fallback;
    private readonly SwapRule _swapRule;
    private readonly CounterRandom _random;
    private readonly ExplorationState _exploration;
    private readonly int _divisor;
    private readonly bool _frozen,
        _incremental;
    private readonly StartMove? _move;
    private readonly IEpisodeTask? _episodeTask;
    private readonly double[] _state,
        _command,
        _proposed,
        _violating;
    private int _demanded;
    private bool _armRequested,
        _disarmRequested,
        _startRequested,
        _endRequested,
        _moveRequested,
        _atStart;
    private int _subTick,
        _step;
    private long _policyVersion;

    /// <summary>Joins the parts; nothing is read or written yet.</summary>
    /// <param name="robot">The robot; opened and powered by the session.</param>
    /// <param name="task">Its task.</param>
    /// <param name="gate">The gate of this robot.</param>
    /// <param name="ring">Takes the finished transitions.</param>
    /// <param name="policies">Brings the policies.</param>
    /// <param name="fallback">Brings the champion, for the failsafe's FallbackPolicy; null where there is none.</param>
    /// <param name="random">Noise of the sampled actions; this loop is its only owner.</param>
    /// <param name="settings">What is fixed for the run.</param>
    public ControlLoop(
        IRobot robot,
        IControlTask task,
        SafetyGate gate,
        ExperienceRing ring,
        PolicyMailbox policies,
        PolicyMailbox? fallback,
        CounterRandom random,
        ControlLoopSettings settings
    )
    {
        ArgumentNullException.ThrowIfNull(robot);
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(gate);
        ArgumentNullException.ThrowIfNull(settings);
        (_robot, _task, _gate, _policies, _fallback, _random) = (robot, task, gate, policies, fallback, random);
        _exploration = new(policies.Front.Spec);
        (_divisor, _swapRule, _frozen, _move) = (settings.PolicyDivisor, settings.SwapRule, settings.Frozen, settings.Move);
        Follow = settings.Follow;
        (_episodeTask, _incremental) = (task as IEpisodeTask, task.IsIncremental);
        _transition = new(task, robot, gate, ring);
        _state = new double[robot.Description.States.Length];
        _violating = new double[_state.Length];
        _command = new double[robot.Description.Commands.Length];
        _proposed = new double[_command.Length];
    }

    /// <summary>
    /// Counts the transitions handed on, for the process after a crash; null counts nothing. Set it before the first tick.
    /// </summary>
    internal CrashCounter? Counter
    {
        set => _transition.Counter = value;
    }

    /// <summary>Figures for others. Any thread.</summary>
    public ControlStatus Status { get; } = new();

    /// <summary>What the failsafe asks for. Any thread sets it; the next tick obeys.</summary>
    public FailsafeAction Demanded
    {
        get => (FailsafeAction)Volatile.Read(ref _demanded);
        set => Volatile.Write(ref _demanded, (int)value);
    }

    /// <summary>The newest reading, [states]. Control thread, or any thread while no tick runs.</summary>
    public ReadOnlySpan<double> State => _state;

    /// <summary>The command last written, [commands]. As <see cref="State"/>.</summary>
    public ReadOnlySpan<double> Command => _command;

    /// <summary>Whether the joints follow; null where nobody watches that.</summary>
    public FollowWatch? Follow { get; }

    /// <summary>
    /// The newest reading that was beyond a limit in spite of the gate, [states]. Any thread; a text made of it may mix two
    /// readings.
    /// </summary>
    public ReadOnlySpan<double> ViolatingState => _violating;

    /// <summary>Version of the policy that acts. Any thread.</summary>
    public long PolicyVersion => Volatile.Read(ref _policyVersion);

    /// <summary>
    /// Lets the loop command the robot from the next tick on, which first sets the gate to the measured pose. The robot must be
    /// Powered. Any thread.
    /// </summary>
    public void Arm() => Volatile.Write(ref _armRequested, true);

    /// <summary>Back to reading only, after an open episode was closed. Any thread.</summary>
    public void Disarm() => Volatile.Write(ref _disarmRequested, true);

    /// <summary>The robot has been reset: begin an episode at the next tick. Any thread.</summary>
    public void BeginEpisode() => Volatile.Write(ref _startRequested, true);

    /// <summary>
    /// Move to the start pose through the gate, from the next tick on; the loop must know a <see cref="StartMove"/>. Any thread.
    /// </summary>
    public void MoveToStart() => Volatile.Write(ref _moveRequested, true);

    /// <summary>Whether the robot was moved to its start pose, is there, and no episode began since. Any thread.</summary>
    public bool AtStart => Volatile.Read(ref _atStart);

    /// <summary>
    /// Why a reset does not end: the joint that is away from the start pose, or the joints that are not at rest; null if neither
    /// is so. Any thread; allocates.
    /// </summary>
    public string? DescribeReset() => (AtStart ? null : _move?.Describe(_state, _command)) ?? _gate.DescribeMotion(_state);

    /// <summary>
    /// Whether a start was asked for and the loop has not begun it yet; nobody may reset the robot meanwhile. Any thread.
    /// </summary>
    public bool StartPending => Volatile.Read(ref _startRequested);

    /// <summary>Truncate the running episode at the next policy step (a planned pause). Any thread.</summary>
    public void EndEpisode() => Volatile.Write(ref _endRequested, true);

    /// <summary>One tick.</summary>
    /// <param name="nowNs">The loop's time, nanoseconds.</param>
    public void Tick(long nowNs)
    {
        ReadResult read = _robot.Read(_state);
        Status.LastRead = read.Status;
        Status.Readings += read.Status == IoStatus.Ok ? 1 : 0;
        Status.DeviceErrorsInRow = read.Status == IoStatus.DeviceFault ? Status.DeviceErrorsInRow + 1 : 0;
        Status.SensorAgeNs = read.Age.Ticks * TimeSpan.NanosecondsPerTick;
        // With nothing to fall back on, cease to move instead.
        FailsafeAction asked = Demanded,
            demanded = asked == FailsafeAction.FallbackPolicy && !HasFallback() ? FailsafeAction.Hold : asked;
        TakeRequests(in read);
        if (Status.Commands)
        {
            if (demanded >= FailsafeAction.ControlledStop)
            {
                CloseTransition(in read, nowNs, EpisodeEnd.Fault);
                Status.Stage = LoopStage.Stopped;
            }
            else
            {
                Drive(in read, nowNs, demanded);
            }
        }

        Status.Ticks++;
        Status.HeartbeatNs = nowNs;
    }

    private void Drive(in ReadResult read, long nowNs, FailsafeAction demanded)
    {
        if (demanded == FailsafeAction.Hold)
        {
            CloseTransition(in read, nowNs, EpisodeEnd.Fault);
            Status.Stage = LoopStage.Held;
            // What was reset before the hold may have moved since.
            ForgetReset();
        }
        else if (Status.Stage == LoopStage.Held)
        {
            Status.Stage = LoopStage.AwaitingStart;
        }

        if (
            Status.Stage == LoopStage.AwaitingStart
            && Volatile.Read(ref _startRequested)
            && read.Status == IoStatus.Ok
            && _gate.Resynchronise(_state)
        )
        {
            Start();
        }
        else if (
            Status.Stage == LoopStage.AwaitingStart
            && Volatile.Read(ref _moveRequested)
            && _move is not null
            && read.Status == IoStatus.Ok
            && _gate.Resynchronise(_state)
        )
        {
            Follow?.Restart(_state);
            _move.Begin(_state);
            Status.Stage = LoopStage.Moving;
            Volatile.Write(ref _moveRequested, false);
        }

        LookWhetherItFollows(in read);
        if (Status.Stage == LoopStage.Running && _subTick == 0)
        {
            CloseTransition(in read, nowNs, EpisodeEnd.None);
            if (Status.Stage == LoopStage.Running)
            {
                Act(in read, nowNs, demanded);
            }
        }

        if (Status.Stage == LoopStage.Running)
        {
            ApplyGate(in read);
            _subTick = (_subTick + 1) % _divisor;
        }
        else if (Status.Stage == LoopStage.Moving)
        {
            Move(in read);
        }
        else
        {
            _gate.Hold(_state, _command);
        }

        WriteResult written = _robot.Write(_command);
        Follow?.Take(_command, written.Status == IoStatus.Ok);
        Status.FailedWritesInRow =
            written.Status == IoStatus.Ok ? 0 : Status.FailedWritesInRow + (read.Status == IoStatus.LinkLost ? 0 : 1);
        if (written.Status != IoStatus.Ok && _transition.IsOpen)
        {
            _transition.Spoil();
        }

        bool violated = _gate.IsViolated(_state);
        Status.LimitViolationsInRow = violated ? Status.LimitViolationsInRow + 1 : 0;
        if (violated)
        {
            _state.CopyTo(_violating, 0);
        }
    }

    /// <summary>What a joint was commanded and did not do was not executed: nothing is learned from that.</summary>
    private void LookWhetherItFollows(in ReadResult read)
    {
        if (Follow is null || read.Status != IoStatus.Ok || !TensorPrimitives.IsFiniteAll<double>(_state))
        {
            return;
        }

        Follow.Look(_state);
        if (_transition.IsOpen && Follow.IsSuspect)
        {
            Status.UnfollowedSteps += _transition.IsLearnable ? 1 : 0;
            _transition.Spoil();
        }
    }

    private void Move(in ReadResult read)
    {
        _move!.Next(_state, _proposed);
        GateVerdict verdict = _gate.Apply(_proposed, _state, read.Age, _command);
        Status.NonFiniteInRow = (verdict.Reasons & GateReasons.NonFiniteState) == 0 ? 0 : Status.NonFiniteInRow + 1;
        if (_move.IsThere(_state) && _gate.AtRest(_state))
        {
            // In this order: whoever sees the stage sees that it is there.
            Volatile.Write(ref _moveRequested, false);
            Volatile.Write(ref _atStart, true);
            Status.Stage = LoopStage.AwaitingStart;
        }
    }

    private void ForgetReset()
    {
        Volatile.Write(ref _startRequested, false);
        Volatile.Write(ref _moveRequested, false);
        Volatile.Write(ref _atStart, false);
    }

    private void TakeRequests(in ReadResult read)
    {
        if (Volatile.Read(ref _disarmRequested))
        {
            Volatile.Write(ref _disarmRequested, false);
            CloseTransition(in read, Status.HeartbeatNs, EpisodeEnd.Truncated);
            Status.Stage = LoopStage.Disarmed;
        }

        // A pose that is no number cannot be synchronised with: arming then waits for a reading that can.
        if (Volatile.Read(ref _armRequested) && read.Status == IoStatus.Ok && _gate.Resynchronise(_state))
        {
            Volatile.Write(ref _armRequested, false);
            ForgetReset();
            Follow?.Forget();
            Follow?.Restart(_state);
            (_transition.IsOpen, _subTick) = (false, 0);
            Status.ForgetFaults();
            Status.Stage = LoopStage.AwaitingStart;
        }
    }

    private void Start()
    {
        _gate.Hold(_state, _command);
        Follow?.Restart(_state);
        _exploration.Restart();
        (_step, _subTick, _transition.IsOpen) = (0, 0, false);
        Volatile.Write(ref _endRequested, false);
        if (_swapRule == SwapRule.EpisodeEnd)
        {
            _policies.TryTake();
        }

        _fallback?.TryTake();
        _episodeTask?.BeginEpisode(Status.Episodes);
        Status.Stage = LoopStage.Running;
        // Last, so that whoever sees no start pending sees the stage that it led to.
        ForgetReset();
    }

    private bool HasFallback() => _fallback is { } fallback && (fallback.HasPolicy || fallback.TryTake());

    private void Act(in ReadResult read, long nowNs, FailsafeAction demanded)
    {
        // RolloutEnd too: an offer is made when a rollout is complete, and never else.
        if (_swapRule != SwapRule.EpisodeEnd)
        {
            _policies.TryTake();
        }

        PolicyMailbox source = _policies;
        if (demanded == FailsafeAction.FallbackPolicy && _fallback is { } fallback)
        {
            source = fallback;
        }

        PackedPolicy policy = source.Front;
        Volatile.Write(ref _policyVersion, policy.Version);
        Span<float> observation = _transition.Observation,
            action = _transition.Proposed,
            preSquash = _transition.PreSquash;
        _task.Observe(_state, _command, observation);
        float logProbability = 0;
        if (_frozen)
        {
            policy.ActFrozen(observation, action);
            action.CopyTo(preSquash);
        }
        else
        {
            logProbability = policy.Act(observation, _random, _exploration, action, preSquash);
        }

        bool finite = source.HasPolicy && TensorPrimitives.IsFiniteAll<float>(observation) && TensorPrimitives.IsFiniteAll<float>(action);
        if (finite)
        {
            _task.ToCommand(action, _command, _proposed);
        }
        else
        {
            // An action that is no number must reach the gate as one, whatever the task would make of it.
            _proposed.AsSpan().Fill(double.NaN);
        }

        var header = new FrameHeader
        {
            PolicyVersion = policy.Version,
            Episode = Status.Episodes,
            Step = _step,
            LogProbability = logProbability,
            Learnable = finite ? (byte)1 : (byte)0,
            Uniform = policy.UniformActions ? (byte)1 : (byte)0,
            Fallback = source == _policies ? (byte)0 : (byte)1,
        };
        _transition.Begin(in header, in read, _state, _command, nowNs);
    }

    private void ApplyGate(in ReadResult read)
    {
        if (_incremental && _subTick > 0 && _transition.IsLearnable)
        {
            _task.ToCommand(_transition.Proposed, _command, _proposed);
        }

        GateVerdict verdict = _gate.Apply(_proposed, _state, read.Age, _command);
        bool finite = (verdict.Reasons & (GateReasons.NonFiniteAction | GateReasons.NonFiniteState)) == 0;
        Status.NonFiniteInRow = finite ? 0 : Status.NonFiniteInRow + 1;
        _transition.Execute(verdict, _command);
    }

    /// <summary>
    /// Completes the open transition with the newest reading; <paramref name="cause"/> None lets the task decide on an end.
    /// </summary>
    private void CloseTransition(in ReadResult read, long nowNs, EpisodeEnd cause)
    {
        if (!_transition.IsOpen)
        {
            return;
        }

        bool limit = _task.MaxEpisodeSteps > 0 && _step + 1 >= _task.MaxEpisodeSteps,
            ended = limit || Volatile.Read(ref _endRequested);
        EpisodeEnd end = _transition.Complete(
            in read,
            _state,
            _command,
            _subTick == 0 ? _divisor : _subTick,
            nowNs,
            cause == EpisodeEnd.None && ended ? EpisodeEnd.Truncated : cause,
            isCut: !limit
        );
        _step++;
        Status.Steps++;
        Status.GatedSteps += _transition.IsGated ? 1 : 0;
        if (end != EpisodeEnd.None)
        {
            Status.Episodes++;
            Status.Stage = LoopStage.AwaitingStart;
            Volatile.Write(ref _endRequested, false);
        }
    }
}
