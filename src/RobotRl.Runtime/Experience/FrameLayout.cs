using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RobotRl.Algorithms.Experience;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Journal;
using RobotRl.Runtime.Tasks;

namespace RobotRl.Runtime.Experience;

/// <summary>
/// Where things lie in an experience frame: <see cref="FrameHeader"/>; float64 context [context]: the robot's state and the
/// gate's where the policy acted; float32 vectors: observation [obs], next observation [obs], proposed, pre-squash and executed
/// action [action each]. The same bytes travel through the rings and lie in the journal.
/// </summary>
/// <param name="ObservationSize">Length of an observation.</param>
/// <param name="ActionSize">Length of an action.</param>
/// <param name="ContextSize">Length of the context.</param>
public sealed record FrameLayout(int ObservationSize, int ActionSize, int ContextSize)
{
    private static readonly int HeaderSize = Unsafe.SizeOf<FrameHeader>();

    /// <summary>Bytes of a header in journals of format version 1, and in checkpoints of that time.</summary>
    internal const int FirstHeaderSize = 72;

    /// <summary>The layout for a task on a robot behind a gate.</summary>
    public static FrameLayout For(IControlTask task, IRobot robot, SafetyGate gate)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(robot);
        ArgumentNullException.ThrowIfNull(gate);
        return new(task.ObservationNames.Length, task.Actions.ActionSize, robot.Description.States.Length + gate.StateSize)
        {
            ObservationNames = task.ObservationNames,
            StateNames = [.. robot.Description.States.Select(s => s.Name)],
        };
    }

    /// <summary>Names of the observation's components; empty if they have none.</summary>
    public ImmutableArray<string> ObservationNames { get; init; } = [];

    /// <summary>Names of the robot's states, which are the first part of the context; empty if the whole context counts as such.</summary>
    public ImmutableArray<string> StateNames { get; init; } = [];

    /// <summary>Bytes of a frame.</summary>
    public int Size => VectorStart + (sizeof(float) * ((2 * ObservationSize) + (3 * ActionSize)));

    /// <summary>The frame's fields by name, for the journal.</summary>
    public JournalLayout Journal =>
        JournalLayout.Of(
            Fields(HeaderSize),
            Size,
            $"transition v1, context {ContextSize}, observation {ObservationSize}, action {ActionSize}",
            JournalLayout.Of([.. Fields(FirstHeaderSize).Where(f => !f.IsOptional)], FirstSize)
        );

    /// <summary>Bytes of a frame whose header has <see cref="FirstHeaderSize"/>.</summary>
    internal int FirstSize => Size - HeaderSize + FirstHeaderSize;

    private int VectorStart => HeaderSize + (sizeof(double) * ContextSize);

    /// <summary>The header of a frame, to be written.</summary>
    public static ref FrameHeader MutableHeader(Span<byte> frame) => ref MemoryMarshal.AsRef<FrameHeader>(frame);

    /// <summary>The header of a frame.</summary>
    public static ref readonly FrameHeader Header(ReadOnlySpan<byte> frame) => ref MemoryMarshal.AsRef<FrameHeader>(frame);

    /// <summary>The context.</summary>
    public Span<double> Context(Span<byte> frame) => MemoryMarshal.Cast<byte, double>(frame[HeaderSize..VectorStart]);

    /// <summary>The context.</summary>
    public ReadOnlySpan<double> Context(ReadOnlySpan<byte> frame) => MemoryMarshal.Cast<byte, double>(frame[HeaderSize..VectorStart]);

    /// <summary>The observation.</summary>
    public Span<float> Observation(Span<byte> frame) => Floats(frame).Slice(0, ObservationSize);

    /// <summary>The observation after the action.</summary>
    public Span<float> NextObservation(Span<byte> frame) => Floats(frame).Slice(ObservationSize, ObservationSize);

    /// <summary>The proposed action.</summary>
    public Span<float> Proposed(Span<byte> frame) => Floats(frame).Slice(2 * ObservationSize, ActionSize);

    /// <summary>The proposed action before squashing.</summary>
    public Span<float> PreSquash(Span<byte> frame) => Floats(frame).Slice((2 * ObservationSize) + ActionSize, ActionSize);

    /// <summary>The executed action.</summary>
    public Span<float> Executed(Span<byte> frame) => Floats(frame).Slice((2 * ObservationSize) + (2 * ActionSize), ActionSize);

    /// <summary>The frame as a learner sees it; it views the same memory.</summary>
    public Transition View(ReadOnlySpan<byte> frame)
    {
        ref readonly FrameHeader header = ref Header(frame);
        ReadOnlySpan<float> floats = MemoryMarshal.Cast<byte, float>(frame[VectorStart..]);
        return new Transition
        {
            Observation = floats[..ObservationSize],
            NextObservation = floats.Slice(ObservationSize, ObservationSize),
            Proposed = floats.Slice(2 * ObservationSize, ActionSize),
            PreSquash = floats.Slice((2 * ObservationSize) + ActionSize, ActionSize),
            Executed = floats.Slice((2 * ObservationSize) + (2 * ActionSize), ActionSize),
            LogProbability = header.LogProbability,
            Reward = header.Reward,
            End = header.End,
            Learnable = header.Learnable != 0,
            Gated = header.Gated != 0,
            PolicyVersion = header.PolicyVersion,
            Sequence = header.Sequence,
        };
    }

    /// <summary>The fields of a frame whose vectors begin behind <paramref name="headerSize"/> bytes.</summary>
    private ImmutableArray<JournalField> Fields(int headerSize)
    {
        FrameHeader h = default;
        int states = StateNames.IsEmpty ? ContextSize : StateNames.Length;
        int vectors = headerSize + (sizeof(double) * ContextSize),
            actions = vectors + (2 * sizeof(float) * ObservationSize),
            action = sizeof(float) * ActionSize;
        return
        [
            At(ref h, ref h.Sequence, JournalFieldType.I64, "sequence"),
            At(ref h, ref h.ReadingNs, JournalFieldType.I64, "reading_ns"),
            At(ref h, ref h.NextReadingNs, JournalFieldType.I64, "next_reading_ns"),
            At(ref h, ref h.PeriodNs, JournalFieldType.I64, "period_ns"),
            At(ref h, ref h.PolicyVersion, JournalFieldType.I64, "policy_version"),
            At(ref h, ref h.Episode, JournalFieldType.I64, "episode"),
            At(ref h, ref h.Step, JournalFieldType.I32, "step"),
            At(ref h, ref h.ReasonBits, JournalFieldType.U32, "gate_reasons"),
            At(ref h, ref h.Reward, JournalFieldType.F32, "reward"),
            At(ref h, ref h.LogProbability, JournalFieldType.F32, "log_probability"),
            At(ref h, ref h.End, JournalFieldType.U8, "end"),
            At(ref h, ref h.Learnable, JournalFieldType.U8, "learnable"),
            At(ref h, ref h.Gated, JournalFieldType.U8, "gated"),
            At(ref h, ref h.Uniform, JournalFieldType.U8, "uniform"),
            At(ref h, ref h.Fallback, JournalFieldType.U8, "fallback") with
            {
                IsOptional = true,
            },
            At(ref h, ref h.Cut, JournalFieldType.U8, "cut") with
            {
                IsOptional = true,
            },
            At(ref h, ref h.Goal, JournalFieldType.U8, "goal") with
            {
                IsOptional = true,
            },
            At(ref h, ref h.Actor, JournalFieldType.U8, "actor") with
            {
                IsOptional = true,
            },
            At(ref h, ref h.Trajectory, JournalFieldType.U16, "trajectory") with
            {
                IsOptional = true,
            },
            new("state", JournalFieldType.F64, headerSize, states) { Components = StateNames },
            new("gate_state", JournalFieldType.F64, headerSize + (sizeof(double) * states), ContextSize - states),
            new("observation", JournalFieldType.F32, vectors, ObservationSize) { Components = ObservationNames },
            new("next_observation", JournalFieldType.F32, vectors + (sizeof(float) * ObservationSize), ObservationSize)
            {
                Components = ObservationNames,
            },
            new("proposed_action", JournalFieldType.F32, actions, ActionSize),
            new("proposed_action_before_squashing", JournalFieldType.F32, actions + action, ActionSize),
            new("executed_action", JournalFieldType.F32, actions + (2 * action), ActionSize),
        ];
    }

    /// <summary>A number of <see cref="FrameHeader"/>, at the place where it lies in memory.</summary>
    private static JournalField At<T>(ref FrameHeader header, ref T number, JournalFieldType type, string name) =>
        new(name, type, (int)Unsafe.ByteOffset(ref Unsafe.As<FrameHeader, byte>(ref header), ref Unsafe.As<T, byte>(ref number)), 1);

    /// <summary>Puts a frame with a header of <see cref="FirstHeaderSize"/> bytes into <paramref name="frame"/>.</summary>
    internal static void Widen(ReadOnlySpan<byte> first, Span<byte> frame)
    {
        frame[..HeaderSize].Clear();
        first[..FirstHeaderSize].CopyTo(frame);
        first[FirstHeaderSize..].CopyTo(frame[HeaderSize..]);
        MutableHeader(frame).Actor = Actor.Policy;
    }

    private Span<float> Floats(Span<byte> frame) => MemoryMarshal.Cast<byte, float>(frame[VectorStart..]);
}
