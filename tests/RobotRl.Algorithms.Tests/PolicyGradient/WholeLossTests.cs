using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.PolicyGradient;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;
using RobotRl.Algorithms.Tests.ActorCritic;
using RobotRl.Algorithms.Tests.Networks;

namespace RobotRl.Algorithms.Tests.PolicyGradient;

/// <summary>
/// Each learner's whole loss, from a rollout with a termination and two time limits, written down in double precision: its
/// central differences are the
/// gradient that the learner's first step was taken with, which Adam keeps a tenth of.
/// </summary>
public sealed class WholeLossTests
{
    private const int Steps = 7;
    private const double Gamma = 0.9,
        Lambda = 0.8,
        Beta = 0.05,
        ValueWeight = 0.7,
        Clip = 0.2,
        Tolerance = 1e-4;

    /// <summary>Last steps of the episodes: terminated, cut, cut.</summary>
    private static readonly int[] s_ends = [2, 4, 6];

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(false, true, false)]
    [InlineData(true, false, false)]
    [InlineData(true, true, false)]
    [InlineData(false, false, true)]
    [InlineData(false, true, true)]
    public void A2c_FirstGradient_IsTheDifferenceQuotientOfTheLoss(bool discrete, bool shared, bool noise)
    {
        var c = new Case(discrete, shared, noise);
        using var learner = new A2cLearner(
            2,
            c.Actions,
            new()
            {
                Network = c.Network,
                StepsPerUpdate = Steps,
                Discount = Gamma,
                Lambda = Lambda,
                EntropyCoefficient = Beta,
                ValueCoefficient = ValueWeight,
                MaxGradientNorm = 0,
            },
            3
        );
        float[] before = c.Begin(learner);
        learner.Update();
        double[] advantages = c.Generalised(c.Origin, Lambda),
            returns = [.. advantages.Select((a, t) => a + c.Value(c.Origin, c.States[t]))];
        AssertFirst(learner, "optimiser/first", ReferenceMlp.Gradient(before, p => Mean(t =>
                {
                    (double log, double entropy) = c.Density(p, t);
                    return (advantages[t] * log) + (Beta * entropy) - (ValueWeight * Math.Pow(returns[t] - c.Value(p, c.States[t]), 2) / 2);
                })));
    }

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(true, true, false)]
    [InlineData(false, false, true)]
    [InlineData(false, true, true)]
    public void Ppo_FirstGradient_IsTheDifferenceQuotientOfTheLoss(bool discrete, bool shared, bool noise)
    {
        var c = new Case(discrete, shared, noise);
        using var learner = new PpoLearner(
            2,
            c.Actions,
            new()
            {
                Network = c.Network,
                StepsPerUpdate = Steps,
                Epochs = 1,
                BatchSize = Steps,
                Discount = Gamma,
                Lambda = Lambda,
                Clip = Clip,
                EntropyCoefficient = Beta,
                ValueCoefficient = ValueWeight,
                MaxGradientNorm = 0,
                StandardiseAdvantages = false,
            },
            3
        );
        float[] before = c.Begin(learner);
        learner.Update();
        double[] advantages = c.Generalised(c.Origin, Lambda),
            returns = [.. advantages.Select((a, t) => a + c.Value(c.Origin, c.States[t]))];
        Assert.InRange(LearnerProbe.Metric(learner, "policy/clipped"), 1.0 / Steps, (Steps - 1.0) / Steps);
        AssertFirst(learner, "optimiser/first", ReferenceMlp.Gradient(before, p => Mean(t =>
                {
                    (double log, double entropy) = c.Density(p, t);
                    double ratio = Math.Exp(log - c.OldLogs[t]);
                    return Math.Min(ratio * advantages[t], Math.Clamp(ratio, 1 - Clip, 1 + Clip) * advantages[t])
                        + (Beta * entropy)
                        - (ValueWeight * Math.Pow(returns[t] - c.Value(p, c.States[t]), 2) / 2);
                })));
    }

    [Theory]
    [InlineData(false, false, PolicyEvaluation.Td0)]
    [InlineData(true, false, PolicyEvaluation.TdLambda)]
    [InlineData(false, true, PolicyEvaluation.MonteCarlo)]
    [InlineData(true, true, PolicyEvaluation.TdLambda)]
    public void BatchActorCritic_FirstGradients_AreTheDifferenceQuotientsOfBothLosses(
        bool discrete,
        bool shared,
        PolicyEvaluation evaluation
    )
    {
        var c = new Case(discrete, shared, noise: false);
        BatchActorCriticOptions options = new()
        {
            Network = c.Network,
            StepsPerUpdate = Steps,
            Discount = Gamma,
            Lambda = Lambda,
            Evaluation = evaluation,
            AdvantageLambda = 0.5,
            EntropyCoefficient = Beta,
            CriticEpochs = 1,
            ActorLearningRate = 0,
            CriticLearningRate = 0.1,
            StandardiseAdvantages = false,
        };
        using var learner = new BatchActorCriticLearner(2, c.Actions, options, 3);
        float[] before = c.Begin(learner);
        learner.Update();
        double[] targets =
        [
            .. c.Generalised(
                    c.Origin,
                    evaluation switch
                    {
                        PolicyEvaluation.MonteCarlo => 1,
                        PolicyEvaluation.Td0 => 0,
                        _ => Lambda,
                    }
                )
                .Select((a, t) => a + c.Value(c.Origin, c.States[t])),
        ];
        double[] critic = ReferenceMlp.Gradient(before, p => Mean(t => -Math.Pow(targets[t] - c.Value(p, c.States[t]), 2) / 2));
        AssertFirst(learner, "critic/first", critic[(shared ? 0 : c.ActorCount)..]);

        // With the V just fitted: the actor's step of length 0 leaves the parameters where its gradient was taken.
        float[] fitted = LearnerProbe.Read(learner, "networks/parameters", before.Length);
        Assert.NotEqual(before, fitted);
        double[] advantages = c.Generalised([.. fitted.Select(p => (double)p)], options.AdvantageLambda);
        double[] actor = ReferenceMlp.Gradient(fitted, p =>
            Mean(t => (advantages[t] * c.Density(p, t).Log) + (Beta * c.Density(p, t).Entropy))
        );
        AssertFirst(learner, "actor/first", actor[..c.ActorCount]);
    }

    [Theory]
    [InlineData(PolicyEvaluation.MonteCarlo, false)]
    [InlineData(PolicyEvaluation.Td0, false)]
    [InlineData(PolicyEvaluation.TdLambda, true)]
    public void BatchActorCritic_OfManyEpochs_AddsTheDifferenceQuotientWhereTheEpochBeforeLeftThem(PolicyEvaluation evaluation, bool shared)
    {
        // After k + 1 epochs Adam's first moment is 0.9 times that after k, and 0.1 times the gradient there: of V on targets
        // made anew (Monte Carlo returns
        // stay what they were), of the policy on the advantages of before the first.
        BatchActorCriticOptions options = new()
        {
            StepsPerUpdate = Steps,
            Discount = Gamma,
            Lambda = Lambda,
            Evaluation = evaluation,
            AdvantageLambda = 0.5,
            EntropyCoefficient = Beta,
            StandardiseAdvantages = false,
        };
        var c = new Case(discrete: true, shared, noise: false);
        (float[] critic, float[] first) = After(
            c,
            options with
            {
                CriticEpochs = 1,
                ActorLearningRate = 0,
                CriticLearningRate = 0.1,
            },
            "critic"
        );
        (float[] actor, float[] actorFirst) = After(
            null,
            options with
            {
                CriticEpochs = 1,
                ActorEpochs = 1,
                ActorLearningRate = 0.1,
                CriticLearningRate = 0,
            },
            "actor"
        );
        double[] advantages = c.Generalised(c.Origin, options.AdvantageLambda);
        double lambda = evaluation switch
        {
            PolicyEvaluation.MonteCarlo => 1,
            PolicyEvaluation.Td0 => 0,
            _ => Lambda,
        };
        for (int epochs = 2; epochs <= 4; epochs++)
        {
            double[] at = evaluation == PolicyEvaluation.MonteCarlo ? c.Origin : [.. critic.Select(p => (double)p)];
            double[] targets = [.. c.Generalised(at, lambda).Select((a, t) => a + c.Value(at, c.States[t]))];
            double[] regression = ReferenceMlp.Gradient(critic, p => Mean(t => -Math.Pow(targets[t] - c.Value(p, c.States[t]), 2) / 2));
            double[] expected = Moment(first, regression[(shared ? 0 : c.ActorCount)..]);
            (critic, first) = After(
                null,
                options with
                {
                    CriticEpochs = epochs,
                    ActorLearningRate = 0,
                    CriticLearningRate = 0.1,
                },
                "critic"
            );
            ReferenceMlp.AssertClose(expected, first, Tolerance);

            double[] improvement = ReferenceMlp.Gradient(actor, p =>
                Mean(t => (advantages[t] * c.Density(p, t).Log) + (Beta * c.Density(p, t).Entropy))
            );
            expected = Moment(actorFirst, improvement[..c.ActorCount]);
            (actor, actorFirst) = After(
                null,
                options with
                {
                    CriticEpochs = 1,
                    ActorEpochs = epochs,
                    ActorLearningRate = 0.1,
                    CriticLearningRate = 0,
                },
                "actor"
            );
            ReferenceMlp.AssertClose(expected, actorFirst, Tolerance);
        }

        double[] Moment(float[] before, double[] gradient) => [.. before.Zip(gradient, (m, g) => (0.9 * m) + (0.1 * g))];

        (float[] Parameters, float[] First) After(Case? shown, BatchActorCriticOptions with, string optimiser)
        {
            Case one = shown ?? new Case(discrete: true, shared, noise: false);
            using var learner = new BatchActorCriticLearner(2, one.Actions, with with { Network = one.Network }, 3);
            int count = one.Begin(learner).Length;
            learner.Update();
            int part = optimiser == "actor" ? one.ActorCount : count - (shared ? 0 : one.ActorCount);
            return (LearnerProbe.Read(learner, "networks/parameters", count), LearnerProbe.Read(learner, $"{optimiser}/first", part));
        }
    }

    [Theory]
    [InlineData(false, BaselineKind.None, ReturnKind.Full, DiscountPlacement.FromStep)]
    [InlineData(true, BaselineKind.None, ReturnKind.RewardToGo, DiscountPlacement.FromStart)]
    [InlineData(false, BaselineKind.Average, ReturnKind.RewardToGo, DiscountPlacement.FromStep)]
    [InlineData(true, BaselineKind.Optimal, ReturnKind.RewardToGo, DiscountPlacement.FromStart)]
    [InlineData(false, BaselineKind.StateValue, ReturnKind.RewardToGo, DiscountPlacement.FromStart)]
    [InlineData(true, BaselineKind.StateValue, ReturnKind.RewardToGo, DiscountPlacement.FromStep)]
    public void Reinforce_FirstGradients_AreTheWeightedDifferenceQuotientsOfLogPi_AndOfTheRegression(
        bool discrete,
        BaselineKind baseline,
        ReturnKind kind,
        DiscountPlacement placement
    )
    {
        var c = new Case(discrete, shared: false, noise: false);
        using var learner = new ReinforceLearner(
            2,
            c.Actions,
            new()
            {
                Network = c.Network,
                StepsPerUpdate = Steps,
                Discount = Gamma,
                Baseline = baseline,
                Return = kind,
                Placement = placement,
                CriticEpochs = 1,
            },
            3
        );
        float[] before = c.Begin(learner);
        learner.Update();
        bool value = baseline == BaselineKind.StateValue;
        double[] toGo = new double[Steps];
        for (int t = Steps - 1; t >= 0; t--)
        {
            // Nobody but V stands in for what a time limit cut off.
            toGo[t] =
                c.Rewards[t]
                + (
                    Gamma
                    * (
                        t == 2 ? 0
                        : s_ends.Contains(t) ? (value ? c.Value(c.Origin, c.Nexts[t]) : 0)
                        : toGo[t + 1]
                    )
                );
        }

        int[] starts = [0, 3, 5, 7];
        int Episode(int t) =>
            t < 3 ? 0
            : t < 5 ? 1
            : 2;
        double[] q = [.. Enumerable.Range(0, Steps).Select(t => kind == ReturnKind.Full ? toGo[starts[Episode(t)]] : toGo[t])];
        double[] factor =
        [
            .. Enumerable
                .Range(0, Steps)
                .Select(t => placement == DiscountPlacement.FromStart ? Math.Pow(Gamma, t - starts[Episode(t)]) : 1),
        ];
        double[][] scores =
        [
            .. Enumerable.Range(0, Steps).Select(t => ReferenceMlp.Gradient(before, p => factor[t] * c.Density(p, t).Log)),
        ];
        double[] expected =
        [
            .. Enumerable
                .Range(0, c.ActorCount)
                .Select(i => Enumerable.Range(0, Steps).Sum(t => scores[t][i] * (q[t] - Baseline(t, i)) / 3)),
        ];
        AssertFirst(learner, "actor/first", expected);
        if (value)
        {
            double[] regression = ReferenceMlp.Gradient(before, p => Mean(t => -Math.Pow(toGo[t] - c.Value(p, c.States[t]), 2) / 2));
            float[] reached = LearnerProbe.Read(learner, "critic/first", before.Length - c.ActorCount);

            // V is its own network: the policy's step before it changed nothing.
            ReferenceMlp.AssertClose([.. regression[c.ActorCount..].Select(g => 0.1 * g)], reached, Tolerance);
        }

        double Baseline(int t, int i)
        {
            int[] others = [.. Enumerable.Range(0, Steps).Where(o => Episode(o) != Episode(t))];
            switch (baseline)
            {
                case BaselineKind.StateValue:
                    return c.Value(c.Origin, c.States[t]);
                case BaselineKind.Average:
                    int[] same = [.. others.Where(o => o - starts[Episode(o)] == t - starts[Episode(t)])];
                    return same.Length == 0 ? 0 : same.Average(o => q[o]);
                case BaselineKind.Optimal:
                    // E[S P] / E[S^2] of the other episodes, with S = sum_t g_t and P = sum_t g_t Q_t.
                    double[][] episodes =
                    [
                        .. others.GroupBy(Episode).Select(e => new[] { e.Sum(o => scores[o][i]), e.Sum(o => scores[o][i] * q[o]) }),
                    ];
                    return episodes.Sum(e => e[0] * e[1]) / episodes.Sum(e => e[0] * e[0]);
                default:
                    return 0;
            }
        }
    }

    private static double Mean(Func<int, double> term) => Enumerable.Range(0, Steps).Average(term);

    private static void AssertFirst(ILearner learner, string name, double[] gradient) =>
        ReferenceMlp.AssertClose([.. gradient.Select(g => 0.1 * g)], LearnerProbe.Read(learner, name, gradient.Length), Tolerance);

    /// <summary>One rollout, and pi and V by the reference network.</summary>
    private sealed class Case(bool discrete, bool shared, bool noise)
    {
        private MlpShape _actor = null!,
            _critic = null!;
        private double[][] _features = [];

        public ActionSpace Actions { get; } = discrete ? new DiscreteActionSpace(3) : new ContinuousActionSpace(1);

        public OnPolicyNetworkOptions Network { get; } =
            new()
            {
                HiddenWidth = 4,
                SharedTrunk = shared,
                StateDependentExploration = noise,
                SdeLogStd = -0.5,
            };

        public List<double[]> States { get; } = [];

        public List<double[]> Nexts { get; } = [];

        public List<float[]> Chosen { get; } = [];

        public List<double> Rewards { get; } = [];

        public double[] OldLogs { get; private set; } = [];

        public double[] Origin { get; private set; } = [];

        public int ActorCount => _actor.ParameterCount;

        /// <summary>Shows the learner the rollout; returns its parameters.</summary>
        public float[] Begin(ILearner learner)
        {
            MlpShape policy = learner.Policy.Network;
            (_actor, _critic) = (shared ? policy with { Outputs = policy.Outputs + 1 } : policy, policy with { Outputs = 1 });
            int count = _actor.ParameterCount + (shared ? 0 : _critic.ParameterCount) + (noise ? 4 : 0);
            float[] before = LearnerProbe.Read(learner, "networks/parameters", count);
            Origin = [.. before.Select(p => (double)p)];
            var random = new CounterRandom(5, RandomPurpose.Simulation);
            for (int t = 0; t < Steps; t++)
            {
                float[] first = t == 0 || s_ends.Contains(t - 1) ? Draw(random) : [.. Nexts[^1].Select(v => (float)v)],
                    next = Draw(random);
                States.Add([.. first.Select(v => (double)v)]);
                Nexts.Add([.. next.Select(v => (double)v)]);
                Chosen.Add([discrete ? t % 3 : 0.7f * random.NextGaussian()]);
                Rewards.Add(random.NextGaussian());
            }

            _features = [.. States.Select(Features)];

            // The acting policy's densities: ratios of 0.6 to 1.5.
            OldLogs = [.. Enumerable.Range(0, Steps).Select(t => (double)(float)(Density(Origin, t).Log + (0.15 * (t - 3))))];
            for (int t = 0; t < Steps; t++)
            {
                float[] action = noise ? [MathF.Tanh(Chosen[t][0])] : Chosen[t];
                learner.Observe(
                    new Transition
                    {
                        Observation = [.. States[t].Select(v => (float)v)],
                        Proposed = action,
                        PreSquash = Chosen[t],
                        Executed = action,
                        NextObservation = [.. Nexts[t].Select(v => (float)v)],
                        LogProbability = (float)OldLogs[t],
                        Reward = (float)Rewards[t],
                        Learnable = true,
                        Sequence = t,
                        End =
                            t == s_ends[0] ? EpisodeEnd.Terminated
                            : s_ends.Contains(t) ? EpisodeEnd.Truncated
                            : EpisodeEnd.None,
                    }
                );
            }

            return before;
        }

        /// <summary>V(x).</summary>
        public double Value(double[] p, double[] x) =>
            shared ? ReferenceMlp.Forward(_actor, p[..ActorCount], x)[^1] : ReferenceMlp.Forward(_critic, p[ActorCount..], x)[0];

        /// <summary>log pi(a_t|s_t) and the entropy there (under gSDE of the sample before tanh, with phi held where it is).</summary>
        public (double Log, double Entropy) Density(double[] p, int t)
        {
            double[] output = ReferenceMlp.Forward(_actor, p[..ActorCount], States[t]);
            output = shared ? output[..^1] : output;
            if (discrete)
            {
                double total = Math.Log(output.Sum(Math.Exp));
                return (output[(int)Chosen[t][0]] - total, -output.Sum(o => Math.Exp(o - total) * (o - total)));
            }

            double u = Chosen[t][0];
            double deviation = noise
                ? Math.Sqrt(1e-6 + _features[t].Select((f, i) => Math.Pow(f * Math.Exp(p[^(4 - i)]), 2)).Sum())
                : Math.Log(1 + Math.Exp(output[1]));
            double log = -(Math.Pow((u - output[0]) / deviation, 2) / 2) - Math.Log(deviation) - (Math.Log(2 * Math.PI) / 2);
            return (
                noise ? log - Math.Log(1 - Math.Pow(Math.Tanh(u), 2)) : log,
                Math.Log(2 * Math.PI * Math.E * deviation * deviation) / 2
            );
        }

        /// <summary>Generalised advantages with the V of <paramref name="p"/>.</summary>
        public double[] Generalised(double[] p, double lambda)
        {
            double[] advantages = new double[Steps];
            for (int t = Steps - 1; t >= 0; t--)
            {
                double next = t == s_ends[0] ? 0 : Value(p, Nexts[t]);
                advantages[t] =
                    Rewards[t] + (Gamma * next) - Value(p, States[t]) + (s_ends.Contains(t) ? 0 : Gamma * lambda * advantages[t + 1]);
            }

            return advantages;
        }

        /// <summary>phi: what the last layer gets.</summary>
        private double[] Features(double[] x)
        {
            MlpShape hidden = new(2, _actor.Hidden[..^1], _actor.Hidden[^1], _actor.Activation);
            return [.. ReferenceMlp.Forward(hidden, Origin[..hidden.ParameterCount], x).Select(Math.Tanh)];
        }

        private static float[] Draw(CounterRandom random)
        {
            float[] values = new float[2];
            random.FillGaussian(values);
            return values;
        }
    }
}
