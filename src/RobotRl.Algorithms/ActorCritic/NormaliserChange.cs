using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;

namespace RobotRl.Algorithms.ActorCritic;

/// <summary>
/// What changes when a learner's normaliser goes back to the one of an earlier policy: x_before = factor x_after + offset for each
/// component of a normalised observation. It carries the networks that stay (critics and their targets) over, so that they go on
/// computing the same function of the raw observation, but for clipping.
/// </summary>
/// <remarks>(x - m)s = ((x - m')s')(s/s') + (m' - m)s, with m, s before and m', s' after.</remarks>
internal sealed class NormaliserChange
{
    private readonly double[] _factor,
        _offset;

    private NormaliserChange(double[] factor, double[] offset) => (_factor, _offset) = (factor, offset);

    /// <summary>Components of an observation.</summary>
    public int Size => _factor.Length;

    /// <summary>
    /// Puts <paramref name="normaliser"/> back to the one that <paramref name="source"/> acts with, and says what that changed.
    /// </summary>
    public static NormaliserChange Revert(RunningNormaliser normaliser, PolicyBlock source)
    {
        double[] factor = new double[normaliser.Size],
            offset = new double[normaliser.Size];
        for (int i = 0; i < factor.Length; i++)
        {
            (double mean, double scale) = source.Normalise ? ((double)source.NormaliserMean[i], source.NormaliserScale[i]) : (0, 1);
            double before = 1 / Math.Sqrt(normaliser.Variance(i) + RunningNormaliser.Epsilon);
            (factor[i], offset[i]) = (before / scale, (mean - normaliser.Mean[i]) * before);
        }

        normaliser.TakeFrom(source);
        return new(factor, offset);
    }

    /// <summary>
    /// Rewrites the first layer of a network in the layout of <see cref="MlpShape"/>, whose first inputs are the observation.
    /// </summary>
    public void Carry(MlpShape shape, Span<float> network)
    {
        int outputs = shape.LayerOutputs(0);
        Span<float> bias = network.Slice(shape.BiasOffset(0), outputs);
        for (int i = 0; i < Size; i++)
        {
            Span<float> row = network.Slice(i * outputs, outputs);
            for (int j = 0; j < outputs; j++)
            {
                bias[j] += (float)(row[j] * _offset[i]);
                row[j] = (float)(row[j] * _factor[i]);
            }
        }
    }

    /// <summary>
    /// Rewrites running statistics of the normalised observation, the first components of <paramref name="mean"/>; who uses them adds
    /// <paramref name="epsilon"/> to the variance.
    /// </summary>
    public void Carry(Span<float> mean, Span<float> variance, float epsilon)
    {
        for (int i = 0; i < Size; i++)
        {
            mean[i] = (float)((mean[i] - _offset[i]) / _factor[i]);
            variance[i] = (float)Math.Max(0, ((variance[i] + epsilon) / (_factor[i] * _factor[i])) - epsilon);
        }
    }
}
