using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Experience;
using RobotRl.Runtime.Storage;
using RobotRl.Runtime.Tasks;

namespace RobotRl.Runtime.Loops;

/// <summary>
/// The transition from one policy step to the next: begun with an action, followed through its ticks, completed by the reading of
/// the next step and handed on. Its frame is filled in place.
/// </summary>
/// <remarks>Control thread. It allocates nothing and waits for nobody.</remarks>
internal sealed class OpenTransition
{
    private readonly IControlTask _task;
    private readonly IGoalTask? _goal;
    private readonly SafetyGate _gate;
    private readonly ExperienceRing _ring;
    private readonly FrameLayout _layout;
    private readonly byte[] _frame;
    private readonly double[] _state,
        _previous,
        _executedSum,
        _meanStep;
    private long _tickNs,
        _readingNs;

    public OpenTransition(IControlTask task, IRobot robot, SafetyGate gate, ExperienceRing ring)
    {
        (_task, _goal, _gate, _ring, _layout) = (task, task as IGoalTask, gate, ring, FrameLayout.For(task, robot, gate));
        _frame = GC.AllocateArray<byte>(_layout.Size, pinned: true);
        _state = new double[robot.Description.States.Length];
        int commands = robot.Description.Commands.Length;
        (_previous, _executedSum, _meanStep) = (new double[commands], new double[commands], new double[commands]);
    }

    /// <summary>Whether it was begun and not completed.</summary>
    public bool IsOpen { get; set; }

    /// <summary>Whether the gate changed what the policy proposed, in any of its ticks.</summary>
    public bool IsGated { get; private set; }

    /// <summary>Number of the next one to be completed.</summary>
    public long Sequence { get; set; }

    /// <summary>Counts them beyond the end of the process; null counts nothing.</summary>
    public CrashCounter? Counter { get; set; }

    /// <summary>What the policy observed, [obs]; to be filled before <see cref="Begin"/>.</summary>
    public Span<float> Observation => _layout.Observation(_frame);

    /// <summary>What it proposed, [action]; to be filled before <see cref="Begin"/>.</summary>
    public Span<float> Proposed => _layout.Proposed(_frame);

    /// <summary>The same before squashing, [action]; to be filled before <see cref="Begin"/>.</summary>
    public Span<float> PreSquash => _layout.PreSquash(_frame);

    /// <summary>Whether a learner may learn from it.</summary>
    public bool IsLearnable => FrameLayout.Header(_frame).Learnable != 0;

    /// <summary>The policy has acted.</summary>
    /// <param name="header">Who acted, and how; sequence and times are filled in here.</param>
    /// <param name="read">The reading that it acted on.</param>
    /// <param name="state">Its values, [states].</param>
    /// <param name="command">What had been written before, [commands].</param>
    /// <param name="nowNs">The tick.</param>
    public void Begin(in FrameHeader header, in ReadResult read, ReadOnlySpan<double> state, ReadOnlySpan<double> command, long nowNs)
    {
        ref FrameHeader own = ref FrameLayout.MutableHeader(_frame);
        own = header;
        (own.Sequence, own.ReadingNs) = (Sequence, Nanoseconds(in read));
        Span<double> context = _layout.Context(_frame.AsSpan());
        state.CopyTo(context);
        _gate.CopyState(context[state.Length..]);
        state.CopyTo(_state);
        command.CopyTo(_previous);
        Array.Clear(_executedSum);
        (IsOpen, IsGated, _tickNs, _readingNs) = (true, false, nowNs, own.ReadingNs);
    }

    /// <summary>A tick of it: <paramref name="command"/> is what left the gate, [commands].</summary>
    public void Execute(GateVerdict verdict, ReadOnlySpan<double> command)
    {
        if (verdict.Outcome != GateOutcome.Accepted)
        {
            IsGated = true;
            FrameLayout.MutableHeader(_frame).ReasonBits |= (uint)verdict.Reasons;
        }

        TensorPrimitives.Add(_executedSum, command, _executedSum);
    }

    /// <summary>What the device did not accept was not executed: nobody knows what it did instead.</summary>
    public void Spoil() => FrameLayout.MutableHeader(_frame).Learnable = 0;

