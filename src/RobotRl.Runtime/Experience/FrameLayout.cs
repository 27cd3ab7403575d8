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

    /// <summary>The layout for a task on a robot behind a gate.</summary>
    public static FrameLayout For(IControlTask task, IRobot robot, SafetyGate gate)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(robot);
        ArgumentNullException.ThrowIfNull(gate);
        return new(task.ObservationNames.Length, task.Actions.ActionSize, robot.Description.States.Length + gate.StateSize);
    }

    /// <summary>Bytes of a frame.</summary>
    public int Size => VectorStart + (sizeof(float) * ((2 * ObservationSize) + (3 * ActionSize)));

    /// <summary>What the journal calls this layout.</summary>
    public JournalLayout Journal => JournalLayout.Of($"transition v{FormatVersion}, context {ContextSize}, observation {ObservationSize}, action {ActionSize}", Size);

    private int VectorStart => HeaderSize + (sizeof(double) * ContextSize);

    /// <summary>Version of the frame format.</summary>
    public const byte FormatVersion = 1;

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

    private Span<float> Floats(Span<byte> frame) => MemoryMarshal.Cast<byte, float>(frame[VectorStart..]);
}
