using RobotRl.Algorithms.Randomness;

namespace RobotRl.Algorithms.Policies;

/// <summary>
/// From a network's outputs to an action, as <see cref="PolicyHead"/> defines it. Densities are per action component, summed.
/// </summary>
internal static class PolicyHeads
{
    /// <summary>Added to the variance of gSDE (1e-6, as in SB3).</summary>
    public const float NoiseVarianceFloor = 1e-6f;

    private const float HalfLogTwoPi = 0.918938533f,
        LogTwo = 0.693147181f,
        LargestBelowOne = 0.99999994f;

    /// <summary>Throws where sizes and head do not fit each other.</summary>
    public static void Check(PolicySpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        int wanted = spec.Head switch
        {
            PolicyHead.SquashedGaussian or PolicyHead.ClippedGaussian => 2 * spec.ActionSize,
            PolicyHead.Deterministic or PolicyHead.StateDependentGaussian => spec.ActionSize,
            PolicyHead.Categorical => Math.Max(2, spec.Network.Outputs),
            _ => throw new ArgumentException($"Policy head {spec.Head} is not known.", nameof(spec)),
        };
        if (spec.ActionSize < 1 || spec.Network.Inputs < 1 || spec.Network.Outputs != wanted)
        {
            throw new ArgumentException(
                $"A {spec.Head} policy of {spec.ActionSize} action floats takes {wanted} network outputs from at least 1 "
                    + $"input; the network has "
                    + $"{spec.Network.Outputs} from {spec.Network.Inputs}.",
                nameof(spec)
            );
        }

        if (spec.Head == PolicyHead.Categorical && spec.ActionSize != 1)
        {
            throw new ArgumentException($"A Categorical policy's action is 1 float (the index), not {spec.ActionSize}.", nameof(spec));
        }
    }

    /// <summary>Random numbers for one action: always as many words, whatever the policy then does with them.</summary>
    public static void Draw(PolicySpec spec, bool uniform, CounterRandom random, Span<float> noise)
    {
        if (uniform || spec.Head == PolicyHead.Categorical)
        {
            for (int i = 0; i < noise.Length; i++)
            {
                noise[i] = random.NextSingle();
            }
        }
        else
        {
            random.FillGaussian(noise);
        }
    }

    /// <summary>A uniform action from <paramref name="noise"/> in [0, 1), and its log-density.</summary>
    public static float Uniform(PolicySpec spec, ReadOnlySpan<float> noise, Span<float> action, Span<float> preSquash)
    {
        if (spec.Head == PolicyHead.Categorical)
        {
            int count = spec.Network.Outputs;
            action[0] = preSquash[0] = Math.Min((int)(noise[0] * count), count - 1);
            return -MathF.Log(count);
        }

        for (int i = 0; i < action.Length; i++)
        {
            // Midpoints of 2^24 cells: never quite -1 or 1, so that the inverse of the squashing is finite.
            float value = (2f * noise[i]) - 1f + (1f / (1 << 24));
            action[i] = value;
            preSquash[i] = spec.Head is PolicyHead.SquashedGaussian or PolicyHead.StateDependentGaussian
                ? MathF.Atanh(Math.Clamp(value, -LargestBelowOne, LargestBelowOne))
                : value;
        }

        return -action.Length * LogTwo;
    }

