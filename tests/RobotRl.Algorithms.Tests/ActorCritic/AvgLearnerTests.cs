using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Tests.Networks;
using static RobotRl.Algorithms.Tests.ActorCritic.LearnerProbe;

namespace RobotRl.Algorithms.Tests.ActorCritic;

public sealed class AvgLearnerTests
{
    private const double Eta = 0.2;
    private static readonly AvgOptions Small = new()
    {
        HiddenWidth = 12,
        EntropyCoefficient = Eta,
        ActorLearningRate = 1e-3,
        CriticLearningRate = 1e-3,
    };

    /// <summary>
    /// After the first step of Adam its second moment is (1 - 0.999) g^2: both losses' gradients, against differences in double
    /// precision.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Update_First_MovesAlongBothLossesGradients(bool gated)
    {
        using AvgLearner learner = Make(3);
        MlpShape actorShape = learner.Policy.Network,
            criticShape = actorShape with { Inputs = 8, Outputs = 1 };
        float[] actor = Read(learner, "actor/parameters", actorShape.ParameterCount),
            critic = Read(learner, "critic/parameters", criticShape.ParameterCount);
        using var driver = new LearnerDriver(learner, 3);
        driver.Run(1, update: false);
        float[] s = Read(learner, "pending/observation", 6),
            u = Read(learner, "pending/pre_squash", 2),
            executed = Read(learner, "pending/executed", 2);
        if (gated)
        {
            executed = [0.25f * executed[0], -0.5f];
            learner.Observe(
                new Transition
                {
                    Observation = s,
                    Proposed = [MathF.Tanh(u[0]), MathF.Tanh(u[1])],
                    PreSquash = u,
                    Executed = executed,
                    NextObservation = [0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f],
                    Reward = 0.5f,
                    Learnable = true,
                    Sequence = 1,
                    End = EpisodeEnd.Terminated,
                }
            );
            s = Read(learner, "pending/observation", 6);
        }

        double[] a = [.. u.Select(x => Math.Tanh(x))],
            mu = ReferenceMlp.Forward(actorShape, Double(actor), Double(s));
        double[] xi = [.. u.Select((x, i) => (x - mu[i]) / Math.Exp(mu[2 + i]))];
        double Q(double[] phi, double[] action) => ReferenceMlp.Forward(criticShape, phi, [.. Double(s), .. action])[0];
        double[] policy = ReferenceMlp.Gradient(actor, theta =>
        {
            double[] outputs = ReferenceMlp.Forward(actorShape, theta, Double(s));
            double[] drawn = [.. xi.Select((x, i) => outputs[i] + (Math.Exp(outputs[2 + i]) * x))];
            double log = xi.Select((x, i) => (-x * x / 2) - outputs[2 + i] - Math.Log(1 - Math.Pow(Math.Tanh(drawn[i]), 2))).Sum();
            return Q(Double(critic), [.. drawn.Select(Math.Tanh)]) - (Eta * log);
        });
        double[] value = ReferenceMlp.Gradient(critic, phi => Q(phi, Double(executed)));
        learner.Update();
        double delta = Metric(learner, "value/scaled_td_error");
        Check(actor, "actor", policy, 1);
        Check(critic, "critic", value, delta);
        Assert.Equal(gated, Enumerable.Range(0, 2).Any(i => Math.Abs(a[i] - executed[i]) > 1e-3));

        void Check(float[] before, string name, double[] gradient, double factor)
        {
            float[] second = Read(learner, $"{name}/adam/second", before.Length),
                after = Read(learner, $"{name}/parameters", before.Length);
            double scale = gradient.Max(Math.Abs) * Math.Abs(factor);
            for (int i = 0; i < before.Length; i++)
            {
                double found = Math.Sqrt(second[i] / 0.001) * Math.Sign(after[i] - before[i]);
                Assert.True(
                    Math.Abs(found - (factor * gradient[i])) < 2e-4 * scale,
                    $"{name}[{i}]: {found}, expected {factor * gradient[i]} (scale {scale})"
                );
            }
        }
    }

