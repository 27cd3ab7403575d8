using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;
using RobotRl.Algorithms.Tests.Networks;
using static RobotRl.Algorithms.Tests.ActorCritic.LearnerProbe;

namespace RobotRl.Algorithms.Tests.ActorCritic;

public sealed class OffPacLearnerTests
{
    [Theory]
    [InlineData(false, false, 0)]
    [InlineData(true, false, 0)]
    [InlineData(false, true, 0)]
    [InlineData(true, true, 0)]
    [InlineData(false, false, 0.3)]
    [InlineData(true, false, 0.3)]
    [InlineData(true, true, 0.3)]
    public void Update_OverARow_IsAlgorithm1InDoublePrecision(bool discrete, bool shared, double entropy)
    {
        // Unbounded steps: v, w and u move exactly as arXiv 1205.4839 algorithm 1 has it, with grad V for the features.
        const double Gamma = 0.9,
            Lambda = 0.7,
            AlphaU = 0.02,
            AlphaV = 0.05,
            AlphaW = 0.5;
        var options = new OffPacOptions
        {
            HiddenWidth = 5,
            HiddenLayers = 1,
            SharedTrunk = shared,
            Sparsity = 0.2,
            Discount = Gamma,
            TraceDecay = Lambda,
            ActorStepSize = AlphaU,
            CriticStepSize = AlphaV,
            CorrectionStepSize = AlphaW,
            PolicyKappa = 0,
            ValueKappa = 0,
            EntropyCoefficient = entropy,
        };
        using var learner = new OffPacLearner(3, discrete ? new DiscreteActionSpace(3) : new ContinuousActionSpace(1), options, 4);
        MlpShape policy = learner.Policy.Network,
            actorShape = shared ? policy with { Outputs = policy.Outputs + 1 } : policy;
        MlpShape criticShape = shared ? actorShape : policy with { Outputs = 1 };
        double[] u = Doubles(Read(learner, "actor/parameters", actorShape.ParameterCount)),
            v = Doubles(Read(learner, "critic/parameters", criticShape.ParameterCount));
        double[] w = new double[v.Length],
            eu = new double[u.Length],
            ev = new double[v.Length];
        var random = new CounterRandom(6, RandomPurpose.Simulation);
        float[] observation = Gaussian(random, 3);
        for (int t = 0; t < 12; t++)
        {
            float[] next = Gaussian(random, 3),
                action = [discrete ? t % 3 : random.NextGaussian()];
            float behaviourLog = MathF.Log(0.2f + (0.5f * random.NextSingle()));
            EpisodeEnd end =
                t == 7 ? EpisodeEnd.Truncated
                : t == 11 ? EpisodeEnd.Terminated
                : EpisodeEnd.None;
            learner.Observe(
                new Transition
                {
                    Observation = observation,
                    Proposed = action,
                    PreSquash = action,
                    Executed = action,
                    NextObservation = next,
                    LogProbability = behaviourLog,
                    Reward = random.NextGaussian(),
                    End = end,
                    Learnable = true,
                    Sequence = t,
                }
            );
            double[] s = Doubles(Read(learner, "pending/observation", 3)),
                after = Doubles(Read(learner, "pending/next_observation", 3));
            double reward = Read(learner, "pending/reward", 2)[0];
            learner.Update();

            double gammaNext = end == EpisodeEnd.Terminated ? 0 : Gamma;
            double V(double[] parameters, double[] x) => ReferenceMlp.Forward(criticShape, parameters, x)[^1];
            double[] x = Difference(v, p => V(p, s)),
                xNext = Difference(v, p => V(p, after));
            double Log(double[] parameters) =>
                LogProbability(ReferenceMlp.Forward(actorShape, parameters, s)[..policy.Outputs], action, discrete);
            double delta = reward + (gammaNext * V(v, after)) - V(v, s),
                rho = Math.Exp(Log(u) - behaviourLog);

            // The entropy, with the sign of delta, beside log pi in the actor's trace (arXiv 2410.14606).
            double[] score = Difference(u, p =>
                Log(p) + (entropy * Math.Sign(delta) * Entropy(ReferenceMlp.Forward(actorShape, p, s)[..policy.Outputs], discrete))
            );
            bool first = t is 0 or 8;
            ev = [.. ev.Select((e, i) => rho * (x[i] + (first ? 0 : Gamma * Lambda * e)))];
            eu = [.. eu.Select((e, i) => rho * (score[i] + (first ? 0 : Gamma * Lambda * e)))];
            double wev = Dot(w, ev),
                wx = Dot(w, x),
                part = AlphaW / Math.Max(1, Dot(x, x));
            v = [.. v.Select((p, i) => p + (AlphaV * ((delta * ev[i]) - (gammaNext * (1 - Lambda) * wev * xNext[i]))))];
            w = [.. w.Select((p, i) => p + (part * ((delta * ev[i]) - (wx * x[i]))))];
            u = [.. (shared ? v : u).Select((p, i) => p + (AlphaU * delta * eu[i]))];
            v = shared ? u : v;
            ReferenceMlp.AssertClose(v, Read(learner, "critic/parameters", v.Length), 3e-4);
            ReferenceMlp.AssertClose(w, Read(learner, "critic/correction", w.Length), 3e-4);
            ReferenceMlp.AssertClose(u, Read(learner, "actor/parameters", u.Length), 3e-4);
            Assert.Equal(rho, Metric(learner, "policy/ratio"), 1e-3 * rho);
            observation = end == EpisodeEnd.None ? next : Gaussian(random, 3);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void CopyPolicy_WithATemperature_ActsBolder_AndItsFrozenActionIsTheLearnedPolicys(bool discrete)
    {
        using OffPacLearner plain = Make(discrete, new() { Temperature = 1 }),
            bold = Make(discrete, new() { Temperature = 3 });
        using LearnerDriver first = new(plain, 5),
            second = new(bold, 5);
        first.Run(300);
        bold.RevertPolicy(first.Block);
        PolicyBlock one = new(plain.Policy),
            three = new(bold.Policy);
        plain.CopyPolicy(one);

        // The bold learner's normaliser has seen nothing: the raw network is compared.
        var state = new MemoryState();
        plain.Save(state);
        bold.Load(state);
        bold.CopyPolicy(three);
        using PackedPolicy a = new(plain.Policy),
            b = new(bold.Policy);
        a.Pack(one);
        b.Pack(three);
        var random = new CounterRandom(1, RandomPurpose.Simulation);
        (double narrow, double wide) = (0, 0);
        for (int i = 0; i < 50; i++)
        {
            float[] raw = Gaussian(random, 4),
                actionA = new float[plain.Policy.ActionSize],
                actionB = new float[plain.Policy.ActionSize],
                squash = new float[plain.Policy.ActionSize];
            a.ActFrozen(raw, actionA);
            b.ActFrozen(raw, actionB);
            Assert.All(actionA.Zip(actionB), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
            for (int k = 0; k < 20; k++)
            {
                narrow -= a.Act(raw, random, actionA, squash);
                wide -= b.Act(raw, random, actionB, squash);
            }
        }

        Assert.True(wide > narrow, $"entropy {wide / 1000} and {narrow / 1000}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Update_FromItsOwnPolicy_HasARatioOf1_AndFromAUniformOneThatOfTheDensities(bool discrete)
    {
        using OffPacLearner own = Make(discrete, new() { Temperature = 1 }),
            uniform = Make(discrete, new() { Behaviour = BehaviourKind.Uniform });
        using LearnerDriver a = new(own, 3),
            b = new(uniform, 3);
        for (int i = 0; i < 200; i++)
        {
            a.Run(1);
            Assert.Equal(1, Metric(own, "policy/ratio"), 1e-3);
        }

        b.Run(200, update: false);
        Assert.True(b.Block.UniformActions);
        Assert.Equal(discrete ? -MathF.Log(3) : -2 * MathF.Log(2), b.LogProbability, 1e-5f);
    }

    [Theory]
    [InlineData(BehaviourKind.Tempered, false)]
    [InlineData(BehaviourKind.Tempered, true)]
    [InlineData(BehaviourKind.Uniform, false)]
    [InlineData(BehaviourKind.Uniform, true)]
    public void Update_OnEpisodesOfOneStep_LearnsTheActionThatPays_WhoeverActs(BehaviourKind behaviour, bool discrete)
    {
        var options = new OffPacOptions
        {
            HiddenWidth = 16,
            Sparsity = 0.5,
            Behaviour = behaviour,
        };
        using var learner = new OffPacLearner(2, discrete ? new DiscreteActionSpace(3) : new ContinuousActionSpace(1), options, 4);
        using var policy = new PackedPolicy(learner.Policy);
        var block = new PolicyBlock(learner.Policy);
        CounterRandom acting = new(4, RandomPurpose.Acting),
            world = new(4, RandomPurpose.Simulation);
        float[] action = new float[1],
            preSquash = new float[1];
        for (int t = 0; t < 8000; t++)
        {
            float[] observation = Gaussian(world, 2);
            learner.CopyPolicy(block);
            policy.Pack(block);
            float log = policy.Act(observation, acting, action, preSquash);
            learner.Observe(
                new Transition
                {
                    Observation = observation,
                    Proposed = action,
                    PreSquash = preSquash,
                    Executed = action,
                    NextObservation = observation,
                    LogProbability = log,
                    Reward = Reward(observation, preSquash[0]),
                    End = EpisodeEnd.Terminated,
                    Learnable = true,
                    PolicyVersion = block.Version,
                    Sequence = t,
                }
            );
            learner.Update();
        }

        double mean = 0;
        for (int i = 0; i < 500; i++)
        {
            float[] observation = Gaussian(world, 2);
            policy.ActFrozen(observation, action);
            mean += Reward(observation, action[0]) / 500;
        }

        Assert.True(discrete ? mean > 0.9 : mean > -0.25, $"{mean}");

        float Reward(float[] observation, float a) =>
            discrete ? (a == (observation[0] > 0 ? 0 : 2) ? 1 : 0) : -MathF.Abs(a - (observation[0] > 0 ? 0.5f : -0.5f));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Load_InTheMiddleOfAnEpisode_ContinuesBitForBit(bool discrete)
    {
        using OffPacLearner original = Make(discrete, new()),
            resumed = Make(discrete, new());
        using var driver = new LearnerDriver(original, 10);
        driver.Run(307);
        var saved = new MemoryState();
        original.Save(saved);
        resumed.Load(saved);
        using LearnerDriver twin = driver.ContinueWith(resumed);
        driver.Run(200);
        twin.Run(200);
        MemoryState a = new(),
            b = new();
        original.Save(a);
        resumed.Save(b);
        Assert.True(a.SameAs(b));
        Assert.False(a.SameAs(saved));
    }

    [Theory]
    [InlineData("observation")]
    [InlineData("next")]
    [InlineData("action")]
    public void Observe_NumberThatIsNone_IsRefusedAndReachesNoWeight(string what)
    {
        using OffPacLearner learner = Make(discrete: true, new());
        using var driver = new LearnerDriver(learner, 9);
        driver.Run(50);
        driver.ShowBroken(what, float.NaN);
        Assert.False(learner.CanUpdate);
        Assert.Throws<InvalidOperationException>(learner.Update);
        driver.Run(100);
        Assert.Equal(1, Metric(learner, "stream/refused"));
        Assert.All(Read(learner, "actor/parameters", learner.Policy.Network.ParameterCount), p => Assert.True(float.IsFinite(p)));
    }

    [Fact]
    public void RevertPolicy_ToAnEarlierOne_BringsThePolicyBehindItBack()
    {
        using OffPacLearner learner = Make(discrete: true, new() { Temperature = 2 });
        using var driver = new LearnerDriver(learner, 6);
        driver.Run(200);
        PolicyBlock old = new(learner.Policy),
            back = new(learner.Policy);
        learner.CopyPolicy(old);
        learner.RevertPolicy(old);
        learner.CopyPolicy(back);
        Assert.All(old.Parameters.Zip(back.Parameters), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Fact]
    public void Validate_SettingsOutOfRange_NamesThemAllWithTheirRanges()
    {
        Assert.Empty(new OffPacOptions().Validate("L"));
        string[] problems =
        [
            .. new OffPacOptions
            {
                Temperature = 0.5,
                TraceDecay = 2,
                Behaviour = (BehaviourKind)7,
            }.Validate("L"),
        ];
        Assert.Equal(3, problems.Length);
        Assert.Contains(problems, p => p.StartsWith("L:Temperature is 0.5; allowed: 1 to 100.", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.Contains("allowed: Tempered, Uniform", StringComparison.Ordinal));
        Assert.Throws<ArgumentException>(() => new OffPacLearner(3, new DiscreteActionSpace(2), new() { Discount = 2 }, 0));
    }

    private static OffPacLearner Make(bool discrete, OffPacOptions options) =>
        new(4, discrete ? new DiscreteActionSpace(3) : new ContinuousActionSpace(2), options with { HiddenWidth = 12, Sparsity = 0.5 }, 7);

    private static double LogProbability(double[] output, float[] action, bool discrete)
    {
        if (discrete)
        {
            return output[(int)action[0]] - Math.Log(output.Sum(Math.Exp));
        }

        double deviation = Math.Log(1 + Math.Exp(output[1]));
        return -(Math.Pow((action[0] - output[0]) / deviation, 2) / 2) - Math.Log(deviation) - (Math.Log(2 * Math.PI) / 2);
    }

    private static double Entropy(double[] output, bool discrete)
    {
        double total = Math.Log(output.Sum(Math.Exp));
        return discrete
            ? -output.Sum(o => Math.Exp(o - total) * (o - total))
            : (Math.Log(2 * Math.PI * Math.E) / 2) + Math.Log(Math.Log(1 + Math.Exp(output[1])));
    }

    private static double[] Difference(double[] at, Func<double[], double> function)
    {
        double[] moved = [.. at],
            gradient = new double[at.Length];
        for (int i = 0; i < at.Length; i++)
        {
            moved[i] = at[i] + 1e-6;
            double above = function(moved);
            moved[i] = at[i] - 1e-6;
            gradient[i] = (above - function(moved)) / 2e-6;
            moved[i] = at[i];
        }

        return gradient;
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static double[] Doubles(float[] values) => [.. values.Select(x => (double)x)];

    private static float[] Gaussian(CounterRandom random, int size)
    {
        float[] values = new float[size];
        random.FillGaussian(values);
        return values;
    }
}
