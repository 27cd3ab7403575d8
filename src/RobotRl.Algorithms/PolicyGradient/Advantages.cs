namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>Returns, targets and advantages of a rollout. All spans are [steps], in the order of the steps; nothing allocates.</summary>
/// <remarks>
/// A row is what follows without a gap. Two spans say how a step ends it:
/// <c>continues[t]</c> is 1 inside an episode and 0 at its last step, however it ended; <c>bootstraps[t]</c> is 0 at a termination
/// only. So a time limit cuts the row and still counts the value of the state that it was cut at.
/// </remarks>
public static class Advantages
{
    /// <summary>
    /// Generalised advantage estimation (arXiv 1506.02438 eq. 16): A_t = sum over l of (gamma lambda)^l delta_(t+l), with
    /// delta_t = r_t + gamma V(s_(t+1)) - V(s_t). Lambda 0 is the TD error, lambda 1 the Monte Carlo return minus V.
    /// </summary>
    /// <param name="rewards">r_t.</param>
    /// <param name="values">V(s_t).</param>
    /// <param name="nextValues">V(s_(t+1)), of the state that the step led to, also where the row ends there.</param>
    /// <param name="bootstraps">0 where step t terminated the episode, else 1.</param>
    /// <param name="continues">0 where step t is the last of its row, else 1.</param>
    /// <param name="discount">gamma.</param>
    /// <param name="lambda">lambda.</param>
    /// <param name="advantages">Receives A_t.</param>
    public static void Generalised(
        ReadOnlySpan<float> rewards,
        ReadOnlySpan<float> values,
        ReadOnlySpan<float> nextValues,
        ReadOnlySpan<float> bootstraps,
        ReadOnlySpan<float> continues,
        double discount,
        double lambda,
        Span<float> advantages
    )
    {
        double sum = 0;
        for (int t = rewards.Length - 1; t >= 0; t--)
        {
            double delta = rewards[t] + (discount * bootstraps[t] * nextValues[t]) - values[t];
            sum = delta + (discount * lambda * continues[t] * sum);
            advantages[t] = (float)sum;
        }
    }

    /// <summary>
    /// Reward-to-go: Q_t = sum over t' from t of gamma^(t' - t) r_t', to the end of the row; what follows a row that was cut counts by
    /// <paramref name="nextValues"/> (zeros where there is no critic).
    /// </summary>
    public static void RewardToGo(
        ReadOnlySpan<float> rewards,
        ReadOnlySpan<float> nextValues,
        ReadOnlySpan<float> bootstraps,
        ReadOnlySpan<float> continues,
        double discount,
        Span<float> returns
    )
    {
        double sum = 0;
        for (int t = rewards.Length - 1; t >= 0; t--)
        {
            double after = continues[t] != 0 ? sum : bootstraps[t] * nextValues[t];
            sum = rewards[t] + (discount * after);
            returns[t] = (float)sum;
        }
    }

    /// <summary>
    /// The whole return of the episode at each of its steps: sum over t' of gamma^(t' - t0) r_t' with t0 the episode's first step.
    /// Rewards of before the action are in it: that causality is given away is what reward-to-go mends.
    /// </summary>
    public static void FullReturn(ReadOnlySpan<float> rewards, ReadOnlySpan<float> continues, double discount, Span<float> returns)
    {
        for (int start = 0; start < rewards.Length; )
        {
            int end = start;
            while (end < rewards.Length - 1 && continues[end] != 0)
            {
                end++;
            }

            double sum = 0;
            for (int t = end; t >= start; t--)
            {
                sum = rewards[t] + (discount * sum);
            }

            returns[start..(end + 1)].Fill((float)sum);
            start = end + 1;
        }
    }

    /// <summary>gamma^(t - t0) at each step, t0 the first of its episode: the factor of discount placement 2.</summary>
    public static void FromStart(ReadOnlySpan<float> continues, double discount, Span<float> factors)
    {
        double factor = 1;
        for (int t = 0; t < continues.Length; t++)
        {
            factors[t] = (float)factor;
            factor = continues[t] != 0 ? factor * discount : 1;
        }
    }

    /// <summary>
    /// Shifts to mean 0 and scales to standard deviation 1, in place; left alone below two values or where all are equal.
    /// </summary>
    public static void Standardise(Span<float> values)
    {
        double mean = 0,
            squares = 0;
        foreach (float value in values)
        {
            mean += value / (double)values.Length;
        }

        foreach (float value in values)
        {
            squares += (value - mean) * (value - mean);
        }

        double deviation = Math.Sqrt(squares / Math.Max(1, values.Length - 1));
        if (values.Length < 2 || deviation < 1e-12)
        {
            return;
        }

        for (int t = 0; t < values.Length; t++)
        {
            values[t] = (float)((values[t] - mean) / (deviation + 1e-8));
        }
    }
}
