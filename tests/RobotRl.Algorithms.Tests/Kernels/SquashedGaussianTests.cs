using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Tests.OffPolicy;
using RobotRl.Algorithms.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Tests.Kernels;

/// <summary>Action, log-density and the gradient through both, against TorchSharp in float64.</summary>
public sealed unsafe class SquashedGaussianTests
{
    private const float Low = -3,
        High = 1,
        Weight = 0.3f;

    [Theory]
    [MemberData(nameof(Seeds))]
    public void ForwardAndBackward_RandomShape_EqualTorchSharpInFloat64(int seed)
    {
        using var work = new KernelCase(seed);
        (int rows, int actions) = (work.Rows, 1 + work.Next(9));
        // Wide enough that log sigma leaves [-3, 1] on both sides.
        float[] head = work.Draw(rows * 2 * actions, 1.5f),
            noise = work.Draw(rows * actions),
            slope = work.Draw(rows * actions);
        Tensor outputs = KernelCase.Leaf(head, 2 * actions),
            logStd = outputs.narrow(1, actions, actions).Clamped(Low, High);
        Tensor epsilon = KernelCase.Rows64(noise, actions),
            u = outputs.narrow(1, 0, actions).Plus(logStd.exp() * epsilon),
            action = u.tanh();
        // log(1 - tanh(u)^2) = 2 (log 2 - u - softplus(-2 u))
        Tensor logSlope = ((-u).Plus(Math.Log(2)) - u.Times(-2).Softplus()).Times(2);
        Tensor density = (epsilon.Squared().Times(-0.5) - logStd).Minus(0.5 * Math.Log(2 * Math.PI)) - logSlope;
        Tensor logProbability = density.sum(1);
        Tensor expected = autograd.grad(
            [logProbability.Times(Weight).sum().Plus((action * KernelCase.Rows64(slope, actions)).sum())],
            [outputs]
        )[0];

        var gaussian = new SquashedGaussian(work.Memory, rows, actions, Low, High);
        noise.CopyTo(new Span<float>(gaussian.Noise, noise.Length));
        gaussian.Forward(work.Matrix(head, 2 * actions));
        Matrix gradient = work.Empty(rows, 2 * actions);
        gaussian.Backward(work.Matrix(slope, actions), Weight, gradient);
        Gradients.Near(action.flatten(), new ReadOnlySpan<float>(gaussian.Action, rows * actions));
        Gradients.Near(logProbability, new ReadOnlySpan<float>(gaussian.LogProbability, rows));
        Gradients.Near(expected.flatten(), KernelCase.Values(gradient));
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];
}
