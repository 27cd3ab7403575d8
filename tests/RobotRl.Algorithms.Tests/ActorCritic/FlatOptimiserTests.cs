using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Tests.ActorCritic;

public sealed class FlatOptimiserTests
{
    [Theory]
    [InlineData(OptimiserKind.Sgd)]
    [InlineData(OptimiserKind.Adam)]
    public void Ascend_TwentySteps_MatchesTorch(OptimiserKind kind)
    {
        const int Size = 37;
        const double Rate = 3e-3;
        float[] parameters = new float[Size],
            gradient = new float[Size];
        var random = new CounterRandom(4, RandomPurpose.Learning);
        random.FillGaussian(parameters);
        using DisposeScope scope = NewDisposeScope();
        Tensor twin = tensor(parameters),
            twinGradient = zeros(Size);
        using var adam = new TorchAdam(twin, twinGradient, Rate, fused: true); // PyTorch's own kernel
        var ours = new FlatOptimiser(kind, Rate, Size);
        for (int step = 0; step < 20; step++)
        {
            random.FillGaussian(gradient);
            ours.Ascend(parameters, gradient);
            twinGradient.copy_(tensor(gradient)).neg_();
            if (kind == OptimiserKind.Adam)
            {
                adam.Step();
            }
            else
            {
                twin.sub_(twinGradient.Times(Rate));
            }
        }

        float[] expected = twin.data<float>().ToArray();
        for (int i = 0; i < Size; i++)
        {
            Assert.Equal(expected[i], parameters[i], 1e-6f);
        }
    }
}
