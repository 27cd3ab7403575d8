using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;
using RobotRl.Algorithms.Tests.Networks;
using RobotRl.Algorithms.Tests.Policies;
using static RobotRl.Algorithms.Tests.ActorCritic.LearnerProbe;

namespace RobotRl.Algorithms.Tests.ActorCritic;

public sealed class OnlineActorCriticLearnerTests
{
    [Theory]
    [InlineData(EpisodeEnd.Terminated, false, 0)]
    [InlineData(EpisodeEnd.Truncated, false, 0)]
    [InlineData(EpisodeEnd.Terminated, true, 0)]
    [InlineData(EpisodeEnd.Truncated, true, 0)]
    [InlineData(EpisodeEnd.Truncated, false, 0.4)]
    [InlineData(EpisodeEnd.Terminated, true, 0.4)]
    public void Update_WithTheTextbooksSettings_FollowsItsStepsInTheirOrder(EpisodeEnd end, bool shared, double entropy)
    {
        var options = new OnlineActorCriticOptions
        {
            HiddenWidth = 7,
            SharedTrunk = shared,
            Optimiser = OptimiserKind.Sgd,
            EntropyCoefficient = entropy,
            NormaliseObservations = false,
            ActorLearningRate = 0.05,
            CriticLearningRate = 0.1,
            Discount = 0.9,
        };
        using var learner = new OnlineActorCriticLearner(3, new ContinuousActionSpace(1), options, 3);
        MlpShape policy = learner.Policy.Network,
            actorShape = shared ? policy with { Outputs = 3 } : policy,
            criticShape = shared ? actorShape : policy with { Outputs = 1 };
        var random = new CounterRandom(9, RandomPurpose.Simulation);
        for (int t = 0; t < 5; t++)
        {
            float[] observation = Gaussian(random, 3),
                next = Gaussian(random, 3),
                action = Gaussian(random, 1);
            double reward = random.NextGaussian();
            double[] s = Double(observation),
                s2 = Double(next);
            float[] actor = Read(learner, "actor/parameters", actorShape.ParameterCount),
                critic = Read(learner, "critic/parameters", criticShape.ParameterCount);
            double Value(double[] phi, double[] x) => ReferenceMlp.Forward(criticShape, phi, x)[^1];
            double Target(double[] phi) => (float)reward + (end == EpisodeEnd.Terminated ? 0 : 0.9 * Value(phi, s2));

            learner.Observe(
                new Transition
                {
                    Observation = observation,
                    Proposed = [Math.Clamp(action[0], -1, 1)],
                    PreSquash = action,
                    Executed = [0],
                    NextObservation = next,
                    Reward = (float)reward,
                    End = end,
                    Learnable = true,
                    Sequence = t,
                }
            );
            learner.Update();

            // Step 2, then step 3 with the value function that step 2 left, then steps 4 and 5, where the entropy (but for a
            // constant log sigma) goes up.
            double y = Target(Double(critic));
            double[] down = ReferenceMlp.Gradient(critic, phi => Math.Pow(y - Value(phi, s), 2) / 2);
            double[] fitted = [.. critic.Zip(down, (p, g) => p - (0.1 * g))];
            double advantage = Target(fitted) - Value(fitted, s);
            double[] before = shared ? fitted : Double(actor);
            double[] up = ReferenceMlp.Gradient([.. before.Select(p => (float)p)], theta =>
            {
                double[] output = ReferenceMlp.Forward(actorShape, theta, s);
                double deviation = Math.Log(1 + Math.Exp(output[1]));
                return (advantage * (-(Math.Pow((action[0] - output[0]) / deviation, 2) / 2) - Math.Log(deviation)))
                    + (entropy * Math.Log(deviation));
            });
            if (!shared)
            {
                ReferenceMlp.AssertClose(fitted, Read(learner, "critic/parameters", critic.Length), 1e-5);
            }

            ReferenceMlp.AssertClose([.. before.Zip(up, (p, g) => p + (0.05 * g))], Read(learner, "actor/parameters", actor.Length), 1e-5);
            Assert.Equal(advantage, Metric(learner, "value/advantage"), 1e-5);
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Load_InTheMiddle_ContinuesBitForBit(bool discrete, bool pending)
    {
        using OnlineActorCriticLearner original = Make(discrete, 10);
        using var driver = new LearnerDriver(original, 10);
        driver.Run(123);
        if (pending)
        {
            driver.Run(1, update: false);
        }

        var saved = new MemoryState();
        original.Save(saved);
        using OnlineActorCriticLearner resumed = Make(discrete, 99);
        resumed.Load(saved);
        using LearnerDriver twin = driver.ContinueWith(resumed);
        if (pending)
        {
            original.Update();
            resumed.Update();
        }

        driver.Run(150);
        twin.Run(150);
        MemoryState a = new(),
            b = new();
        original.Save(a);
        resumed.Save(b);
        Assert.True(a.SameAs(b));
        Assert.False(a.SameAs(saved));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ObserveAndUpdate_AfterWarmUp_AllocateNothing(bool discrete)
    {
        using OnlineActorCriticLearner learner = Make(discrete, 12);
        using var driver = new LearnerDriver(learner, 12);
        driver.Run(200);
        long before = GC.GetAllocatedBytesForCurrentThread();
        driver.Run(1000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Theory]
    [InlineData("observation", float.NaN)]
    [InlineData("next", float.PositiveInfinity)]
    [InlineData("preSquash", float.NaN)]
    public void Observe_NumberThatIsNone_IsRefusedAndCounted(string what, float value)
    {
        using OnlineActorCriticLearner learner = Make(discrete: false, 9);
        using var driver = new LearnerDriver(learner, 9);
        driver.Run(30);
        float[] before = Read(learner, "actor/parameters", learner.Policy.Network.ParameterCount);
        driver.ShowBroken(what, value);
        driver.Show(EpisodeEnd.None, float.NaN, actFirst: true);
        Assert.Equal(2, learner.Refused);
        Assert.False(learner.CanUpdate);
        Assert.Throws<InvalidOperationException>(learner.Update);
        driver.Run(200);
        Assert.All(Read(learner, "actor/parameters", before.Length), p => Assert.True(float.IsFinite(p)));
    }

    [Fact]
    public void Observe_UnlearnableTransition_IsNotLearnedFrom()
    {
        using OnlineActorCriticLearner learner = Make(discrete: true, 9);
        using var driver = new LearnerDriver(learner, 9);
        driver.Show(EpisodeEnd.None, 1, learnable: false, actFirst: true);
        Assert.False(learner.CanUpdate);
        Assert.Equal(0, learner.Refused);
    }

    [Fact]
    public void Constructor_SameSeed_LearnsTheSameWeights()
    {
        float[] Learn(ulong seed)
        {
            using OnlineActorCriticLearner learner = Make(discrete: false, seed);
            using var driver = new LearnerDriver(learner, 11);
            driver.Run(200);
            return Read(learner, "actor/parameters", learner.Policy.Network.ParameterCount);
        }

        Assert.Equal(Learn(1), Learn(1));
        Assert.NotEqual(Learn(1), Learn(2));
    }

    [Fact]
    public void RevertPolicy_AfterTheNormaliserMoved_ActsAsTheOldPolicyDid()
    {
        using OnlineActorCriticLearner learner = Make(discrete: true, 13);
        using var driver = new LearnerDriver(learner, 13);
        driver.Run(150);
        PolicyBlock old = new(learner.Policy),
            reverted = new(learner.Policy);
        learner.CopyPolicy(old);
        driver.Run(300);
        learner.RevertPolicy(old);
        learner.CopyPolicy(reverted);
        Assert.Equal(old.NormaliserMean, reverted.NormaliserMean);
        Assert.Equal(old.Parameters, reverted.Parameters);
        float[] raw = [0.3f, -0.4f, 0.9f, 1.2f, -0.7f, 0.1f];
        double[] expected = ReferencePolicy.Outputs(old, raw),
            actual = ReferencePolicy.Outputs(reverted, raw);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    [Fact]
    public void EstimateValues_AfterLearningAConstantReward_IsItsDiscountedSum()
    {
        using var learner = new OnlineActorCriticLearner(2, new DiscreteActionSpace(2), new() { Discount = 0.5 }, 4);
        var random = new CounterRandom(4, RandomPurpose.Simulation);
        for (int t = 0; t < 8000; t++)
        {
            learner.Observe(
                new Transition
                {
                    Observation = Gaussian(random, 2),
                    Proposed = [1],
                    PreSquash = [1],
                    Executed = [1],
                    NextObservation = Gaussian(random, 2),
                    Reward = 3,
                    End = EpisodeEnd.None,
                    Learnable = true,
                    Sequence = 2 * t,
                }
            );
            learner.Update();
        }

        float[] values = new float[2];
        learner.EstimateValues([0.3f, 0.2f, -0.5f, 1f], values);
        Assert.All(values, v => Assert.InRange(v, 5.7f, 6.3f));
    }

    [Fact]
    public void Validate_SeveralSettingsOutOfRange_NamesThemAllWithTheirRanges()
    {
        Assert.Empty(new OnlineActorCriticOptions().Validate("L"));
        var options = new OnlineActorCriticOptions
        {
            HiddenLayers = 9,
            ActorLearningRate = -1,
            Optimiser = (OptimiserKind)7,
            Activation = (Activation)8,
        };
        string[] problems = [.. options.Validate("L")];
        Assert.Equal(4, problems.Length);
        Assert.Contains("L:HiddenLayers is 9; allowed: 1 to 8. Set it to the number of hidden layers, such as 2.", problems);
        Assert.Contains("L:Optimiser is 7; allowed: Sgd, Adam. Set it to one of these.", problems);
        Assert.Throws<ArgumentException>(() => new OnlineActorCriticLearner(3, new DiscreteActionSpace(2), options, 0));
    }

    private static OnlineActorCriticLearner Make(bool discrete, ulong seed) =>
        new(6, discrete ? new DiscreteActionSpace(3) : new ContinuousActionSpace(2), new() { HiddenWidth = 12 }, seed);

    private static float[] Gaussian(CounterRandom random, int size)
    {
        float[] values = new float[size];
        random.FillGaussian(values);
        return values;
    }

    private static double[] Double(float[] values) => [.. values.Select(v => (double)v)];
}
