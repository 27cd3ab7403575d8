using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;
using RobotRl.Algorithms.Tests.ActorCritic;
using RobotRl.Algorithms.Tests.Policies;

namespace RobotRl.Algorithms.Tests.PolicyGradient;

/// <summary>
/// Normalisation of observations and returns, against a learner without it that is shown numbers which the test has normalised
/// itself, with statistics from
/// whole lists of what was seen.
/// </summary>
public sealed class NormalisationTests
{
    private const int Size = 3,
        Steps = 32,
        Rollouts = 4;
    private const double Gamma = 0.9;

    /// <summary>All but A3C, whose workers would each have a normaliser of their own: its options refuse it.</summary>
    public static TheoryData<string, bool> LearnersAndActions =>
        [.. OnPolicyCases.Names.Where(n => n != "a3c").SelectMany(n => new[] { (n, false), (n, true) })];

    [Theory]
    [MemberData(nameof(LearnersAndActions))]
    public void Observations_OfEarlierRollouts_AreWhatTheNextOnesAreNormalisedBy(string name, bool discrete)
    {
        using ILearner learner = Make(name, discrete, 5, normalise: true),
            plain = Make(name, discrete, 5);
        PolicyBlock block = new(learner.Policy),
            plainBlock = new(plain.Policy),
            start = new(plain.Policy);
        plain.CopyPolicy(start);
        var seen = new List<float[]>();
        (float[] mean, float[] scale) = (new float[Size], [1, 1, 1]);
        float[] probe = [7, 2, -3],
            value = new float[1],
            plainValue = new float[1];
        var run = new Run(discrete);
        for (int rollout = 0; rollout < Rollouts; rollout++)
        {
            for (int t = 0; t < Steps; t++)
            {
                Step shown = run.Next();
                learner.Observe(shown.View());
                plain.Observe((shown with { Observation = Normalised(shown.Observation), Next = Normalised(shown.Next) }).View());
                seen.Add(shown.Observation);
                AssertCarries();
            }

            learner.Update();
            plain.Update();
            mean = [.. Enumerable.Range(0, Size).Select(i => (float)seen.Average(x => (double)x[i]))];
            scale =
            [
                .. Enumerable
                    .Range(0, Size)
                    .Select(i =>
                        (float)(
                            1 / Math.Sqrt((seen.Sum(x => Math.Pow(x[i] - seen.Average(y => (double)y[i]), 2)) / (seen.Count - 1)) + 1e-8)
                        )
                    ),
            ];
            AssertCarries();
            plain.CopyPolicy(plainBlock);
            Assert.False(plainBlock.Normalise);
            AssertNear(start.Parameters, plainBlock.Parameters, block.Parameters);
            Assert.All(ReferencePolicy.Outputs(plainBlock, Normalised(probe)).Zip(ReferencePolicy.Outputs(block, probe)), pair =>
                Assert.Equal(pair.First, pair.Second, 0.02)
            );
            learner.EstimateValues(probe, value);
            plain.EstimateValues(Normalised(probe), plainValue);
            Assert.Equal(plainValue[0], value[0], 0.02);
        }

        // What the policy that acts carries: nothing of the rollout that is not complete.
        void AssertCarries()
        {
            learner.CopyPolicy(block);
            Assert.True(block.Normalise);
            Assert.All(mean.Zip(block.NormaliserMean), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
            Assert.All(scale.Zip(block.NormaliserScale), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        }

        float[] Normalised(float[] raw) => [.. raw.Select((v, i) => Math.Clamp((v - mean[i]) * scale[i], -10, 10))];
    }

    [Theory]
    [MemberData(nameof(LearnersAndActions))]
    public void Returns_ThatStartAnewWithEachRow_ScaleTheRewards(string name, bool discrete)
    {
        using ILearner learner = Make(name, discrete, 5, normaliseReturns: true),
            plain = Make(name, discrete, 5);
        PolicyBlock block = new(learner.Policy),
            plainBlock = new(plain.Policy),
            start = new(plain.Policy);
        plain.CopyPolicy(start);
        var returns = new List<double>();
        float[] probe = [7, 2, -3],
            value = new float[1],
            plainValue = new float[1];
        var run = new Run(discrete, broken: true);
        double trace = 0;
        for (int rollout = 0; rollout < Rollouts; rollout++)
        {
            List<Step> all = [];
            for (int learned = 0; learned < Steps; )
            {
                // u <- gamma u + r within a row: an end of any kind, a gap and a transition not to be learned from end it.
                Step next = run.Next();
                bool gap = all.Count > 0 && next.Sequence != all[^1].Sequence + 1;
                all.Add(next);
                trace = next.Learnable ? (gap ? 0 : Gamma * trace) + next.Reward : 0;
                if (next.Learnable)
                {
                    learned++;
                    returns.Add(trace);
                    trace = next.End == EpisodeEnd.None ? trace : 0;
                }
            }

            double scale = 1 / Math.Sqrt((returns.Sum(u => Math.Pow(u - returns.Average(), 2)) / (returns.Count - 1)) + 1e-8);
            foreach (Step shown in all)
            {
                learner.Observe(shown.View());
                plain.Observe((shown with { Reward = (float)(scale * shown.Reward) }).View());
            }

            learner.Update();
            plain.Update();
            var state = new MemoryState();
            double[] found = new double[2];
            learner.Save(state);
            state.Read("return/trace", found);
            Assert.Equal(trace, found[0], 1e-9 + (1e-6 * Math.Abs(trace)));
            Assert.Equal(scale, found[1], 1e-6 * scale);
            learner.CopyPolicy(block);
            plain.CopyPolicy(plainBlock);
            AssertNear(start.Parameters, plainBlock.Parameters, block.Parameters);
            learner.EstimateValues(probe, value);
            plain.EstimateValues(probe, plainValue);
            Assert.Equal(plainValue[0] / scale, value[0], 0.02 / scale);
        }
    }

    [Theory]
    [MemberData(nameof(LearnersAndActions))]
    public void Load_OfBothNormalisers_BringsThePolicysNumbersAndTheValuesUnits(string name, bool discrete)
    {
        using ILearner learner = Make(name, discrete, 5, normalise: true, normaliseReturns: true),
            loaded = Make(name, discrete, 6, normalise: true, normaliseReturns: true);
        var run = new Run(discrete);
        for (int t = 0; t < 2 * Steps; t++)
        {
            learner.Observe(run.Next().View());
            if (learner.CanUpdate)
            {
                learner.Update();
            }
        }

        var state = new MemoryState();
        learner.Save(state);
        loaded.Load(state);
        PolicyBlock block = new(learner.Policy),
            same = new(loaded.Policy);
        learner.CopyPolicy(block);
        loaded.CopyPolicy(same);
        Assert.NotEqual([0, 0, 0], block.NormaliserMean);
        Assert.Equal(block.NormaliserMean, same.NormaliserMean);
        Assert.Equal(block.NormaliserScale, same.NormaliserScale);
        Assert.True(same.Normalise);
        float[] value = new float[1],
            again = new float[1];
        learner.EstimateValues([7, 2, -3], value);
        loaded.EstimateValues([7, 2, -3], again);
        Assert.Equal(value, again);
    }

    [Theory]
    [MemberData(nameof(LearnersAndActions))]
    public void RevertPolicy_AfterTheNormaliserMoved_ActsAsTheOldPolicyDid(string name, bool discrete)
    {
        using ILearner learner = OnPolicyCases.Make(name, 4, Actions(discrete), 6, normalise: true);
        using var driver = new LearnerDriver(learner, 6);
        driver.Run(150, whenReady: true);
        PolicyBlock old = new(learner.Policy),
            reverted = new(learner.Policy);
        learner.CopyPolicy(old);
        driver.Run(300, whenReady: true);
        learner.RevertPolicy(old);
        learner.CopyPolicy(reverted);
        Assert.Equal(old.NormaliserMean, reverted.NormaliserMean);
        Assert.Equal(old.Parameters, reverted.Parameters);
        float[] raw = [0.3f, -0.4f, 0.9f, 1.2f];
        Assert.All(ReferencePolicy.Outputs(old, raw).Zip(ReferencePolicy.Outputs(reverted, raw)), pair =>
            Assert.Equal(pair.First, pair.Second, 1e-4)
        );
    }

    // A2C's rollouts are a quarter of what the others are made with.
    private static ILearner Make(string name, bool discrete, ulong seed, bool normalise = false, bool normaliseReturns = false) =>
        OnPolicyCases.Make(
            name,
            Size,
            Actions(discrete),
            seed,
            name == "a2c" ? 4 * Steps : Steps,
            0.003,
            Gamma,
            normalise,
            normaliseReturns
        );

    private static ActionSpace Actions(bool discrete) => discrete ? new DiscreteActionSpace(3) : new ContinuousActionSpace(2);

    /// <summary>Near in what was learned: where a gradient is all but 0 Adam makes a step of rounding.</summary>
    private static void AssertNear(float[] start, float[] expected, float[] actual)
    {
        double moved = Math.Sqrt(expected.Zip(start, (e, s) => Math.Pow((double)e - s, 2)).Sum()),
            apart = Math.Sqrt(expected.Zip(actual, (e, a) => Math.Pow((double)e - a, 2)).Sum());
        Assert.True(moved > 0);
        Assert.InRange(apart / moved, 0, 0.1);
    }

    /// <summary>
    /// Transitions far from mean 0 and deviation 1, in episodes of 8 steps that end in turn by termination and by time limit.
    /// </summary>
    private sealed class Run(bool discrete, bool broken = false)
    {
        private readonly CounterRandom _random = new(5, RandomPurpose.Simulation);
        private float[]? _next;
        private long _sequence;
        private int _step;
        private bool _passedOver;

        public Step Next()
        {
            float[] observation = _next ?? Draw(),
                next = Draw();
            bool learnable = !(broken && _step % 8 == 3 && !_passedOver);
            _passedOver = !learnable;
            float[] sample = discrete ? [_random.NextInt32(3)] : [0.7f * _random.NextGaussian(), 0.7f * _random.NextGaussian()];
            EpisodeEnd end =
                !learnable ? EpisodeEnd.None
                : _step % 16 == 15 ? EpisodeEnd.Truncated
                : _step % 8 == 7 ? EpisodeEnd.Terminated
                : EpisodeEnd.None;
            _sequence += broken && _step % 8 == 5 ? 4 : 1;
            _step += learnable ? 1 : 0;
            _next = end == EpisodeEnd.None ? next : null;
            return new(
                observation,
                sample,
                next,
                discrete ? MathF.Log(1f / 3) : -1.5f,
                40 + (30 * _random.NextGaussian()),
                end,
                learnable,
                _sequence
            );
        }

        private float[] Draw() => [5 + (3 * _random.NextGaussian()), 0.2f * _random.NextGaussian(), -1 + _random.NextGaussian()];
    }

    private sealed record Step(
        float[] Observation,
        float[] Sample,
        float[] Next,
        float LogProbability,
        float Reward,
        EpisodeEnd End,
        bool Learnable,
        long Sequence
    )
    {
        public Transition View() =>
            new()
            {
                Observation = Observation,
                Proposed = Sample,
                PreSquash = Sample,
                Executed = Sample,
                NextObservation = Next,
                LogProbability = LogProbability,
                Reward = Reward,
                End = End,
                Learnable = Learnable,
                Sequence = Sequence,
            };
    }
}
