using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Runtime.Admission;

namespace RobotRl.Runtime.Tests.Admission;

public sealed class ChampionTests
{
    private static readonly ChampionOptions Options = new()
    {
        Episodes = 10,
        Significance = 1e-3,
        GateWindow = 50,
        MaxGateRate = 0.6,
    };

    [Fact]
    public void EpisodeFinished_BetterEvaluation_CrownsThePolicyThatActs()
    {
        var champion = new Champion(FakeLearner.Spec, Options);
        Assert.False(champion.Exists);
        Assert.False(Evaluate(champion, -100, FakeLearner.Offer(0.1f, 1)));
        Assert.Equal((true, 1L, -95.5), (champion.Exists, champion.Block.Version, champion.MeanReturn));
        Assert.False(Evaluate(champion, -90, FakeLearner.Offer(0.2f, 2)));
        Assert.Equal((2L, -85.5), (champion.Block.Version, champion.MeanReturn));
        Assert.False(Evaluate(champion, -92, FakeLearner.Offer(0.3f, 3)));
        Assert.Equal(2, champion.Block.Version);
    }

    [Fact]
    public void EpisodeFinished_ClearDrop_AsksForRollbackOnlyAfterAWholeEvaluation()
    {
        var champion = new Champion(FakeLearner.Spec, Options);
        PolicyBlock block = FakeLearner.Offer(0.1f);
        Evaluate(champion, -100, block);
        for (int i = 0; i < 9; i++)
        {
            Assert.False(champion.EpisodeFinished(-1000 - i, block));
        }

        Assert.True(champion.EpisodeFinished(double.NaN, block));
    }

    [Fact]
    public void EpisodeFinished_LevelNotReached_NeverRollsBack()
    {
        // Ten against ten, fully separated, has p = 9e-5: above a level of 1e-6 that is no proof.
        var champion = new Champion(FakeLearner.Spec, Options with { Significance = 1e-6 });
        Evaluate(champion, -100, FakeLearner.Offer(0.1f));
        Assert.False(Evaluate(champion, -1000, FakeLearner.Offer(0.1f)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void EpisodeFinished_SpreadReturnsThatNeverChange_DefaultsNeverRollBack(ulong seed)
    {
        // Pendulum's spread: episodes of about -150 with a standard deviation of about 90, 10,000 of them.
        var champion = new Champion(FakeLearner.Spec, new());
        var random = new CounterRandom(seed, RandomPurpose.Admission);
        PolicyBlock block = FakeLearner.Offer(0.1f);
        for (int i = 0; i < 10_000; i++)
        {
            Assert.False(champion.EpisodeFinished(-150 + (90 * random.NextGaussian()), block), $"rolled back at episode {i}");
        }
    }

    [Fact]
    public void EpisodeFinished_CollapseUnderDefaults_RollsBackAtTheFirstWholeEvaluation()
    {
        var champion = new Champion(FakeLearner.Spec, new());
        var random = new CounterRandom(5, RandomPurpose.Admission);
        PolicyBlock block = FakeLearner.Offer(0.1f);
        for (int i = 0; i < 200; i++)
        {
            champion.EpisodeFinished(-150 + (90 * random.NextGaussian()), block);
        }

        int episodes = 1;
        while (!champion.EpisodeFinished(-1100 + (200 * random.NextGaussian()), block))
        {
            episodes++;
        }

        Assert.Equal(20, episodes);
    }

    [Fact]
    public void RolledBack_TooOftenWithoutABetterPolicy_BelievesTheWorldHasChanged()
    {
        var champion = new Champion(FakeLearner.Spec, Options with { RollbacksToReset = 2 });
        Evaluate(champion, -100, FakeLearner.Offer(0.1f, 1));
        Assert.True(Evaluate(champion, -1000, FakeLearner.Offer(0.2f, 2)));
        champion.RolledBack();
        Assert.True(Evaluate(champion, -1000, FakeLearner.Offer(0.3f, 3)));
        champion.RolledBack();
        Assert.False(Evaluate(champion, -1000, FakeLearner.Offer(0.4f, 4)));
        Assert.Equal((4L, -995.5), (champion.Block.Version, champion.MeanReturn));
    }

    [Fact]
    public void Observe_GateEventsSpike_AsksAtOnce()
    {
        var champion = new Champion(FakeLearner.Spec, Options);
        for (int i = 0; i < 500; i++)
        {
            Assert.False(champion.Observe(i % 10 == 0));
        }

        Evaluate(champion, -100, FakeLearner.Offer(0.1f));
        Assert.Equal(0.1, champion.GateRate, 1e-12);
        int ticks = 1;
        while (!champion.Observe(true))
        {
            ticks++;
        }

        // 30 of 50 is not yet above 0.6; five of the window's old events leave as new ones come.
        Assert.InRange(ticks, 26, 36);
    }

    [Fact]
    public void Observe_ChampionAlwaysGated_IsNoSpike()
    {
        var champion = new Champion(FakeLearner.Spec, Options);
        for (int i = 0; i < 500; i++)
        {
            champion.Observe(true);
        }

        Evaluate(champion, -100, FakeLearner.Offer(0.1f));
        for (int i = 0; i < 500; i++)
        {
            Assert.False(champion.Observe(true));
        }
    }

    [Fact]
    public void Load_InTheMiddle_ContinuesExactly()
    {
        Champion original = new(FakeLearner.Spec, Options),
            restored = new(FakeLearner.Spec, Options);
        Evaluate(original, -100, FakeLearner.Offer(0.1f, 7));
        for (int i = 0; i < 77; i++)
        {
            original.Observe(i % 3 == 0);
        }

        for (int i = 0; i < 5; i++)
        {
            original.EpisodeFinished(-1000 - i, FakeLearner.Offer(0.2f));
        }

        var state = new MemoryState();
        original.Save(state, "c");
        restored.Load(state, "c");
        var again = new MemoryState();
        restored.Save(again, "c");
        Assert.Equal(state.Values, again.Values);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(original.EpisodeFinished(-900, FakeLearner.Offer(0)), restored.EpisodeFinished(-900, FakeLearner.Offer(0)));
        }

        Assert.Equal(7, restored.Block.Version);
    }

    private static bool Evaluate(Champion champion, double around, PolicyBlock acting)
    {
        bool rollback = false;
        for (int i = 0; i < 10; i++)
        {
            rollback = champion.EpisodeFinished(around + i, acting);
        }

        return rollback;
    }
}
