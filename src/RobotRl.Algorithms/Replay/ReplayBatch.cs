namespace RobotRl.Algorithms.Replay;

/// <summary>Where <see cref="ReplayBuffer.Sample"/> writes: the caller's memory, row-major, one row per sample.</summary>
public readonly ref struct ReplayBatch
{
    /// <summary>Raw observations, [batch x obs].</summary>
    public Span<float> Observations { get; init; }

    /// <summary>Executed actions, [batch x action].</summary>
    public Span<float> Actions { get; init; }

    /// <summary>Discounted sums of the window's m rewards, sum over k below m of gamma^k r_k, [batch].</summary>
    public Span<float> Returns { get; init; }

    /// <summary>Weight of the value of the window's end: gamma^m, or 0 where it terminated, [batch].</summary>
    public Span<float> Bootstraps { get; init; }

    /// <summary>Raw observations at the window's end, [batch x obs].</summary>
    public Span<float> NextObservations { get; init; }
}
