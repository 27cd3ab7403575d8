using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Policies;

namespace RobotRl.Algorithms.Networks;

/// <summary>
/// Running mean and variance of each observation component (Welford, Technometrics 4 (1962) 419), and the normalisation that
/// <see cref="PolicyBlock"/> states: clip((x - mean) x scale, -10, 10), scale = 1 / sqrt(variance + 1e-8).
/// </summary>
public sealed class RunningNormaliser
{
    private const double Epsilon = 1e-8; // as SB3's VecNormalize
    private readonly double[] _mean, _squares;
    private readonly float[] _meanOut, _scaleOut;
    private long _count;

    /// <summary>Starts with no samples: the identity.</summary>
    public RunningNormaliser(int size)
    {
        _mean = new double[size];
        _squares = new double[size];
        _meanOut = new float[size];
        _scaleOut = new float[size];
        Publish();
    }

    /// <summary>Means, [size].</summary>
    public ReadOnlySpan<float> Mean => _meanOut;

    /// <summary>Reciprocal standard deviations, [size]; 1 before the second sample.</summary>
    public ReadOnlySpan<float> Scale => _scaleOut;

    /// <summary>Takes one raw observation into the statistics.</summary>
    public void Add(ReadOnlySpan<float> observation)
    {
        _count++;
        for (int i = 0; i < _mean.Length; i++)
        {
            double delta = observation[i] - _mean[i];
            _mean[i] += delta / _count;
            _squares[i] += delta * (observation[i] - _mean[i]);
        }

        Publish();
    }

    /// <summary>Normalises rows in place, [n x size].</summary>
    public void Apply(Span<float> observations)
    {
        int size = _mean.Length;
        for (int i = 0; i < observations.Length; i++)
        {
            int component = i % size;
            float value = (observations[i] - _meanOut[component]) * _scaleOut[component];
            observations[i] = Math.Clamp(value, -PolicyBlock.ClipNormalised, PolicyBlock.ClipNormalised);
        }
    }

    /// <summary>Writes the statistics under <paramref name="name"/>.</summary>
    public void Save(IStateWriter writer, string name)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(name + "/count", _count);
        writer.Write(name + "/mean", _mean);
        writer.Write(name + "/squares", _squares);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Load(IStateReader reader, string name)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _count = reader.ReadInt64(name + "/count");
        reader.Read(name + "/mean", _mean);
        reader.Read(name + "/squares", _squares);
        Publish();
    }

    private void Publish()
    {
        for (int i = 0; i < _mean.Length; i++)
        {
            _meanOut[i] = (float)_mean[i];
            _scaleOut[i] = _count < 2 ? 1f : (float)(1.0 / Math.Sqrt((_squares[i] / _count) + Epsilon));
        }
    }
}
