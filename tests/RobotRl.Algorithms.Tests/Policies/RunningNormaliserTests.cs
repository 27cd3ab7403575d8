using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;

namespace RobotRl.Algorithms.Tests.Policies;

public sealed class RunningNormaliserTests
{
    [Fact]
    public void Update_OffsetSamples_MatchesTwoPassMoments()
    {
        // An offset of 1e4 standard deviations ruins the naive sum of squares.
        var random = new CounterRandom(4, RandomPurpose.Simulation);
        var normaliser = new RunningNormaliser(2);
        float[] first = [.. Enumerable.Range(0, 5000).Select(_ => 10_000f + random.NextGaussian())],
            second = new float[5000];
        random.FillGaussian(second);
        for (int i = 0; i < first.Length; i++)
        {
            Assert.True(normaliser.Update([first[i], 3 * second[i]]));
        }

        double mean = first.Average(v => (double)v),
            variance = first.Sum(v => (v - mean) * (v - mean)) / (first.Length - 1);
        Assert.Equal(5000, normaliser.Count);
        Assert.Equal(mean, normaliser.Mean[0], 1e-7);
        Assert.Equal(variance, normaliser.Variance(0), 1e-7);
        Assert.Equal(9, normaliser.Variance(1), 0.5);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Update_NotFinite_IsLeftOutWhole(float bad)
    {
        var normaliser = new RunningNormaliser(2);
        normaliser.Update([1f, 2f]);
        Assert.False(normaliser.Update([5f, bad]));
        Assert.Equal(1, normaliser.Count);
        Assert.Equal([1.0, 2.0], normaliser.Mean.ToArray());
    }

    [Fact]
    public void CopyTo_Policy_ActsOnWhatNormaliseGives()
    {
        var spec = new PolicySpec(new MlpShape(3, [], 3), PolicyHead.Deterministic, 3);
        var block = new PolicyBlock(spec);
        block.Parameters[0] = block.Parameters[4] = block.Parameters[8] = 1f;
        var normaliser = new RunningNormaliser(3);
        var random = new CounterRandom(6, RandomPurpose.Simulation);
        for (int i = 0; i < 50; i++)
        {
            // The last component never moves: its scale is 1 / sqrt(epsilon), and a step away from it is clipped.
            normaliser.Update([random.NextGaussian(), 5 + (2 * random.NextGaussian()), 1f]);
        }

        normaliser.CopyTo(block);
        using var policy = new PackedPolicy(spec);
        policy.Pack(block);
        float[] raw = [0.4f, 7f, 2f],
            normalised = new float[3];
        normaliser.Normalise(raw, normalised);
        Assert.Equal(normalised, policy.Forward(raw).ToArray());
        Assert.Equal(10f, normalised[2]);
        Assert.Equal((0.4 - normaliser.Mean[0]) / Math.Sqrt(normaliser.Variance(0)), normalised[0], 1e-5);
        Assert.True(block.Normalise);
    }

    [Fact]
    public void CopyTo_NoSamples_IsTheIdentity()
    {
        var block = new PolicyBlock(new PolicySpec(new MlpShape(1, [], 1), PolicyHead.Deterministic, 1));
        new RunningNormaliser(1).CopyTo(block);
        Assert.Equal(0f, block.NormaliserMean[0]);
        Assert.Equal(1f, block.NormaliserScale[0]);
    }

    [Fact]
    public void Load_Saved_ContinuesExactly()
    {
        RunningNormaliser original = new(2),
            restored = new(2);
        var random = new CounterRandom(7, RandomPurpose.Simulation);
        float[] sample = new float[2];
        for (int i = 0; i < 10; i++)
        {
            random.FillGaussian(sample);
            original.Update(sample);
        }

        var store = new MemoryState();
        original.Save(store, "normaliser");
        restored.Load(store, "normaliser");
        original.Update([3f, 4f]);
        restored.Update([3f, 4f]);
        Assert.Equal(original.Count, restored.Count);
        Assert.Equal(original.Mean.ToArray(), restored.Mean.ToArray());
        Assert.Equal(original.Variance(1), restored.Variance(1));
    }

    private sealed class MemoryState : IStateWriter, IStateReader
    {
        private readonly Dictionary<string, Array> _values = [];

        public void Write(string name, ReadOnlySpan<float> values) => _values.Add(name, values.ToArray());

        public void Write(string name, ReadOnlySpan<double> values) => _values.Add(name, values.ToArray());

        public void Write(string name, ReadOnlySpan<long> values) => _values.Add(name, values.ToArray());

        public void Read(string name, Span<float> values) => ((float[])_values[name]).CopyTo(values);

        public void Read(string name, Span<double> values) => ((double[])_values[name]).CopyTo(values);

        public void Read(string name, Span<long> values) => ((long[])_values[name]).CopyTo(values);
    }
}
