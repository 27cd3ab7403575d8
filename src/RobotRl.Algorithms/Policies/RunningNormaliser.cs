using RobotRl.Algorithms.Checkpoints;

namespace RobotRl.Algorithms.Policies;

/// <summary>
/// Running mean and variance of each observation component (B. P. Welford, Technometrics 4(3), 1962), in double precision.
/// Variance is the sample variance (divisor n - 1) and 1 until there are two samples, as in stream AC (arXiv 2410.14606).
/// </summary>
/// <remarks>One thread at a time. Nothing but the constructor allocates.</remarks>
public sealed class RunningNormaliser
{
    /// <summary>Added to the variance before its root is taken (1e-8, as in SB3's VecNormalize).</summary>
    public const double Epsilon = 1e-8;

    private readonly double[] _mean,
        _squares;
    private readonly float[] _shift,
        _scale;
    private long _count;
    private bool _stale;

    /// <summary>Starts with no samples: mean 0, variance 1.</summary>
    /// <param name="size">Components of an observation.</param>
    public RunningNormaliser(int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        _mean = new double[size];
        _squares = new double[size];
        _shift = new float[size];
        _scale = new float[size];
        _stale = true;
    }

    /// <summary>Components of an observation.</summary>
    public int Size => _mean.Length;

    /// <summary>Samples taken.</summary>
    public long Count => _count;

    /// <summary>Mean of each component, [size].</summary>
    public ReadOnlySpan<double> Mean => _mean;

    /// <summary>Sample variance of component <paramref name="component"/>.</summary>
    public double Variance(int component) => _count < 2 ? 1 : _squares[component] / (_count - 1);

    /// <summary>
    /// Takes one raw observation, [size]. One with a component that is not finite is left out whole, and false is returned.
    /// </summary>
    public bool Update(ReadOnlySpan<float> observation)
    {
        if (observation.Length != Size)
        {
            throw new ArgumentException(
                $"The observation has {observation.Length} components; the normaliser has {Size}.",
                nameof(observation)
            );
        }

        foreach (float value in observation)
        {
            if (!float.IsFinite(value))
            {
                return false;
            }
        }

        _count++;
        _stale = true;
        for (int i = 0; i < observation.Length; i++)
        {
            double before = observation[i] - _mean[i];
            _mean[i] += before / _count;
            _squares[i] += before * (observation[i] - _mean[i]);
        }

        return true;
    }

    /// <summary>
    /// Normalises rows [n, size] exactly as an acting policy with this normaliser does:
    /// clip((raw - mean) x scale, -<see cref="PolicyBlock.ClipNormalised"/>, +), in single precision. In place is fine.
    /// </summary>
    public void Normalise(ReadOnlySpan<float> raw, Span<float> normalised)
    {
        if (raw.Length % Size != 0 || normalised.Length != raw.Length)
        {
            throw new ArgumentException($"{raw.Length} numbers into {normalised.Length}; rows have {Size} components.", nameof(raw));
        }

        Refresh();
        for (int row = 0; row < raw.Length; row += Size)
        {
            for (int i = 0; i < Size; i++)
            {
                normalised[row + i] = Math.Clamp(
                    (raw[row + i] - _shift[i]) * _scale[i],
                    -PolicyBlock.ClipNormalised,
                    PolicyBlock.ClipNormalised
                );
            }
        }
    }

    /// <summary>Hands mean and 1 / sqrt(variance + <see cref="Epsilon"/>) to a policy, and asks it to normalise.</summary>
    public void CopyTo(PolicyBlock block)
    {
        ArgumentNullException.ThrowIfNull(block);
        Refresh();
        _shift.CopyTo(block.NormaliserMean, 0);
        _scale.CopyTo(block.NormaliserScale, 0);
        block.Normalise = true;
    }

    /// <summary>
    /// Takes over mean and scale of a policy, so that <see cref="CopyTo"/> gives the same numbers bit for bit; a policy that does not
    /// normalise has mean 0 and scale 1. The count of samples stays: later ones weigh as little as they would have.
    /// </summary>
    public void TakeFrom(PolicyBlock block)
    {
        ArgumentNullException.ThrowIfNull(block);
        _count = Math.Max(_count, 2);
        for (int i = 0; i < Size; i++)
        {
            (double mean, double scale) = block.Normalise ? ((double)block.NormaliserMean[i], block.NormaliserScale[i]) : (0, 1);
            _mean[i] = mean;
            _squares[i] = Math.Max(0, (1 / (scale * scale)) - Epsilon) * (_count - 1);
        }

        _stale = true;
    }

    /// <summary>Writes the state under <paramref name="name"/>.</summary>
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
        long count = reader.ReadInt64(name + "/count");
        reader.Read(name + "/mean", _mean);
        reader.Read(name + "/squares", _squares);
        _count = count;
        _stale = true;
    }

    private void Refresh()
    {
        if (!_stale)
        {
            return;
        }

        for (int i = 0; i < Size; i++)
        {
            _shift[i] = (float)_mean[i];
            _scale[i] = (float)(1 / Math.Sqrt(Variance(i) + Epsilon));
        }

        _stale = false;
    }
}