    [Fact]
    public void Update_Error_IsRewardAndSoftValueOfTheNextStateLessTheValue_ByTheReturnsScale()
    {
        using AvgLearner learner = Make(4);
        using var driver = new LearnerDriver(learner, 4);
        driver.Run(50);
        driver.Run(1, update: false);
        MlpShape shape = learner.Policy.Network with { Inputs = 8, Outputs = 1 };
        float[] s = Read(learner, "pending/observation", 6),
            executed = Read(learner, "pending/executed", 2),
            critic = Read(learner, "critic/parameters", shape.ParameterCount);
        double q = ReferenceMlp.Forward(shape, Double(critic), [.. Double(s), .. Double(executed)])[0];
        learner.Update();
        Assert.Equal(q, Metric(learner, "value/estimate"), 1e-4);
        Assert.Equal(
            Metric(learner, "value/td_error") / Metric(learner, "value/error_scale"),
            Metric(learner, "value/scaled_td_error"),
            1e-4
        );
        Assert.NotEqual(1, Metric(learner, "value/error_scale"));
    }

    [Theory]
    [InlineData(EpisodeEnd.Truncated)]
    [InlineData(EpisodeEnd.Fault)]
    [InlineData(EpisodeEnd.Takeover)]
    public void Update_EndThatIsNoTermination_Bootstraps(EpisodeEnd end)
    {
        (double Error, double Value) Run(EpisodeEnd with)
        {
            using AvgLearner learner = Make(7);
            using var driver = new LearnerDriver(learner, 7);
            driver.Run(40);
            driver.Show(with, 1, actFirst: true);
            learner.Update();
            return (Metric(learner, "value/td_error"), Metric(learner, "value/estimate"));
        }

        (double error, double value) = Run(EpisodeEnd.Terminated);
        Assert.Equal(1 - value, error, 1e-5);
        Assert.NotEqual(error, Run(end).Error, 1e-3);
        Assert.Equal(Run(EpisodeEnd.None).Error, Run(end).Error, 1e-6);
    }

    [Fact]
    public void ReturnScale_TerminatedEpisodes_IsRewardVarianceAndReturnSquares()
    {
        var scale = new ReturnScale();
        Assert.Equal(1, scale.Sigma);
        double[] rewards = [1, 2, 4, 3, 5, 1];
        bool[] terminated = [false, false, true, false, true, false];
        for (int i = 0; i < rewards.Length; i++)
        {
            scale.Update(rewards[i], 0.9, terminated[i], terminated[i]);
        }

        double Variance(double[] x) => x.Sum(v => Math.Pow(v - x.Average(), 2)) / (x.Length - 1);
        double expected = Variance(rewards) + (Variance([0.9, 0.9, 0, 0.9, 0, 0.9]) * ((7 * 7) + (8 * 8)) / 2);
        Assert.Equal(Math.Sqrt(expected), scale.Sigma, 1e-6);
    }

    [Theory]
    [InlineData("observation", float.NaN)]
    [InlineData("next", float.PositiveInfinity)]
    [InlineData("action", float.NaN)]
    public void Observe_NumberThatIsNone_IsRefusedAndCounted(string what, float value)
    {
        using AvgLearner learner = Make(9);
        using var driver = new LearnerDriver(learner, 9);
        driver.Run(30);
        float[] before = Read(learner, "actor/parameters", learner.Policy.Network.ParameterCount);
        driver.ShowBroken(what, value);
        Assert.Equal(1, learner.Refused);
        Assert.False(learner.CanUpdate);
        Assert.Throws<InvalidOperationException>(learner.Update);
        Assert.Equal(before, Read(learner, "actor/parameters", before.Length));
        driver.Run(200);
        Assert.All(Read(learner, "actor/parameters", before.Length), p => Assert.True(float.IsFinite(p)));
    }

