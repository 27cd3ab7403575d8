using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Kernels;

namespace RobotRl.Algorithms.Networks;

/// <summary>
/// Running mean and variance of the inputs of every layer of some networks of one shape, and what batch renormalisation makes of
/// them.
/// </summary>
internal sealed class RenormStatistics
{
    private readonly MlpShape _shape;
    private readonly float _momentum;
    private readonly float[][] _means,
        _variances;

    /// <summary>Starts at mean 0 and variance 1.</summary>
    public RenormStatistics(MlpShape shape, int networks, double momentum)
    {
        (_shape, _momentum) = (shape, (float)momentum);
        _means = [.. Enumerable.Range(0, networks * shape.LayerCount).Select(i => new float[shape.LayerInputs(i % shape.LayerCount)])];
        _variances = [.. _means.Select(m => Enumerable.Repeat(1f, m.Length).ToArray())];
    }

    /// <summary>Extras of a network of <paramref name="shape"/>: layer by layer scale [inputs] of 1 and shift [inputs] of 0.</summary>
    public static float[] InitialExtras(MlpShape shape) =>
        [
            .. Enumerable
                .Range(0, shape.LayerCount)
                .SelectMany(l => Enumerable.Repeat(1f, shape.LayerInputs(l)).Concat(Enumerable.Repeat(0f, shape.LayerInputs(l)))),
        ];

    /// <summary>Where the extras of layer <paramref name="layer"/> start.</summary>
    public static int ExtraOffset(MlpShape shape, int layer)
    {
        int offset = 0;
        for (int l = 0; l < layer; l++)
        {
            offset += 2 * shape.LayerInputs(l);
        }

        return offset;
    }

    /// <summary>Running mean of a layer's inputs.</summary>
    public float[] Mean(int network, int layer) => _means[(network * _shape.LayerCount) + layer];

    /// <summary>Running variance of a layer's inputs.</summary>
    public float[] Variance(int network, int layer) => _variances[(network * _shape.LayerCount) + layer];

    /// <summary>
    /// r = deviation / running deviation in [1/3, 3], d = (mean - running mean) / running deviation in [-5, 5] once warm, else 1 and 0;
    /// then the running statistics take the batch's in.
    /// </summary>
    public void Correct(
        int network,
        int layer,
        bool warm,
        ReadOnlySpan<float> mean,
        ReadOnlySpan<float> variance,
        Span<float> r,
        Span<float> d
    )
    {
        float[] means = Mean(network, layer),
            variances = Variance(network, layer);
        for (int i = 0; i < means.Length; i++)
        {
            float running = MathF.Sqrt(variances[i] + BatchRenorm.Epsilon);
            r[i] = warm
                ? Math.Clamp(MathF.Sqrt(variance[i] + BatchRenorm.Epsilon) / running, 1 / BatchRenorm.MaximumR, BatchRenorm.MaximumR)
                : 1;
            d[i] = warm ? Math.Clamp((mean[i] - means[i]) / running, -BatchRenorm.MaximumD, BatchRenorm.MaximumD) : 0;
            means[i] = (_momentum * means[i]) + ((1 - _momentum) * mean[i]);
            variances[i] = (_momentum * variances[i]) + ((1 - _momentum) * variance[i]);
        }
    }

    /// <summary>Carries the statistics of the observation over to another normaliser of it; null: there was none.</summary>
    public void Carry(NormaliserChange? change)
    {
        for (int i = 0; i < _means.Length; i += _shape.LayerCount)
        {
            change?.Carry(_means[i], _variances[i], BatchRenorm.Epsilon);
        }
    }

    /// <summary>Writes all under <paramref name="name"/>.</summary>
    public void Save(IStateWriter writer, string name)
    {
        for (int i = 0; i < _means.Length; i++)
        {
            writer.Write($"{name}/{i / _shape.LayerCount}/{i % _shape.LayerCount}/mean", _means[i]);
            writer.Write($"{name}/{i / _shape.LayerCount}/{i % _shape.LayerCount}/variance", _variances[i]);
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Load(IStateReader reader, string name)
    {
        for (int i = 0; i < _means.Length; i++)
        {
            reader.Read($"{name}/{i / _shape.LayerCount}/{i % _shape.LayerCount}/mean", _means[i]);
            reader.Read($"{name}/{i / _shape.LayerCount}/{i % _shape.LayerCount}/variance", _variances[i]);
        }
    }

    /// <summary>
    /// Turns a flat network (layout of <see cref="MlpShape"/>) with its extras into the plain ReLU network that computes the same with
    /// the running statistics: W' = s W, b' = b + sum (shift - mean s) W, s = scale / sqrt(variance + epsilon). In place.
    /// </summary>
    public void Fold(int network, ReadOnlySpan<float> extras, Span<float> flat) => Change(network, extras, flat, fold: true);

    /// <summary>The inverse of <see cref="Fold"/>.</summary>
    public void Unfold(int network, ReadOnlySpan<float> extras, Span<float> flat) => Change(network, extras, flat, fold: false);

    private void Change(int network, ReadOnlySpan<float> extras, Span<float> flat, bool fold)
    {
        for (int l = 0; l < _shape.LayerCount; l++)
        {
            int inputs = _shape.LayerInputs(l),
                outputs = _shape.LayerOutputs(l),
                offset = ExtraOffset(_shape, l);
            ReadOnlySpan<float> scale = extras.Slice(offset, inputs),
                shift = extras.Slice(offset + inputs, inputs);
            float[] means = Mean(network, l),
                variances = Variance(network, l);
            Span<float> bias = flat.Slice(_shape.BiasOffset(l), outputs);
            for (int i = 0; i < inputs; i++)
            {
                float s = scale[i] / MathF.Sqrt(variances[i] + BatchRenorm.Epsilon),
                    add = shift[i] - (means[i] * s);
                if (!fold && MathF.Abs(s) < 1e-6f)
                {
                    s = s < 0 ? -1e-6f : 1e-6f; // an input that the network has switched off: its weight cannot be told
                }

                Span<float> row = flat.Slice(_shape.WeightOffset(l) + (i * outputs), outputs);
                if (fold)
                {
                    SampleKernels.AddScaled(row, add, bias);
                }

                for (int o = 0; o < outputs; o++)
                {
                    row[o] = fold ? row[o] * s : row[o] / s;
                }

                if (!fold)
                {
                    SampleKernels.AddScaled(row, -add, bias);
                }
            }
        }
    }
}
