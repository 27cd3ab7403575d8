using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Tests.Networks;

public sealed class TorchAdamTests
{
    [Theory]
    [InlineData(false)] // managed vectors
    [InlineData(true)] // the kernel used on CUDA, here on the CPU
    public void Step_FiftySteps_EqualsTorchOptimAdam(bool fused)
    {
        const int count = 1003; // not a multiple of any vector
        var random = new CounterRandom(5, 0UL);
        float[] start = new float[count], gradient = new float[count];
        random.FillGaussian(start);
        using Tensor ours = tensor(start), ourGradient = zeros(count);
        using var theirs = new TorchSharp.Modules.Parameter(tensor(start));
        using var adam = new TorchAdam(ours, ourGradient, 1e-2, fused);
        using var peer = optim.Adam([theirs], lr: 1e-2);
        for (int step = 0; step < 50; step++)
        {
            random.FillGaussian(gradient);
            gradient[7] = 0;
            using Tensor value = tensor(gradient);
            ourGradient.copy_(value);
            theirs.grad = value.clone();
            adam.Step();
            peer.step();
        }

        using Tensor difference = (ours - theirs).abs().max();
        Assert.InRange(difference.ToSingle(), 0, 1e-5f);
    }

    [Fact]
    public void Reset_AfterSteps_StartsAfresh()
    {
        using Tensor parameters = ones(20), gradients = ones(20), fresh = ones(20);
        using var adam = new TorchAdam(parameters, gradients, 0.1);
        adam.Step();
        gradients.fill_(-3);
        adam.Step();
        adam.Reset();
        parameters.fill_(1);
        adam.Step();
        using var other = new TorchAdam(fresh, gradients, 0.1);
        other.Step();
        Assert.True(parameters.Equals(fresh));
    }
}
