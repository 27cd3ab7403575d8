using System.Numerics;

namespace RobotRl.Algorithms.ActorCritic;

/// <summary>log(sum_j e^x_j), without overflow: what turns logits into log probabilities.</summary>
internal static class LogSumExp
{
    /// <summary>Computes it in single or double precision.</summary>
    /// <param name="logits">x, at least one.</param>
    public static T Of<T>(ReadOnlySpan<float> logits)
        where T : IFloatingPointIeee754<T>
    {
        T largest = T.CreateTruncating(logits[0]),
            total = T.Zero;
        foreach (float logit in logits)
        {
            largest = T.Max(largest, T.CreateTruncating(logit));
        }

        foreach (float logit in logits)
        {
            total += T.Exp(T.CreateTruncating(logit) - largest);
        }

        return largest + T.Log(total);
    }
}
