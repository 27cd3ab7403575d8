using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;

namespace RobotRl.Algorithms.Tests.Policies;

/// <summary>
/// The definitions of <see cref="PolicySpec"/>, <see cref="PolicyHead"/> and <see cref="MlpShape"/> in plain double arithmetic.
/// </summary>
internal static class ReferencePolicy
{
    public static double[] Outputs(PolicyBlock block, ReadOnlySpan<float> raw)
    {
        MlpShape network = block.Spec.Network;
        double[] x = new double[raw.Length];
        for (int i = 0; i < x.Length; i++)
        {
            x[i] = block.Normalise ? Math.Clamp((raw[i] - block.NormaliserMean[i]) * block.NormaliserScale[i], -10, 10) : raw[i];
        }

        for (int l = 0; l < network.LayerCount; l++)
        {
            int inputs = network.LayerInputs(l),
                outputs = network.LayerOutputs(l),
                w = network.WeightOffset(l),
                b = network.BiasOffset(l);
            double[] y = new double[outputs];
            for (int o = 0; o < outputs; o++)
            {
                y[o] = block.Parameters[b + o];
                for (int i = 0; i < inputs; i++)
                {
                    y[o] += block.Parameters[w + (i * outputs) + o] * x[i];
                }
            }

            x = l == network.LayerCount - 1 ? y : Hidden(network, y);
            if (network.UnitFeatures && l == network.LayerCount - 2)
            {
                double length = Math.Sqrt(x.Sum(v => v * v));
                x = [.. x.Select(v => v / length)];
            }
        }

        return x;
    }

    public static (double[] Action, double[] PreSquash, double LogDensity) Sample(PolicySpec spec, double[] outputs, float[] noise)
    {
        int n = spec.ActionSize;
        double[] action = new double[n],
            u = new double[n];
        double logDensity = 0;
        for (int i = 0; i < n; i++)
        {
            double std = spec.Head switch
            {
                PolicyHead.SquashedGaussian => Math.Exp(Math.Clamp(outputs[n + i], spec.LogStdMin, spec.LogStdMax)),
                PolicyHead.ClippedGaussian => Math.Log(1 + Math.Exp(outputs[n + i])),
                _ => spec.ExplorationStd,
            };
            double mean = spec.Head == PolicyHead.Deterministic ? Math.Tanh(outputs[i]) : outputs[i];
            u[i] = mean + (std * noise[i]);
            logDensity += std == 0 ? 0 : -Math.Log(std * Math.Sqrt(2 * Math.PI)) - (noise[i] * (double)noise[i] / 2);
            action[i] = Math.Clamp(u[i], -1, 1);
            if (spec.Head == PolicyHead.SquashedGaussian)
            {
                action[i] = Math.Tanh(u[i]);
                logDensity += 2 * Math.Log(Math.Cosh(u[i]));
            }
        }

        return (action, u, logDensity);
    }

    private static double[] Hidden(MlpShape network, double[] y)
    {
        if (network.LayerNorm)
        {
            double mean = y.Average(),
                variance = y.Average(v => (v - mean) * (v - mean));
            y = [.. y.Select(v => (v - mean) / Math.Sqrt(variance + 1e-5))];
        }

        return network.Activation switch
        {
            Activation.Relu => [.. y.Select(v => Math.Max(v, 0))],
            Activation.LeakyRelu => [.. y.Select(v => v > 0 ? v : 0.01 * v)],
            _ => [.. y.Select(Math.Tanh)],
        };
    }
}
