using System.Runtime.InteropServices;
using RobotRl.Algorithms.Experience;
using RobotRl.Hardware.Safety;

namespace RobotRl.Runtime.Experience;

/// <summary>The fixed part of an experience frame. Written to the journal as it lies in memory (little-endian).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct FrameHeader
{
    /// <summary>Position in the run, from 0; a gap means frames that were dropped and counted.</summary>
    public long Sequence;

    /// <summary>Monotonic time of the reading that the policy acted on, nanoseconds.</summary>
    public long ReadingNs;

    /// <summary>Monotonic time of the reading that completed the transition, nanoseconds.</summary>
    public long NextReadingNs;

    /// <summary>Measured time between the two ticks, nanoseconds.</summary>
    public long PeriodNs;

    /// <summary>Version of the policy that acted.</summary>
    public long PolicyVersion;

    /// <summary>Episode, from 0.</summary>
    public long Episode;

    /// <summary>Step within the episode, from 0.</summary>
    public int Step;

    /// <summary>Bits of <see cref="Reasons"/>.</summary>
    public uint ReasonBits;

    /// <summary>Reward.</summary>
    public float Reward;

    /// <summary>Log-density of the proposed action.</summary>
    public float LogProbability;

    /// <summary>How the episode ended, if it did.</summary>
    public EpisodeEnd End;

    /// <summary>1 where the next observation is fresh and everything is finite, else 0.</summary>
    public byte Learnable;

    /// <summary>1 where the executed action differs from the proposed one.</summary>
    public byte Gated;

    /// <summary>1 where the action was drawn uniformly.</summary>
    public byte Uniform;

    /// <summary>1 where the champion acted in place of the newest policy, as the failsafe asked for.</summary>
    public byte Fallback;

    /// <summary>1 where the episode was cut short by a stop or a pause, so that its return is that of a part.</summary>
    public byte Cut;

    /// <summary>
    /// 2 where the task's goal is reached after the action, 1 where it is not; 0 where the task has none, or nobody knows.
    /// </summary>
    public byte Goal;

    /// <summary>Who chose the action. Journals of format version 1 do not say; it was the policy.</summary>
    public Actor Actor;

    /// <summary>Which of the run's robots or simulations it belongs to, from 0; a run with one has only 0.</summary>
    public ushort Trajectory;

    /// <summary>Why the gate changed the action; none where it did not.</summary>
    public readonly GateReasons Reasons => (GateReasons)ReasonBits;
}
