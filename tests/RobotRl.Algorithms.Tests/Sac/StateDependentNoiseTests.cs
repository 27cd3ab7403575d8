using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Sac;
using RobotRl.Algorithms.Tests.OffPolicy;
using RobotRl.Algorithms.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Tests.Sac;

/// <summary>gSDE: the learner's gradients and densities, and the acting side's samples.</summary>
public sealed unsafe class StateDependentNoiseTests
{
    [Theory]
    [InlineData(3, 2, 40, 19, 2, SimdWidth.Vector256)]
    [InlineData(17, 6, 33, 64, 2, SimdWidth.Vector512)]
    [InlineData(4, 2, 8, 5, 1, SimdWidth.Scalar)]
    public void PolicyGradient_AnyShape_EqualsAutomaticDifferentiation(
        int observations,
        int actions,
        int batch,
        int width,
        int layers,
        SimdWidth simd
    )
    {
        using DisposeScope scope = NewDisposeScope();
        using ManagedSacLearner learner = Learner(observations, actions, batch, width, layers, simd);
        float[] states = Gradients.Draw(1, batch * observations),
            next = Gradients.Draw(2, batch * observations),
            acted = Gradients.Draw(3, batch * actions);
        float[] returns = Gradients.Draw(4, batch),
            bootstraps = [.. Enumerable.Repeat(0.9f, batch)],
            noise = Gradients.Draw(5, 2 * batch * actions);
        MlpShape shape = learner.PolicyNetworks.Layout.Shape,
            criticShape = learner.CriticNetworks.Layout.Shape;
        using Tensor phi = FlatMlp.Leaf(learner.PolicyNetworks.Flat(learner.PolicyNetworks.Parameters));
        using Tensor theta = FlatMlp.Leaf(learner.CriticNetworks.Flat(learner.CriticNetworks.Parameters));

        // pi(a | s): mean from the network, variance sum_i phi_i(s)^2 sigma_ij^2 + 1e-6, squashed.
        Tensor s = Gradients.Rows(states, observations),
            eps = Gradients.Rows(noise[..(batch * actions)], actions);
        var trunk = new MlpShape(observations, shape.Hidden[..^1], width);
        Tensor features = FlatMlp.Forward(phi, trunk, 0, s).relu();
        Tensor sigma = phi.narrow(0, shape.ParameterCount, width * actions).view(width, actions).exp();
        Tensor variance = features.Squared().matmul(sigma.Squared()).Plus(1e-6);
        Tensor u = FlatMlp.Forward(phi, shape, 0, s).Plus(variance.sqrt() * eps),
            a = u.tanh();
        Tensor logSlope = ((-u).Plus(Math.Log(2)) - u.Times(-2).Softplus()).Times(2);
        Tensor logPi = ((eps.Squared().Times(-0.5) - variance.log().Times(0.5)).Minus(0.5 * Math.Log(2 * Math.PI)) - logSlope).sum(
            1,
            keepdim: true
        );
        Tensor inputs = cat([s, a], 1);
        Tensor loss = (
            logPi.Times(0.3) - minimum(FlatMlp.Forward(theta, criticShape, 0, inputs), FlatMlp.Forward(theta, criticShape, 1, inputs))
        ).mean();

        noise.CopyTo(learner.Noise);
        learner.PlaceMinibatch(states, acted, returns, bootstraps, next);
        learner.EvaluatePolicy();
        learner.EvaluateCriticLoss();
        learner.EvaluatePolicyLoss();
        learner.ComputePolicyGradient();
        Assert.Equal(loss.Number(), learner.PolicyLoss, 1e-5 * (1 + Math.Abs(loss.Number())));
        Gradients.Near(FlatMlp.Gradient(loss, phi), learner.PolicyNetworks.Flat(learner.PolicyNetworks.Gradients));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(1)]
    public void Act_ManyMatrices_HasTheDensityAndSpreadThatTheLearnerKnows(int layers)
    {
        using ManagedSacLearner learner = Learner(3, 2, 8, 16, layers, DenseVector.BestWidth);
        float[] observation = [0.3f, -0.2f, 0.9f],
            mean = new float[2],
            action = new float[2],
            preSquash = new float[2];
        (PolicyBlock block, double[] deviation) = Block(learner, observation, mean);
        using var policy = new PackedPolicy(learner.Policy);
        policy.Pack(block);
        var random = new CounterRandom(5, RandomPurpose.Acting);
        var exploration = new ExplorationState(learner.Policy);
        const int Draws = 20_000;
        double[] sum = new double[2],
            squares = new double[2];
        for (int i = 0; i < Draws; i++)
        {
            exploration.Restart();
            float log = policy.Act(observation, random, exploration, action, preSquash);
            double density = 0;
            for (int a = 0; a < 2; a++)
            {
                double z = (preSquash[a] - mean[a]) / deviation[a];
                (sum[a], squares[a]) = (sum[a] + z, squares[a] + (z * z));
                density +=
                    (-0.5 * z * z)
                    - Math.Log(deviation[a])
                    - (0.5 * Math.Log(2 * Math.PI))
                    - Math.Log(1 - Math.Pow(Math.Tanh(preSquash[a]), 2));
                Assert.Equal(MathF.Tanh(preSquash[a]), action[a], 1e-6f);
            }

            Assert.Equal(density, log, 2e-4 * (1 + Math.Abs(density)));
        }

        for (int a = 0; a < 2; a++)
        {
            Assert.Equal(0, sum[a] / Draws, 4 / Math.Sqrt(Draws));
            Assert.Equal(1, squares[a] / Draws, 6 / Math.Sqrt(Draws));
        }
    }

