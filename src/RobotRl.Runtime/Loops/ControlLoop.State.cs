using RobotRl.Algorithms.Checkpoints;
using RobotRl.Runtime.Checkpoints;
using RobotRl.Runtime.Safety;

namespace RobotRl.Runtime.Loops;

/// <content>What of the loop is in a checkpoint.</content>
public sealed partial class ControlLoop
{
    /// <summary>Writes all that the next tick depends on, but the robot and the policies.</summary>
    public void Save(IStateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Span<double> gate = stackalloc double[_gate.StateSize];
        _gate.CopyState(gate);
        writer.Write("control/gate", gate);
        writer.Write("control/state", _state);
        writer.Write("control/command", _command);
        writer.Write("control/proposed", _proposed);
        _transition.Save(writer);
        writer.Write("control/random", _random.State);
        _exploration.Save(writer, "control/exploration");
        (long tickNs, long readingNs, bool gated) = _transition.Marks;
        writer.Write(
            "control/counters",
            [_transition.Sequence, tickNs, _subTick, _step, _transition.IsOpen ? 1 : 0, gated ? 1 : 0, _startRequested ? 1 : 0, readingNs]
        );
        if (Follow is { StateSize: > 0 })
        {
            double[] follow = new double[Follow.StateSize];
            Follow.CopyState(follow);
            writer.Write("control/follow", follow);
        }

        Status.Save(writer, (long)Demanded);
        _task.Save(writer.Below("task/"));
    }

    /// <summary>Continues exactly where <see cref="Save"/> was called.</summary>
    public void Load(IStateReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        Span<double> gate = stackalloc double[_gate.StateSize];
        reader.Read("control/gate", gate);
        _gate.RestoreState(gate);
        reader.Read("control/state", _state);
        reader.Read("control/command", _command);
        reader.Read("control/proposed", _proposed);
        _transition.Load(reader);
        _random.State = reader.ReadRandomState("control/random");
        _exploration.Load(reader, "control/exploration");
        Span<long> counters = stackalloc long[8];
        reader.Read("control/counters", counters);
        (_transition.Sequence, _transition.Marks) = (counters[0], (counters[1], counters[7], counters[5] != 0));
        (_subTick, _step, _transition.IsOpen, _startRequested) = ((int)counters[2], (int)counters[3], counters[4] != 0, counters[6] != 0);
        if (Follow is { StateSize: > 0 })
        {
            double[] follow = new double[Follow.StateSize];
            reader.Read("control/follow", follow);
            Follow.RestoreState(follow);
        }

        Demanded = (FailsafeAction)Status.Load(reader);
        if (Status.Stage == LoopStage.Running)
        {
            _episodeTask?.BeginEpisode(Status.Episodes);
        }

        // After the episode's beginning, which makes some of it.
        _task.Load(reader.Below("task/"));
    }

    /// <summary>Continues the numbering of an earlier part of the run whose loop state is gone (a real-time resume).</summary>
    /// <param name="sequence">Of the next transition; one that was open at the end of the earlier part is left out, so that
    /// nobody takes the two parts for one.</param>
    /// <param name="steps">Transitions of the earlier part.</param>
    /// <param name="episodes">Its episodes, one that was cut off included.</param>
    public void ContinueFrom(long sequence, long steps, long episodes)
    {
        _transition.Sequence = sequence;
        (Status.Steps, Status.Episodes) = (steps, episodes);
    }
}
