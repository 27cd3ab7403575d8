using RobotRl.Algorithms.Networks;

namespace RobotRl.Algorithms.Tests.Networks;

/// <summary>The definition of <see cref="MlpShape"/> in double precision, written for reading; differences of it are gradients.</summary>
internal static class ReferenceMlp
{
    public static double[] Forward(MlpShape shape, double[] parameters, double[] input)
    {
        double[] x = input;
        for (int layer = 0; layer < shape.LayerCount; layer++)
        {
            int inputs = shape.LayerInputs(layer),
                outputs = shape.LayerOutputs(layer),
                weights = shape.WeightOffset(layer),
                bias = shape.BiasOffset(layer);
            double[] y = new double[outputs];
            for (int j = 0; j < outputs; j++)
            {
                y[j] = parameters[bias + j];
                for (int i = 0; i < inputs; i++)
                {
                    y[j] += x[i] * parameters[weights + (i * outputs) + j];
                }
            }

            x = layer == shape.Hidden.Length ? y : Hidden(shape, y);
            if (shape.UnitFeatures && layer == shape.Hidden.Length - 1)
            {
                double length = Math.Sqrt(x.Sum(v => v * v));
                x = [.. x.Select(v => v / length)];
            }
        }

        return x;
    }

    /// <summary>d(function)/d(parameters) by central differences.</summary>
    public static double[] Gradient(float[] parameters, Func<double[], double> function, double step = 1e-6)
    {
        double[] at = [.. parameters.Select(p => (double)p)];
        double[] gradient = new double[at.Length];
        for (int i = 0; i < at.Length; i++)
        {
            double centre = at[i];
            at[i] = centre + step;
            double above = function(at);
            at[i] = centre - step;
            gradient[i] = (above - function(at)) / (2 * step);
            at[i] = centre;
        }

        return gradient;
    }

    public static void AssertClose(IReadOnlyList<double> expected, IReadOnlyList<float> actual, double tolerance)
    {
        double scale = Math.Max(1e-3, expected.Max(Math.Abs));
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.True(
                Math.Abs(expected[i] - actual[i]) <= tolerance * scale,
                $"[{i}]: expected {expected[i]}, is {actual[i]} (scale {scale})"
            );
        }
    }

    private static double[] Hidden(MlpShape shape, double[] x)
    {
        if (shape.LayerNorm)
        {
            double mean = x.Average(),
                variance = x.Average(v => (v - mean) * (v - mean));
            x = [.. x.Select(v => (v - mean) / Math.Sqrt(variance + 1e-5))];
        }

        return shape.Activation switch
        {
            Activation.Relu => [.. x.Select(v => Math.Max(0, v))],
            Activation.LeakyRelu => [.. x.Select(v => v > 0 ? v : 0.01 * v)],
            _ => [.. x.Select(Math.Tanh)],
        };
    }
}