    [Fact]
    public void Observe_Unlearnable_IsPassedOver_AndMissedOnesAreCounted()
    {
        using AvgLearner learner = Make(8);
        using var driver = new LearnerDriver(learner, 8);
        driver.Run(20);
        driver.Show(EpisodeEnd.None, 1, learnable: false, actFirst: true);
        Assert.False(learner.CanUpdate);
        driver.Run(2, update: false);
        learner.Update();
        Assert.Equal(1, Metric(learner, "stream/missed"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Load_InTheMiddle_ContinuesBitForBit(bool pending)
    {
        using AvgLearner original = Make(10);
        using var driver = new LearnerDriver(original, 10);
        driver.Run(123);
        if (pending)
        {
            driver.Run(1, update: false);
        }

        var saved = new MemoryState();
        original.Save(saved);
        using AvgLearner resumed = Make(99);
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

    [Fact]
    public void ObserveAndUpdate_AfterWarmUp_AllocateNothing()
    {
        using AvgLearner learner = Make(12);
        using var driver = new LearnerDriver(learner, 12);
        driver.Run(200);
        long before = GC.GetAllocatedBytesForCurrentThread();
        driver.Run(1000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Update_InLockstep_SeesTheLogProbabilityThatThePolicyActedWith()
    {
        using AvgLearner learner = Make(14);
        using var driver = new LearnerDriver(learner, 14);
        driver.Run(5);
        for (int i = 0; i < 100; i++)
        {
            driver.Run(1);
            Assert.Equal(driver.LogProbability, Metric(learner, "policy/log_probability"), 1e-3);
        }
    }

    [Fact]
    public void RevertPolicy_AfterTheNormaliserMoved_ActsAsTheOldPolicyDid()
    {
        using AvgLearner learner = Make(13);
        using var driver = new LearnerDriver(learner, 13);
        driver.Run(150);
        var old = new PolicyBlock(learner.Policy);
        learner.CopyPolicy(old);
        driver.Run(300);
        learner.RevertPolicy(old);
        var reverted = new PolicyBlock(learner.Policy);
        learner.CopyPolicy(reverted);
        Assert.Equal(old.NormaliserMean, reverted.NormaliserMean);
        Assert.Equal(old.Parameters, reverted.Parameters);
        float[] raw = [0.3f, -0.4f, 0.9f, 1.2f, -0.7f, 0.1f];
        double[] expected = Policies.ReferencePolicy.Outputs(old, raw),
            actual = Policies.ReferencePolicy.Outputs(reverted, raw);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    [Fact]
    public void Update_RewardForOneAction_LearnsToTakeIt()
    {
        using var learner = new AvgLearner(
            1,
            1,
            new()
            {
                HiddenWidth = 32,
                ActorLearningRate = 3e-4,
                CriticLearningRate = 1e-3,
                EntropyCoefficient = 0.01,
            },
            15
        );
        var block = new PolicyBlock(learner.Policy);
        using var policy = new PackedPolicy(learner.Policy);
        var random = new CounterRandom(15, RandomPurpose.Acting);
        float[] action = [0],
            preSquash = [0];
        for (int t = 0; t < 6000; t++)
        {
            learner.CopyPolicy(block);
            policy.Pack(block);
            float log = policy.Act([1], random, action, preSquash);
            learner.Observe(
                new Transition
                {
                    Observation = [1],
                    Proposed = action,
                    PreSquash = preSquash,
                    Executed = action,
                    NextObservation = [1],
                    LogProbability = log,
                    Reward = -MathF.Pow(action[0] - 0.5f, 2),
                    End = EpisodeEnd.Terminated,
                    Learnable = true,
                    Sequence = t,
                }
            );
            learner.Update();
        }

        learner.CopyPolicy(block);
        policy.Pack(block);
        policy.ActFrozen([1], action);
        Assert.InRange(action[0], 0.35f, 0.65f);
    }

    [Fact]
    public void Validate_SeveralSettingsOutOfRange_NamesThemAllWithTheirRanges()
    {
        var options = new AvgOptions
        {
            HiddenWidth = 0,
            Discount = 1.5,
            Beta1 = double.NaN,
        };
        Assert.Empty(new AvgOptions().Validate("L"));
        string[] problems = [.. options.Validate("Learner:Avg")];
        Assert.Equal(3, problems.Length);
        Assert.Equal(
            "Learner:Avg:HiddenWidth is 0; allowed: 1 to 4096. Set it to the number of units per hidden layer, such as 256.",
            problems[0]
        );
        Assert.StartsWith("Learner:Avg:Beta1 is NaN; allowed: 0 to 0.999.", problems[2], StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new AvgLearner(3, 1, options, 0));
    }

    private static AvgLearner Make(ulong seed) => new(6, 2, Small, seed);

    private static double[] Double(float[] values) => [.. values.Select(v => (double)v)];
}
