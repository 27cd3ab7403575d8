using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Replay;

namespace RobotRl.Algorithms.Tests.Replay;

public sealed class ReplayBufferTests
{
    private readonly record struct Step(float Observation, float Action, float Reward, EpisodeEnd End, bool Learnable, long Sequence);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public void Sample_RandomHistory_EqualsBruteForce(int steps)
    {
        const int capacity = 50;
        const float discount = 0.9f;
        var random = new CounterRandom(11, 0UL);
        var history = new List<Step>();
        var buffer = new ReplayBuffer(capacity, 1, 1);
        long sequence = 0;
        for (int i = 0; i < 173; i++)
        {
            sequence += random.NextInt32(10) == 0 ? 2 : 1;
            var end = random.NextInt32(6) == 0 ? (EpisodeEnd)(1 + random.NextInt32(4)) : EpisodeEnd.None;
            Step step = new(i, random.NextSingle(), random.NextGaussian(), end, random.NextInt32(8) != 0, sequence);
            history.Add(step);
            Add(buffer, step);
            if (buffer.LearnableCount > 0)
            {
                Check(buffer, history, capacity, steps, discount, random);
            }
        }
    }

    [Fact]
    public void Sample_ManyDraws_CoversEveryLearnableTransitionAndNoOther()
    {
        var buffer = new ReplayBuffer(20, 1, 1);
        for (int i = 0; i < 33; i++)
        {
            Add(buffer, new(i, 0, 0, EpisodeEnd.None, i % 5 != 0, i));
        }

        float[] seen = Draw(buffer, new(1, 0UL), 4000, 1, 0.99f).Observations;
        Assert.Equal(Enumerable.Range(13, 20).Where(i => i % 5 != 0).Select(i => (float)i), seen.Distinct().Order());
        Assert.All(seen.GroupBy(o => o), g => Assert.InRange(g.Count(), 180, 330)); // 250 expected, deviation 15
    }

    [Fact]
    public void Restore_NewestTransitions_SamplesAsBefore()
    {
        ReplayBuffer original = new(16, 1, 1),
            resumed = new(16, 1, 1);
        var steps = Enumerable
            .Range(0, 41)
            .Select(i => new Step(i, -i, i * 0.5f, i % 7 == 0 ? EpisodeEnd.Truncated : EpisodeEnd.None, i % 6 != 0, i))
            .ToList();
        steps.ForEach(s => Add(original, s));
        resumed.BeginRestore(original.Total);
        foreach (Step step in steps.TakeLast(original.Count))
        {
            resumed.Restore(AsTransition(step, [step.Observation], [step.Action], [step.Observation + 0.5f]), step.Learnable);
        }

        Assert.Equal(original.LearnableCount, resumed.LearnableCount);
        var (expected, actual) = (Draw(original, new(5, 0UL), 200, 3, 0.9f), Draw(resumed, new(5, 0UL), 200, 3, 0.9f));
        Assert.Equal(expected.Observations, actual.Observations);
        Assert.Equal(expected.Actions, actual.Actions);
        Assert.Equal(expected.Returns, actual.Returns);
        Assert.Equal(expected.Bootstraps, actual.Bootstraps);
        Assert.Equal(expected.Next, actual.Next);
        Assert.Throws<InvalidOperationException>(() => resumed.Restore(AsTransition(steps[0], [0], [0], [0]), true));
    }

    [Fact]
    public void Restore_FewerThanSaved_SamplesOnlyThose()
    {
        var buffer = new ReplayBuffer(8, 1, 1);
        buffer.BeginRestore(100);
        Assert.Equal(0, buffer.LearnableCount);
        buffer.Restore(AsTransition(default, [3], [0], [0]), true);
        Assert.All(Draw(buffer, new(1, 0UL), 50, 3, 0.9f).Observations, o => Assert.Equal(3, o));
    }

    [Fact]
    public void Sample_Warm_AllocatesNothing()
    {
        var buffer = new ReplayBuffer(100, 1, 1);
        for (int i = 0; i < 100; i++)
        {
            Add(buffer, new(i, 0, 0, EpisodeEnd.None, true, i));
        }

        var random = new CounterRandom(1, 0UL);
        float[] memory = new float[5 * 64];
        Fill(buffer, random, memory, 64);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            Fill(buffer, random, memory, 64);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Sample_NothingLearnable_Throws()
    {
        var buffer = new ReplayBuffer(4, 1, 1);
        Add(buffer, new(0, 0, 0, EpisodeEnd.None, false, 0));
        Assert.Throws<InvalidOperationException>(() => Draw(buffer, new(1, 0UL), 1, 1, 0.9f));
    }

    private static void Check(ReplayBuffer buffer, List<Step> history, int capacity, int steps, float discount, CounterRandom random)
    {
        (float[] observations, float[] actions, float[] returns, float[] bootstraps, float[] next) = Draw(
            buffer,
            random,
            8,
            steps,
            discount
        );
        for (int row = 0; row < 8; row++)
        {
            int start = (int)observations[row];
            Assert.InRange(start, Math.Max(0, history.Count - capacity), history.Count - 1);
            Assert.True(history[start].Learnable);
            var window = new List<Step> { history[start] };
            for (int i = start + 1; i < history.Count && window.Count < steps; i++)
            {
                if (window[^1].End != EpisodeEnd.None || !history[i].Learnable || history[i].Sequence != window[^1].Sequence + 1)
                {
                    break;
                }

                window.Add(history[i]);
            }

            double sum = window.Select((s, k) => Math.Pow(discount, k) * s.Reward).Sum();
            Assert.Equal(sum, returns[row], 1e-5);
            Assert.Equal(history[start].Action, actions[row]);
            Assert.Equal(window[^1].Observation + 0.5f, next[row]);
            Assert.Equal(window[^1].End == EpisodeEnd.Terminated ? 0 : Math.Pow(discount, window.Count), bootstraps[row], 1e-5);
        }
    }

    private static void Fill(ReplayBuffer buffer, CounterRandom random, float[] memory, int count) =>
        buffer.Sample(
            random,
            3,
            0.9f,
            new()
            {
                Observations = memory.AsSpan(0, count),
                Actions = memory.AsSpan(count, count),
                Returns = memory.AsSpan(2 * count, count),
                Bootstraps = memory.AsSpan(3 * count, count),
                NextObservations = memory.AsSpan(4 * count, count),
            }
        );

    private static (float[] Observations, float[] Actions, float[] Returns, float[] Bootstraps, float[] Next) Draw(
        ReplayBuffer buffer,
        CounterRandom random,
        int count,
        int steps,
        float discount
    )
    {
        (float[] o, float[] a, float[] r, float[] b, float[] n) = (
            new float[count],
            new float[count],
            new float[count],
            new float[count],
            new float[count]
        );
        buffer.Sample(
            random,
            steps,
            discount,
            new()
            {
                Observations = o,
                Actions = a,
                Returns = r,
                Bootstraps = b,
                NextObservations = n,
            }
        );
        return (o, a, r, b, n);
    }

    private static void Add(ReplayBuffer buffer, Step step) =>
        buffer.Add(AsTransition(step, [step.Observation], [step.Action], [step.Observation + 0.5f]), step.Learnable);

    private static Transition AsTransition(Step step, float[] observation, float[] action, float[] next) =>
        new()
        {
            Observation = observation,
            Executed = action,
            NextObservation = next,
            Reward = step.Reward,
            End = step.End,
            Learnable = step.Learnable,
            Sequence = step.Sequence,
        };
}
