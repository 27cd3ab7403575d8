#if TORCH
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Networks;

/// <summary>The policy a = tanh(u), u = mu + sigma epsilon, with its log-density, as operations that record their gradients.</summary>
internal static class TorchSample
{
    /// <summary>Draws from a network's output.</summary>
    /// <param name="head">[mu, log sigma], [rows, 2 x action].</param>
    /// <param name="noise">epsilon, standard normal, [rows, action].</param>
    /// <param name="policy">Has the bounds of log sigma.</param>
    /// <returns>a [rows, action] and log pi(a | s) [rows, 1], stable for every u.</returns>
    public static (Tensor Action, Tensor LogPi) Draw(Tensor head, Tensor noise, PolicySpec policy)
    {
        long actions = noise.shape[1];
        Tensor logStd = head.narrow(1, actions, actions).Clamped(policy.LogStdMin, policy.LogStdMax),
            u = head.narrow(1, 0, actions).Plus(logStd.exp() * noise);
        Tensor logSlope = ((-u).Plus(Math.Log(2)) - u.Times(-2).Softplus()).Times(2); // log(1 - tanh(u)^2) = 2 (log 2 - u - softplus(-2 u))
        Tensor density = (noise.Squared().Times(-0.5) - logStd).Minus(0.5 * Math.Log(2 * Math.PI)) - logSlope;
        return (u.tanh(), density.sum(1, true));
    }
}
#endif
