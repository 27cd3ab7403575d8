using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Policies;

namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>
/// Kullback-Leibler divergence between two distributions given by a policy network's outputs, and the Fisher information there: the
/// second derivative of the divergence where both are the same (arXiv 1502.05477, appendix C). The heads are those of the score function.
/// </summary>
/// <remarks>Pure functions; nothing allocates.</remarks>
internal static class PolicyDivergence
{
    /// <summary>KL(old, new), the mean of log(old/new) under old. No less than 0 but for rounding.</summary>
    public static double Between(PolicyHead head, ReadOnlySpan<float> old, ReadOnlySpan<float> now) =>
        head == PolicyHead.Categorical ? Categorical(old, now) : Gaussian(old, now);

    /// <summary>destination = F x tangent, F the Fisher information in the outputs: what the score's outer product is on average.</summary>
    public static void Fisher(PolicyHead head, ReadOnlySpan<float> output, ReadOnlySpan<float> tangent, Span<float> destination)
    {
        if (head != PolicyHead.Categorical)
        {
            // diag(1 / sigma^2) in the mean and diag(2 / sigma^2) in sigma = softplus(output), hence its slope squared.
            int size = output.Length / 2;
            for (int j = 0; j < size; j++)
            {
                double deviation = Softplus.Of<double>(output[size + j]),
                    slope = 1 / (1 + Math.Exp(-output[size + j]));
                destination[j] = (float)(tangent[j] / (deviation * deviation));
                destination[size + j] = (float)(2 * slope * slope / (deviation * deviation) * tangent[size + j]);
            }

            return;
        }

        // diag(p) - p p^T in the logits.
        double logTotal = LogSumExp.Of<double>(output),
            mean = 0;
        for (int j = 0; j < output.Length; j++)
        {
            mean += Math.Exp(output[j] - logTotal) * tangent[j];
        }

        for (int j = 0; j < output.Length; j++)
        {
            destination[j] = (float)(Math.Exp(output[j] - logTotal) * (tangent[j] - mean));
        }
    }

    private static double Categorical(ReadOnlySpan<float> old, ReadOnlySpan<float> now)
    {
        double oldTotal = LogSumExp.Of<double>(old),
            nowTotal = LogSumExp.Of<double>(now),
            sum = 0;
        for (int j = 0; j < old.Length; j++)
        {
            double logOld = old[j] - oldTotal;
            sum += Math.Exp(logOld) * (logOld - (now[j] - nowTotal));
        }

        return sum;
    }

    private static double Gaussian(ReadOnlySpan<float> old, ReadOnlySpan<float> now)
    {
        // log(s1 / s0) + (s0^2 + (m0 - m1)^2) / (2 s1^2) - 1/2 in each dimension.
        int size = old.Length / 2;
        double sum = 0;
        for (int j = 0; j < size; j++)
        {
            double before = Softplus.Of<double>(old[size + j]),
                after = Softplus.Of<double>(now[size + j]),
                distance = (double)old[j] - now[j];
            sum += Math.Log(after / before) + (((before * before) + (distance * distance)) / (2 * after * after)) - 0.5;
        }

        return sum;
    }
}
