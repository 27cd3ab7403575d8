using RobotRl.Algorithms.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Tests.OffPolicy;

/// <summary>Random minibatches, and the comparison of managed gradients with TorchSharp's in float64.</summary>
internal static class Gradients
{
    /// <summary>Relative error that every gradient must keep to.</summary>
    public const double Tolerance = 1e-5;

    public static float[] Draw(ulong stream, int count)
    {
        float[] values = new float[count];
        new CounterRandom(9, stream).FillGaussian(values);
        return values;
    }

    public static Tensor Rows(float[] values, int columns)
    {
        using Tensor flat = tensor(values),
            rows = flat.view(values.Length / columns, columns);
        return rows.to(ScalarType.Float64);
    }

    /// <summary>
    /// Gives both learners one state in which nothing is what it was at the start, nor like anything else: targets differ from
    /// the networks,
    /// scales from 1, shifts from 0, running statistics from 0 and 1.
    /// </summary>
    public static void Disturb(ILearner managed, ILearner reference)
    {
        var state = new MemoryState();
        managed.Save(state);
        int parameters = state.Change(
            n => n.EndsWith("/parameters", StringComparison.Ordinal) && !n.Contains("/targets/", StringComparison.Ordinal),
            (p, drawn) => p + (0.1f * drawn)
        );
        int others =
            state.Change(n => n.Contains("/targets/", StringComparison.Ordinal), (p, drawn) => p - (0.1f * drawn))
            + state.Change(
                n => n.Contains("/renorm/", StringComparison.Ordinal) && n.EndsWith("/mean", StringComparison.Ordinal),
                (m, drawn) => m + (0.3f * drawn)
            )
            + state.Change(
                n => n.Contains("/renorm/", StringComparison.Ordinal) && n.EndsWith("/variance", StringComparison.Ordinal),
                (v, drawn) => v * MathF.Exp(0.4f * drawn)
            );
        Assert.True(parameters > 0 && others > 0);
        managed.Load(state);
        reference.Load(state);
    }

    /// <summary>|difference| / |reference| of the whole vectors.</summary>
    public static void Near(Tensor expected, ReadOnlySpan<float> actual)
    {
        using DisposeScope scope = NewDisposeScope();
        double[] reference = expected.detach().to(ScalarType.Float64).data<double>().ToArray();
        Assert.Equal(reference.Length, actual.Length);
        double difference = 0,
            size = 0;
        for (int i = 0; i < reference.Length; i++)
        {
            difference += Math.Pow(reference[i] - actual[i], 2);
            size += reference[i] * reference[i];
        }

        Assert.InRange(Math.Sqrt(difference / size), 0, Tolerance);
    }
}
