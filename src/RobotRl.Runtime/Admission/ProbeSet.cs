using RobotRl.Algorithms.Checkpoints;

namespace RobotRl.Runtime.Admission;

/// <summary>A ring of recent observations with what the shield needs to know there. Every n-th transition replaces the oldest.</summary>
internal sealed class ProbeSet(int capacity, int stride, int observationSize, int contextSize)
{
    private readonly float[] _observations = new float[capacity * observationSize];
    private readonly double[] _contexts = new double[capacity * contextSize];
    private long _seen,
        _taken;

    public int Count => (int)Math.Min(_taken, capacity);

    /// <summary>All probes, [count x obs].</summary>
    public ReadOnlySpan<float> Observations => _observations.AsSpan(0, Count * observationSize);

    public ReadOnlySpan<float> Observation(int probe) => _observations.AsSpan(probe * observationSize, observationSize);

    public ReadOnlySpan<double> Context(int probe) => _contexts.AsSpan(probe * contextSize, contextSize);

    /// <summary>Takes the observation where its turn has come; the slot that it took, else -1.</summary>
    public int Offer(ReadOnlySpan<float> observation, ReadOnlySpan<double> context)
    {
        if (_seen % stride != 0)
        {
            _seen++;
            return -1;
        }

        // What cannot be judged is passed over; the next one takes its turn.
        if (
            observation.ContainsAnyExceptInRange(float.MinValue, float.MaxValue)
            || context.ContainsAnyExceptInRange(double.MinValue, double.MaxValue)
        )
        {
            return -1;
        }

        _seen++;
        int slot = (int)(_taken++ % capacity);
        observation.CopyTo(_observations.AsSpan(slot * observationSize));
        context.CopyTo(_contexts.AsSpan(slot * contextSize));
        return slot;
    }

    public void Save(IStateWriter writer, string path)
    {
        writer.Write($"{path}/observations", _observations);
        writer.Write($"{path}/contexts", _contexts);
        writer.Write($"{path}/counters", (ReadOnlySpan<long>)[_seen, _taken]);
    }

    public void Load(IStateReader reader, string path)
    {
        long[] counters = new long[2];
        reader.Read($"{path}/observations", _observations);
        reader.Read($"{path}/contexts", _contexts);
        reader.Read($"{path}/counters", counters);
        (_seen, _taken) = (counters[0], counters[1]);
    }
}
