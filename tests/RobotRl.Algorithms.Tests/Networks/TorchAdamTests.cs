using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Tests.Networks;

public sealed class TorchAdamTests
{
    [Theory]
    [InlineData(false)] // managed vectors
    [InlineData(true)] // the kernel used on CUDA, here on the CPU
    public void Step_FiftySteps_EqualsAlgorithm1(bool fused)
    {
        const int count = 1003; // not a multiple of any vector
        var random = new CounterRandom(5, 0UL);
        float[] start = new float[count],
            gradient = new float[count];
        random.FillGaussian(start);
        using Tensor ours = tensor(start),
            ourGradient = zeros(count);
        double[] theirs = [.. start.Select(p => (double)p)],
            first = new double[count],
            second = new double[count];
        using var adam = new TorchAdam(ours, ourGradient, 1e-2, fused);
        for (int step = 1; step <= 50; step++)
        {
            random.FillGaussian(gradient);
            gradient[7] = 0;
            using Tensor value = tensor(gradient);
            ourGradient.copy_(value);
            adam.Step();
            for (int i = 0; i < count; i++)
            {
                first[i] = (0.9 * first[i]) + (0.1 * gradient[i]);
                second[i] = (0.999 * second[i]) + (0.001 * gradient[i] * gradient[i]);
                theirs[i] -= 1e-2 * (first[i] / (1 - Math.Pow(0.9, step))) / (Math.Sqrt(second[i] / (1 - Math.Pow(0.999, step))) + 1e-8);
            }
        }

        Assert.All(ours.data<float>().ToArray(), (value, i) => Assert.Equal(theirs[i], value, 1e-5));
    }

    [Fact]
    public void Reset_AfterSteps_StartsAfresh()
    {
        using Tensor parameters = ones(20),
            gradients = ones(20),
            fresh = ones(20);
        using var adam = new TorchAdam(parameters, gradients, 0.1);
        adam.Step();
        gradients.SetTo(-3);
        adam.Step();
        adam.Reset();
        parameters.SetTo(1);
        adam.Step();
        using var other = new TorchAdam(fresh, gradients, 0.1);
        other.Step();
        Assert.True(parameters.Equals(fresh));
    }
}
