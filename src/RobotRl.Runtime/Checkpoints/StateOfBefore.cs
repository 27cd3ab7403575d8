using RobotRl.Algorithms.Checkpoints;
using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Checkpoints;

/// <summary>
/// Reads the state of a checkpoint that was written before runs had an identity. Some counters were fewer then, and a few parts did not
/// exist: what is missing is zero, which those parts take for a fresh start. Everything else is read as strictly as ever.
/// </summary>
internal sealed class StateOfBefore(SafetensorsFile file) : IStateReader
{
    private const int MaxNewCounters = 8;

    /// <inheritdoc/>
    public void Read(string name, Span<float> values)
    {
        if (IsNew(name))
        {
            values.Clear();
            return;
        }

        file.Read(name, values);
    }

    /// <inheritdoc/>
    public void Read(string name, Span<double> values)
    {
        if (IsNew(name))
        {
            values.Clear();
            return;
        }

        file.Read(name, values);
    }

    /// <inheritdoc/>
    public void Read(string name, Span<long> values)
    {
        if (IsNew(name))
        {
            values.Clear();
            return;
        }

        if (
            name.EndsWith("supervisor/conditions", StringComparison.Ordinal)
            && file.Find(name) is { } conditions
            && conditions.Count < values.Length
        )
        {
            ReadConditions(name, (int)conditions.Count, values);
            return;
        }

        if (
            name.EndsWith("counters", StringComparison.Ordinal)
            && file.Find(name) is { } found
            && found.Type == SafetensorsType.I64
            && found.Count != values.Length
            && Math.Abs(found.Count - values.Length) <= MaxNewCounters
        )
        {
            long[] saved = new long[found.Count];
            file.Read(name, saved);
            values.Clear();
            saved.AsSpan(0, Math.Min(saved.Length, values.Length)).CopyTo(values);
            return;
        }

        file.Read(name, values);
    }

    /// <summary>Conditions of fewer causes: since when for each, how many times for each, which are active.</summary>
    private void ReadConditions(string name, int count, Span<long> values)
    {
        long[] saved = new long[count];
        file.Read(name, saved);
        (int causes, int now) = ((count - 1) / 2, (values.Length - 1) / 2);
        values.Clear();
        saved.AsSpan(0, causes).CopyTo(values);
        saved.AsSpan(causes, causes).CopyTo(values[now..]);
        values[^1] = saved[^1];
    }

    /// <summary>
    /// Whether the program of that time did not know this state yet: sums of the gate's own episodes, counts of what was refused,
    /// a policy that was given back.
    /// </summary>
    private bool IsNew(string name) =>
        file.Find(name) is null
        && (
            name.StartsWith("learner-loop/refusals/", StringComparison.Ordinal)
            || name.Contains("/given/", StringComparison.Ordinal)
            || name.EndsWith("/counters", StringComparison.Ordinal)
            || name.EndsWith("/return", StringComparison.Ordinal)
        );
}