    /// <summary>
    /// A sample of the policy from <paramref name="noise"/>, and its log-density (of an Ornstein-Uhlenbeck value given the one
    /// before).
    /// </summary>
    public static float Sample(
        PolicySpec spec,
        ReadOnlySpan<float> outputs,
        ReadOnlySpan<float> noise,
        Span<float> action,
        Span<float> preSquash,
        ExplorationState? exploration = null
    )
    {
        float logDensity = 0f;
        int n = action.Length;
        switch (spec.Head)
        {
            case PolicyHead.SquashedGaussian:
            case PolicyHead.StateDependentGaussian: // With the noise and log standard deviation that PackedPolicy made of phi, sigma and E.
                for (int i = 0; i < n; i++)
                {
                    float logStd = Math.Clamp(outputs[n + i], spec.LogStdMin, spec.LogStdMax);
                    float u = outputs[i] + (MathF.Exp(logStd) * noise[i]);
                    preSquash[i] = u;
                    action[i] = MathF.Tanh(u);

                    logDensity += SquashedLogDensity(noise[i], logStd, u);
                }

                return logDensity;

            case PolicyHead.ClippedGaussian:
                for (int i = 0; i < n; i++)
                {
                    float std = Softplus.Of(outputs[n + i]);
                    preSquash[i] = outputs[i] + (std * noise[i]);
                    action[i] = Math.Clamp(preSquash[i], -1f, 1f);
                    logDensity += (-0.5f * noise[i] * noise[i]) - MathF.Log(std) - HalfLogTwoPi;
                }

                return logDensity;

            case PolicyHead.Deterministic:
                for (int i = 0; i < n; i++)
                {
                    float disturbance = spec.ExplorationStd * noise[i];
                    if (spec.NoiseMemory > 0f)
                    {
                        ref float memory = ref exploration!.Values[i];
                        disturbance = memory = (spec.NoiseMemory * memory) + disturbance;
                    }

                    preSquash[i] = MathF.Tanh(outputs[i]) + disturbance;
                    action[i] = Math.Clamp(preSquash[i], -1f, 1f);
                    logDensity +=
                        spec.ExplorationStd > 0f ? (-0.5f * noise[i] * noise[i]) - MathF.Log(spec.ExplorationStd) - HalfLogTwoPi : 0f;
                }

                return logDensity;

            default:
                return SampleChoice(outputs, noise[0], action, preSquash);
        }
    }

    /// <summary>The policy without noise.</summary>
    public static void Frozen(PolicySpec spec, ReadOnlySpan<float> outputs, Span<float> action)
    {
        if (spec.Head == PolicyHead.Categorical)
        {
            action[0] = IndexOfLargest(outputs);
            return;
        }

        for (int i = 0; i < action.Length; i++)
        {
            action[i] = spec.Head == PolicyHead.ClippedGaussian ? Math.Clamp(outputs[i], -1f, 1f) : MathF.Tanh(outputs[i]);
        }
    }

    /// <summary>log-density of tanh(<paramref name="u"/>), where u = mean + std x <paramref name="noise"/>.</summary>
    internal static float SquashedLogDensity(float noise, float logStd, float u) =>
        // log(1 - tanh(u)^2) = 2 (log 2 - u - softplus(-2u)), which is stable for any u.
        (-0.5f * noise * noise)
        - logStd
        - HalfLogTwoPi
        - (2f * (LogTwo - u - Softplus.Of(-2f * u)));

    private static float SampleChoice(ReadOnlySpan<float> logits, float uniform, Span<float> action, Span<float> preSquash)
    {
        float largest = logits[IndexOfLargest(logits)];
        float sum = 0f;
        foreach (float logit in logits)
        {
            sum += MathF.Exp(logit - largest);
        }

        // Inverse of the cumulative distribution; rounding may leave nothing over for the last, hence the last that is possible.
        float left = uniform * sum;
        int choice = -1;
        for (int i = 0; i < logits.Length; i++)
        {
            float weight = MathF.Exp(logits[i] - largest);
            if (weight > 0f)
            {
                choice = i;
                left -= weight;
                if (left < 0f)
                {
                    break;
                }
            }
        }

        action[0] = preSquash[0] = choice;
        return choice < 0 ? float.NaN : logits[choice] - largest - MathF.Log(sum);
    }

    private static int IndexOfLargest(ReadOnlySpan<float> values)
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
        {
            if (values[i] > values[best])
            {
                best = i;
            }
        }

        return best;
    }
}
