using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using TorchSharp;

namespace RobotRl.Algorithms.Tests.OffPolicy;

/// <summary>
/// Gradients whose squares are beyond single precision are learned from; a step along one that is not finite is refused, counted,
/// and spoils nothing.
/// </summary>
public sealed unsafe class GreatOffPolicyGradientTests
{
    public static TheoryData<string, bool> Learners
    {
        get
        {
            var all = new TheoryData<string, bool>
            {
                { "sac-v", true },
                { "ddpg", true },
                { "dpg", true },
            };
            foreach (string name in (string[])["sac", "td3", "droq", "crossq"])
            {
                all.Add(name, true);
                all.Add(name, false);
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Update_RewardsOfTenToThe22_LearnsAndRefusesNothing(string name, bool managed)
    {
        using ILearner learner = OffPolicyCases.Create(name, managed, new());
        float[] before = Policy(learner);
        Feed(learner, 1e22f, 0, 60);
        Assert.True(learner.Updates > 0);
        Assert.Equal(0, learner.RefusedUpdates);
        Assert.All(Policy(learner), p => Assert.True(float.IsFinite(p)));
        Assert.NotEqual(before, Policy(learner));
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Update_LossesBeyondSinglePrecision_AreRefusedAndCountedAndThePolicyActsOn(string name, bool managed)
    {
        using ILearner learner = OffPolicyCases.Create(name, managed, new(Steps: 3));
        OffPolicyCases.Run(learner, 0, 40);
        Assert.Equal(0, learner.RefusedUpdates);
        Feed(learner, float.MaxValue, 40, 80);
        Assert.InRange(learner.RefusedUpdates, 1, learner.Updates);
        Assert.All(Policy(learner), p => Assert.True(float.IsFinite(p)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Step_OfTorch_GreatIsTaken_NotFiniteIsRefused(bool fused)
    {
        using torch.Tensor parameters = torch.zeros(19),
            gradients = torch.zeros(19);
        TorchMemory.Host(gradients).Fill(3e25f);
        using var adam = new TorchAdam(parameters, gradients, 1e-2, fused);
        Assert.True(adam.Step());
        float[] taken = [.. parameters.data<float>()];
        Assert.All(taken, p => Assert.Equal(-1e-2, p, 1e-5));
        foreach (float value in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
        {
            TorchMemory.Host(gradients).Fill(1);
            TorchMemory.Host(gradients)[17] = value;
            Assert.Equal(fused, adam.Step());
            Assert.Equal<float>(taken, (float[])[.. parameters.data<float>()]);
        }

        TorchMemory.Host(gradients).Fill(3e25f);
        Assert.True(adam.Step());
        Assert.All((float[])[.. parameters.data<float>()], p => Assert.Equal(-2e-2, p, 1e-5));
    }

    [Fact]
    public void Step_OfTheKernel_GreatIsTaken_NotFiniteIsRefusedAndNothingChanges()
    {
        const int n = 16;
        using var memory = new KernelMemory();
        float* p = memory.Floats(n),
            g = memory.Floats(n),
            m = memory.Floats(n),
            v = memory.Floats(n),
            target = memory.Floats(n);
        new Span<float>(g, n).Fill(-3e25f);
        Assert.True(AdamKernel.Step(p, g, m, v, n, 1, 1e-2, 0.9f, target, 0.5f));
        float[] taken = [.. new Span<float>(p, n), .. new Span<float>(m, n), .. new Span<float>(v, n), .. new Span<float>(target, n)];
        Assert.All(taken, x => Assert.True(float.IsFinite(x)));
        Assert.Equal(1e-2, p[5], 1e-5);
        foreach (float value in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
        {
            g[11] = value;
            Assert.False(AdamKernel.Step(p, g, m, v, n, 2, 1e-2, 0.9f, target, 0.5f));
            Assert.Equal<float>(
                taken,
                (float[])[.. new Span<float>(p, n), .. new Span<float>(m, n), .. new Span<float>(v, n), .. new Span<float>(target, n)]
            );
        }
    }

    private static float[] Policy(ILearner learner)
    {
        var block = new PolicyBlock(learner.Policy);
        learner.CopyPolicy(block);
        return block.Parameters;
    }

    private static void Feed(ILearner learner, float reward, long from, long to)
    {
        for (long i = from; i < to; i++)
        {
            OffPolicyCases.Show(i, (in Experience.Transition t) =>
                learner.Observe(t with { Reward = float.IsNegative(t.Reward) ? -reward : reward })
            );
            if (learner.CanUpdate)
            {
                learner.Update();
            }
        }
    }
}
