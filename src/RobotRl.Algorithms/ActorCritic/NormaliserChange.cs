using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;

namespace RobotRl.Algorithms.ActorCritic;

/// <summary>Carries a policy over from the normaliser it was made with to the one in use now.</summary>
internal static class NormaliserChange
{
    /// <summary>
    /// Rewrites the first layer so that the network computes the same function of the raw observation (but for clipping):
    /// (x - m)s = ((x - m')s')(s/s') + (m' - m)s.
    /// </summary>
    /// <param name="source">The policy, with its own mean m and scale s.</param>
    /// <param name="present">The normaliser in use now, mean m' and scale s'.</param>
    /// <param name="parameters">The policy's parameters, rewritten in place.</param>
    public static void Apply(PolicyBlock source, RunningNormaliser present, Span<float> parameters)
    {
        MlpShape shape = source.Spec.Network;
        int outputs = shape.LayerOutputs(0);
        Span<float> bias = parameters.Slice(shape.BiasOffset(0), outputs);
        for (int i = 0; i < shape.Inputs; i++)
        {
            double mean = source.Normalise ? source.NormaliserMean[i] : 0, scale = source.Normalise ? source.NormaliserScale[i] : 1;
            double factor = scale * Math.Sqrt(present.Variance(i) + RunningNormaliser.Epsilon), shift = (present.Mean[i] - mean) * scale;
            Span<float> row = parameters.Slice(i * outputs, outputs);
            for (int j = 0; j < outputs; j++)
            {
                bias[j] += (float)(row[j] * shift);
                row[j] = (float)(row[j] * factor);
            }
        }
    }
}
