#if TORCH
using RobotRl.Algorithms.Replay;
using RobotRl.Algorithms.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Networks;

/// <summary>Values of raw observations, all rows at once, without gradients.</summary>
internal static class TorchValues
{
    /// <summary>Fills <paramref name="values"/>, divided by <paramref name="rewardScale"/>.</summary>
    /// <param name="state">Normalises the observations.</param>
    /// <param name="observations">[n x obs], raw.</param>
    /// <param name="values">[n].</param>
    /// <param name="rewardScale">Factor that the value has on rewards.</param>
    /// <param name="type">Of the networks' numbers.</param>
    /// <param name="device">Of the networks.</param>
    /// <param name="value">The value [n, 1] of normalised observations [n, obs].</param>
    public static void Estimate(
        OffPolicyState state,
        ReadOnlySpan<float> observations,
        Span<float> values,
        double rewardScale,
        ScalarType type,
        Device device,
        Func<Tensor, Tensor> value
    )
    {
        TorchThreads.Apply();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable off = no_grad();
        float[] rows = observations[..(values.Length * state.ObservationSize)].ToArray();
        state.Normalise(rows, rows);
        Tensor result = value(tensor(rows).view(values.Length, state.ObservationSize).to(type).to(device)).Over(rewardScale);
        TorchMemory.Host(result.to(ScalarType.Float32).cpu().contiguous())[..values.Length].CopyTo(values);
    }
}
#endif