    [Fact]
    public void Act_BetweenDraws_IsAFunctionOfTheObservation()
    {
        using ManagedSacLearner learner = Learner(3, 2, 8, 16, 2, DenseVector.BestWidth, frequency: 4);
        (PolicyBlock block, _) = Block(learner, [0, 0, 0], new float[2]);
        using var policy = new PackedPolicy(learner.Policy);
        policy.Pack(block);
        var random = new CounterRandom(5, RandomPurpose.Acting);
        var exploration = new ExplorationState(learner.Policy);
        float[][] actions = [.. Enumerable.Range(0, 12).Select(_ => Draw(policy, random, exploration))];
        for (int i = 0; i < 12; i++)
        {
            Assert.Equal(i % 4 != 0, i > 0 && actions[i].AsSpan().SequenceEqual(actions[i - 1]));
        }
    }

    [Fact]
    public void Load_BetweenDraws_ContinuesBitForBitUnderAnExchangedPolicy()
    {
        using ManagedSacLearner learner = Learner(3, 2, 8, 16, 2, DenseVector.BestWidth, frequency: 5);
        (PolicyBlock block, _) = Block(learner, [0, 0, 0], new float[2]);
        using PackedPolicy first = new(learner.Policy),
            second = new(learner.Policy);
        first.Pack(block);
        second.Pack(block);
        CounterRandom random = new(5, RandomPurpose.Acting),
            resumedRandom = new(6, RandomPurpose.Acting);
        ExplorationState exploration = new(learner.Policy),
            resumed = new(learner.Policy);
        for (int i = 0; i < 8; i++)
        {
            Draw(first, random, exploration);
        }

        var state = new MemoryState();
        exploration.Save(state, "exploration");
        resumed.Load(state, "exploration");
        resumedRandom.State = random.State;
        for (int i = 0; i < 8; i++)
        {
            Assert.Equal(Draw(first, random, exploration), Draw(second, resumedRandom, resumed));
        }
    }

    [Fact]
    public void Act_WithTheMatrix_AllocatesNothing()
    {
        using ManagedSacLearner learner = Learner(3, 2, 8, 16, 2, DenseVector.BestWidth, frequency: 3);
        (PolicyBlock block, _) = Block(learner, [0, 0, 0], new float[2]);
        using var policy = new PackedPolicy(learner.Policy);
        var random = new CounterRandom(5, RandomPurpose.Acting);
        var exploration = new ExplorationState(learner.Policy);
        float[] observation = [0.1f, 0.2f, 0.3f],
            action = new float[2],
            preSquash = new float[2];
        Work();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Work();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Work()
        {
            for (int i = 0; i < 50; i++)
            {
                policy.Pack(block);
                policy.Act(observation, random, exploration, action, preSquash);
            }
        }
    }

    private static float[] Draw(PackedPolicy policy, CounterRandom random, ExplorationState exploration)
    {
        float[] action = new float[2];
        policy.Act([0.1f, 0.2f, 0.3f], random, exploration, action, new float[2]);
        return action;
    }

    /// <summary>The learner's policy, and what the formulas say of it at an observation.</summary>
    private static (PolicyBlock Block, double[] Deviation) Block(ManagedSacLearner learner, float[] observation, float[] mean)
    {
        var block = new PolicyBlock(learner.Policy);
        learner.CopyPolicy(block);
        block.UniformActions = false;
        MlpShape shape = learner.Policy.Network;
        using DisposeScope scope = NewDisposeScope();
        using Tensor parameters = FlatMlp.Leaf(block.Parameters),
            input = Gradients.Rows(observation, observation.Length);
        double[] features = FlatMlp
            .Forward(parameters, new(shape.Inputs, shape.Hidden[..^1], shape.Hidden[^1]), 0, input)
            .relu()
            .detach()
            .data<double>()
            .ToArray();
        double[] outputs = FlatMlp.Forward(parameters, shape, 0, input).detach().data<double>().ToArray(),
            deviation = new double[mean.Length];
        for (int a = 0; a < mean.Length; a++)
        {
            mean[a] = (float)outputs[a];
            double variance = 1e-6;
            for (int i = 0; i < features.Length; i++)
            {
                variance += Math.Pow(features[i] * Math.Exp(block.Parameters[shape.ParameterCount + (i * mean.Length) + a]), 2);
            }

            deviation[a] = Math.Sqrt(variance);
        }

        return (block, deviation);
    }

    private static ManagedSacLearner Learner(
        int observations,
        int actions,
        int batch,
        int width,
        int layers,
        SimdWidth simd,
        int frequency = 0
    )
    {
        var learner = new ManagedSacLearner(
            new()
            {
                HiddenWidth = width,
                HiddenLayers = layers,
                BatchSize = batch,
                ReplayCapacity = 10,
                LearningStarts = 1,
                InitialTemperature = 0.3,
                LearnTemperature = false,
                StateDependentExploration = true,
                SdeSampleFrequency = frequency,
                SdeLogStd = -1,
            },
            observations,
            actions,
            21,
            simd
        );

        // Deviations that differ.
        float* logSigma = learner.PolicyNetworks.Extras(learner.PolicyNetworks.Parameters, 0);
        float[] drawn = Gradients.Draw(8, learner.PolicyNetworks.ExtraCount);
        for (int i = 0; i < drawn.Length; i++)
        {
            logSigma[i] += 0.5f * drawn[i];
        }

        return learner;
    }
}
