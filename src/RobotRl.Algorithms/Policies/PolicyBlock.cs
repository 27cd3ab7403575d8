namespace RobotRl.Algorithms.Policies;

/// <summary>
/// All that acting needs, in one flat block that a learner fills and hands over: weights, observation normaliser, and whether
/// actions are still drawn uniformly. Normalised observation: clip((raw - mean) x scale, -<see cref="ClipNormalised"/>, +).
/// </summary>
/// <remarks>Preallocated and reused by its owner; never shared between threads while it is written.</remarks>
public sealed class PolicyBlock
{
    /// <summary>Limit of a normalised observation (10, as in SB3's VecNormalize).</summary>
    public const float ClipNormalised = 10f;

    /// <summary>Makes an empty block of <paramref name="spec"/>'s sizes; the normaliser is the identity.</summary>
    public PolicyBlock(PolicySpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        Spec = spec;
        Parameters = new float[spec.ParameterCount];
        NormaliserMean = new float[spec.ObservationSize];
        NormaliserScale = new float[spec.ObservationSize];
        Array.Fill(NormaliserScale, 1f);
    }

    /// <summary>What the numbers mean.</summary>
    public PolicySpec Spec { get; }

    /// <summary>Counts the learner's updates behind these weights; rises with every offer.</summary>
    public long Version { get; set; }

    /// <summary>
    /// Network parameters in the layout of <see cref="Networks.MlpShape"/>, then what the head needs besides
    /// (<see cref="PolicySpec.ParameterCount"/>).
    /// </summary>
    public float[] Parameters { get; }

    /// <summary>Mean per observation component, [obs].</summary>
    public float[] NormaliserMean { get; }

    /// <summary>Reciprocal standard deviation per component, [obs].</summary>
    public float[] NormaliserScale { get; }

    /// <summary>False: observations go in raw, and clipping does not apply.</summary>
    public bool Normalise { get; set; }

    /// <summary>True while the learner wants uniformly drawn actions (before its first update).</summary>
    public bool UniformActions { get; set; }

    /// <summary>Copies everything from a block of the same specification.</summary>
    public void CopyFrom(PolicyBlock source)
    {
        ArgumentNullException.ThrowIfNull(source);
        source.Parameters.CopyTo(Parameters, 0);
        source.NormaliserMean.CopyTo(NormaliserMean, 0);
        source.NormaliserScale.CopyTo(NormaliserScale, 0);
        (Version, Normalise, UniformActions) = (source.Version, source.Normalise, source.UniformActions);
    }
}
