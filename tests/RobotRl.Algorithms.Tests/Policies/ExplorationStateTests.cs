using RobotRl.Algorithms.Deterministic;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;

namespace RobotRl.Algorithms.Tests.Policies;

/// <summary>Ornstein-Uhlenbeck exploration: the process, its restart, and its place in a checkpoint.</summary>
public sealed class ExplorationStateTests
{
    private const double Sigma = 0.2,
        Theta = 0.15,
        TimeStep = 0.5;

    [Fact]
    public void Act_OrnsteinUhlenbeck_FollowsTheProcess()
    {
        using PackedPolicy policy = Policy(ExplorationKind.OrnsteinUhlenbeck);
        var random = new CounterRandom(3, RandomPurpose.Acting);
        CounterRandom same = new(3, RandomPurpose.Acting);
        var exploration = new ExplorationState(policy.Spec);
        double[] x = [0, 0];
        float[] noise = new float[2],
            preSquash = new float[2];
        for (int i = 0; i < 500; i++)
        {
            policy.Act([1f], random, exploration, new float[2], preSquash);
            same.FillGaussian(noise);
            for (int a = 0; a < 2; a++)
            {
                // The network is 0 everywhere: what is added is all there is.
                x[a] += (-Theta * x[a] * TimeStep) + (Sigma * Math.Sqrt(TimeStep) * noise[a]);
                Assert.Equal(x[a], preSquash[a], 1e-4);
            }
        }

        Assert.Equal(2, exploration.Size);
    }

    [Fact]
    public void Restart_AfterAnEpisode_BeginsAtZero()
    {
        using PackedPolicy policy = Policy(ExplorationKind.OrnsteinUhlenbeck);
        var exploration = new ExplorationState(policy.Spec);
        float[] first = Drawn(new CounterRandom(3, RandomPurpose.Acting));
        Drawn(new CounterRandom(4, RandomPurpose.Acting));
        exploration.Restart();
        Assert.Equal(first, Drawn(new CounterRandom(3, RandomPurpose.Acting)));

        float[] Drawn(CounterRandom random)
        {
            float[] preSquash = new float[2];
            policy.Act([1f], random, exploration, new float[2], preSquash);
            return preSquash;
        }
    }

    [Fact]
    public void Act_Gaussian_HasNoMemory()
    {
        using PackedPolicy policy = Policy(ExplorationKind.Gaussian);
        var exploration = new ExplorationState(policy.Spec);
        Assert.Equal(0, exploration.Size);
        var random = new CounterRandom(3, RandomPurpose.Acting);
        double sum = 0,
            squares = 0,
            products = 0,
            before = 0;
        const int Draws = 20_000;
        float[] preSquash = new float[2];
        for (int i = 0; i < Draws; i++)
        {
            policy.Act([1f], random, exploration, new float[2], preSquash);
            (sum, squares, products, before) = (
                sum + preSquash[0],
                squares + (preSquash[0] * preSquash[0]),
                products + (preSquash[0] * before),
                preSquash[0]
            );
        }

        Assert.Equal(0, sum / Draws, 0.01);
        Assert.Equal(Sigma * Sigma, squares / Draws, 0.002);
        Assert.Equal(0, products / Draws, 0.002);
    }

    [Fact]
    public void Load_InTheMiddle_ContinuesBitForBit()
    {
        using PackedPolicy policy = Policy(ExplorationKind.OrnsteinUhlenbeck);
        ExplorationState whole = new(policy.Spec),
            resumed = new(policy.Spec);
        CounterRandom random = new(3, RandomPurpose.Acting),
            other = new(8, RandomPurpose.Acting);
        float[] one = new float[2],
            two = new float[2];
        for (int i = 0; i < 20; i++)
        {
            policy.Act([1f], random, whole, new float[2], one);
        }

        var state = new MemoryState();
        whole.Save(state, "exploration");
        resumed.Load(state, "exploration");
        other.State = random.State;
        for (int i = 0; i < 20; i++)
        {
            policy.Act([1f], random, whole, new float[2], one);
            policy.Act([1f], other, resumed, new float[2], two);
            Assert.Equal(one, two);
        }
    }

    private static PackedPolicy Policy(ExplorationKind kind)
    {
        PolicySpec spec = Exploration.Spec(new MlpShape(1, [2], 2), 2, kind, Sigma, Theta, TimeStep);
        var policy = new PackedPolicy(spec);
        policy.Pack(new PolicyBlock(spec));
        return policy;
    }
}
