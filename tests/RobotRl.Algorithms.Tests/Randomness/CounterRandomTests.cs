using RobotRl.Algorithms.Randomness;

namespace RobotRl.Algorithms.Tests.Randomness;

public sealed class CounterRandomTests
{
    [Fact]
    public void NextUInt32_KeyAndCounterZero_MatchesRandom123KnownAnswer()
    {
        // Random123's kat_vectors, philox4x32 10 rounds, zero key and counter.
        var random = new CounterRandom(0, 0UL);
        Assert.Equal<uint>(
            [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
            [random.NextUInt32(), random.NextUInt32(), random.NextUInt32(), random.NextUInt32()]
        );
    }

    [Fact]
    public void State_RestoredAtAnyWord_ContinuesExactly()
    {
        for (int taken = 0; taken < 9; taken++)
        {
            var original = new CounterRandom(7, RandomPurpose.Acting);
            for (int i = 0; i < taken; i++)
            {
                original.NextUInt32();
            }

            var restored = new CounterRandom(0, 0UL) { State = original.State };
            Assert.Equal(original.NextGaussian(), restored.NextGaussian());
            Assert.Equal(original.NextUInt32(), restored.NextUInt32());
        }
    }

    [Fact]
    public void FillGaussian_ManySamples_HasMomentsOfStandardNormal()
    {
        float[] samples = new float[200_000];
        new CounterRandom(3, RandomPurpose.Learning).FillGaussian(samples);
        double mean = samples.Average(s => (double)s),
            variance = samples.Average(s => (double)s * s),
            fourth = samples.Average(s => Math.Pow(s, 4));
        Assert.InRange(mean, -0.01, 0.01);
        Assert.InRange(variance, 0.98, 1.02);
        Assert.InRange(fourth, 2.9, 3.1);
    }
}
