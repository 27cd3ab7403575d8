using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Spaces;

namespace RobotRl.Algorithms.ActorCritic;

/// <summary>
/// log pi(a|s) and entropy H as functions of the policy network's output, with their gradient there; the heads are those of
/// <see cref="PolicyHead.Categorical"/>, <see cref="PolicyHead.ClippedGaussian"/> and, as [mean, log standard deviation],
/// <see cref="PolicyHead.StateDependentGaussian"/>, whose entropy is that of the sample before tanh.
/// </summary>
/// <remarks>No method allocates. Not thread safe.</remarks>
internal sealed class ScoreFunction
{
    private static readonly float HalfLogTwoPi = 0.5f * MathF.Log(2 * MathF.PI);

    private readonly float[] _scoreGradient,
        _entropyGradient;

    public ScoreFunction(ActionSpace actions, bool stateDependentNoise = false)
    {
        (Head, Outputs) = actions switch
        {
            DiscreteActionSpace discrete => (PolicyHead.Categorical, discrete.Count),
            ContinuousActionSpace continuous when stateDependentNoise => (PolicyHead.StateDependentGaussian, 2 * continuous.Dimensions),
            ContinuousActionSpace continuous => (PolicyHead.ClippedGaussian, 2 * continuous.Dimensions),
            _ => throw new ArgumentException(
                $"No policy head for {actions}; use a discrete or a continuous action space.",
                nameof(actions)
            ),
        };
        _scoreGradient = new float[Outputs];
        _entropyGradient = new float[Outputs];
    }

    /// <summary>How actions come from outputs.</summary>
    public PolicyHead Head { get; }

    /// <summary>
    /// Numbers that describe the distribution: the policy network's outputs, or mean and log standard deviation where noise
    /// depends on the state.
    /// </summary>
    public int Outputs { get; }

    /// <summary>d log pi / d output of the newest <see cref="Evaluate"/>, [outputs].</summary>
    public ReadOnlySpan<float> ScoreGradient => _scoreGradient;

    /// <summary>dH / d output of the newest <see cref="Evaluate"/>, [outputs].</summary>
    public ReadOnlySpan<float> EntropyGradient => _entropyGradient;

    /// <summary>Whether <paramref name="sample"/> is something the policy can have drawn.</summary>
    public bool Accepts(ReadOnlySpan<float> sample)
    {
        if (Head != PolicyHead.Categorical)
        {
            return sample.Length == Outputs / 2 && Numbers.AllFinite(sample);
        }

        return sample.Length == 1 && sample[0] >= 0 && sample[0] < Outputs && sample[0] == MathF.Floor(sample[0]);
    }

    /// <summary>Computes log pi and H, and both gradients.</summary>
    /// <param name="output">The network's output, [outputs].</param>
    /// <param name="sample">The index, or the action before clipping.</param>
    public (float LogProbability, float Entropy) Evaluate(ReadOnlySpan<float> output, ReadOnlySpan<float> sample) =>
        Head == PolicyHead.Categorical ? Categorical(output, (int)sample[0])
        : Head == PolicyHead.ClippedGaussian ? Gaussian(output, sample)
        : Squashed(output, sample);

    private (float LogProbability, float Entropy) Categorical(ReadOnlySpan<float> logits, int choice)
    {
        float logTotal = LogSumExp.Of<float>(logits),
            entropy = 0;
        foreach (float logit in logits)
        {
            entropy -= MathF.Exp(logit - logTotal) * (logit - logTotal);
        }

        for (int j = 0; j < logits.Length; j++)
        {
            float logProbability = logits[j] - logTotal,
                probability = MathF.Exp(logProbability);
            _scoreGradient[j] = (j == choice ? 1 : 0) - probability;
            _entropyGradient[j] = -probability * (logProbability + entropy);
        }

        return (logits[choice] - logTotal, entropy);
    }

    private (float LogProbability, float Entropy) Gaussian(ReadOnlySpan<float> output, ReadOnlySpan<float> sample)
    {
        int size = sample.Length;
        float logProbability = 0,
            entropy = 0;
        for (int j = 0; j < size; j++)
        {
            float preDeviation = output[size + j];
            float deviation = Softplus.Of(preDeviation),
                slope = 1f / (1f + MathF.Exp(-preDeviation));
            float distance = (sample[j] - output[j]) / deviation,
                logDeviation = MathF.Log(deviation);
            logProbability -= (0.5f * distance * distance) + logDeviation + HalfLogTwoPi;
            entropy += 0.5f + HalfLogTwoPi + logDeviation;
            _scoreGradient[j] = distance / deviation;
            _scoreGradient[size + j] = ((distance * distance) - 1) / deviation * slope;
            _entropyGradient[j] = 0;
            _entropyGradient[size + j] = slope / deviation;
        }

        return (logProbability, entropy);
    }

    private (float LogProbability, float Entropy) Squashed(ReadOnlySpan<float> output, ReadOnlySpan<float> sample)
    {
        int size = sample.Length;
        float logProbability = 0,
            entropy = 0;
        for (int j = 0; j < size; j++)
        {
            float logDeviation = output[size + j],
                deviation = MathF.Exp(logDeviation),
                distance = (sample[j] - output[j]) / deviation;
            logProbability += PolicyHeads.SquashedLogDensity(distance, logDeviation, sample[j]);
            entropy += 0.5f + HalfLogTwoPi + logDeviation;
            _scoreGradient[j] = distance / deviation;
            _scoreGradient[size + j] = (distance * distance) - 1;
            _entropyGradient[j] = 0;
            _entropyGradient[size + j] = 1;
        }

        return (logProbability, entropy);
    }
}