    /// <summary>Completes it and hands it on. Returns how it ended.</summary>
    /// <param name="read">The newest reading.</param>
    /// <param name="state">Its values, [states].</param>
    /// <param name="command">What was written last, [commands].</param>
    /// <param name="ticks">How many it lasted.</param>
    /// <param name="nowNs">The tick.</param>
    /// <param name="cause">How it ends where the task does not terminate it.</param>
    /// <param name="isCut">Whether an end by truncation is not the task's time limit: a stop or a pause.</param>
    public EpisodeEnd Complete(
        in ReadResult read,
        ReadOnlySpan<double> state,
        ReadOnlySpan<double> command,
        int ticks,
        long nowNs,
        EpisodeEnd cause,
        bool isCut
    )
    {
        IsOpen = false;
        TensorPrimitives.Divide(_executedSum, ticks, _executedSum);
        ref FrameHeader header = ref FrameLayout.MutableHeader(_frame);
        Span<float> next = _layout.NextObservation(_frame),
            executed = _layout.Executed(_frame);
        _task.Observe(state, command, next);
        if (IsGated)
        {
            _task.ToAction(_task.IsIncremental ? MeanStep(command, ticks) : _executedSum, _previous, executed);
        }
        else
        {
            Proposed.CopyTo(executed);
        }

        float reward = (float)_task.Reward(_state, _executedSum, state);
        long readingNs = Nanoseconds(in read);
        // Fresh: taken after the reading that the policy acted on, whichever tick between the two policy steps brought it.
        bool fresh = read.Status is IoStatus.Ok or IoStatus.NotFresh && readingNs > _readingNs && TensorPrimitives.IsFiniteAll<float>(next);
        header.End = fresh && _task.IsTerminated(state) ? EpisodeEnd.Terminated : cause;
        header.Cut = isCut && header.End == EpisodeEnd.Truncated ? (byte)1 : (byte)0;
        header.Goal = fresh && _goal is { } goal ? (goal.IsReached(state) ? (byte)2 : (byte)1) : (byte)0;
        header.Reward = reward;
        header.NextReadingNs = readingNs;
        header.PeriodNs = nowNs - _tickNs;
        header.Gated = IsGated ? (byte)1 : (byte)0;
        if (!fresh || !float.IsFinite(reward) || !TensorPrimitives.IsFiniteAll<float>(executed))
        {
            header.Learnable = 0;
        }

        _ring.TryWrite(_frame);
        Sequence++;
        Counter?.Set(Sequence);
        return header.End;
    }

    /// <summary>Writes its vectors and its frame.</summary>
    public void Save(IStateWriter writer)
    {
        writer.Write("control/step-state", _state);
        writer.Write("control/step-previous", _previous);
        writer.Write("control/executed-sum", _executedSum);
        writer.Write("control/frame", MemoryMarshal.Cast<byte, float>(_frame.AsSpan()));
    }

    /// <summary>Continues where <see cref="Save"/> was called.</summary>
    public void Load(IStateReader reader)
    {
        reader.Read("control/step-state", _state);
        reader.Read("control/step-previous", _previous);
        reader.Read("control/executed-sum", _executedSum);
        try
        {
            reader.Read("control/frame", MemoryMarshal.Cast<byte, float>(_frame.AsSpan()));
        }
        catch (StateMismatchException)
        {
            // Checkpoints of before have a shorter header.
            byte[] first = new byte[_layout.FirstSize];
            reader.Read("control/frame", MemoryMarshal.Cast<byte, float>(first.AsSpan()));
            FrameLayout.Widen(first, _frame);
        }
    }

    /// <summary>What else it depends on; saved with the loop's counters.</summary>
    public (long TickNs, long ReadingNs, bool IsGated) Marks
    {
        get => (_tickNs, _readingNs, IsGated);
        set => (_tickNs, _readingNs, IsGated) = value;
    }

    /// <summary>Where one of the equal steps that the command took in <paramref name="ticks"/> ticks would have led.</summary>
    private ReadOnlySpan<double> MeanStep(ReadOnlySpan<double> command, int ticks)
    {
        for (int i = 0; i < command.Length; i++)
        {
            _meanStep[i] = _task.MovesOn(i) ? _previous[i] + ((command[i] - _previous[i]) / ticks) : _executedSum[i];
        }

        return _meanStep;
    }

    private static long Nanoseconds(in ReadResult read) => read.Timestamp.Ticks * TimeSpan.NanosecondsPerTick;
}
