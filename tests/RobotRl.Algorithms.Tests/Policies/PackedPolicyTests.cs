using System.Runtime.CompilerServices;
using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;

namespace RobotRl.Algorithms.Tests.Policies;

public sealed class PackedPolicyTests
{
    public static TheoryData<PolicyHead> Heads => [.. Enum.GetValues<PolicyHead>()];

    [Theory]
    [InlineData(16)]
    [InlineData(8)]
    [InlineData(4)]
    [InlineData(1)]
    public void Forward_RandomShapes_MatchesDoubleReference(int floatsPerRegister)
    {
        var random = new CounterRandom(11, RandomPurpose.Initialisation);
        for (int trial = 0; trial < 120; trial++)
        {
            PolicyBlock block = PolicyCases.Block(PolicyCases.Spec(random, (PolicyHead)(trial % 5)), random);
            using var policy = new PackedPolicy(block.Spec, (SimdWidth)floatsPerRegister);
            policy.Pack(block);
            for (int repeat = 0; repeat < 3; repeat++)
            {
                float[] observation = PolicyCases.Observation(block.Spec, random);
                double[] expected = ReferencePolicy.Outputs(block, observation);
                float[] actual = policy.Forward(observation).ToArray();
                for (int i = 0; i < expected.Length; i++)
                {
                    AssertClose(expected[i], actual[i], 2e-5, $"{block.Spec.Network} output {i}");
                }
            }
        }
    }

    [Theory]
    [InlineData(PolicyHead.SquashedGaussian)]
    [InlineData(PolicyHead.ClippedGaussian)]
    [InlineData(PolicyHead.Deterministic)]
    public void Act_RandomShapes_MatchesDoubleReference(PolicyHead head)
    {
        var random = new CounterRandom(12, RandomPurpose.Initialisation);
        for (int trial = 0; trial < 60; trial++)
        {
            PolicyBlock block = PolicyCases.Block(PolicyCases.Spec(random, head), random);
            using var policy = new PackedPolicy(block.Spec);
            policy.Pack(block);
            float[] observation = PolicyCases.Observation(block.Spec, random),
                noise = new float[block.Spec.ActionSize];
            float[] action = new float[noise.Length],
                preSquash = new float[noise.Length];
            var acting = new CounterRandom((ulong)trial, RandomPurpose.Acting);
            new CounterRandom((ulong)trial, RandomPurpose.Acting).FillGaussian(noise);
            float logDensity = policy.Act(observation, acting, action, preSquash);
            var expected = ReferencePolicy.Sample(block.Spec, [.. policy.Forward(observation).ToArray().Select(v => (double)v)], noise);
            AssertClose(expected.LogDensity, logDensity, 1e-5 * noise.Length, $"{block.Spec} log-density");
            for (int i = 0; i < noise.Length; i++)
            {
                AssertClose(expected.Action[i], action[i], 1e-6, "action");
                AssertClose(expected.PreSquash[i], preSquash[i], 1e-6, "pre-squash");
            }
        }
    }

    [Fact]
    public void Act_Categorical_DrawsEachChoiceWithItsProbability()
    {
        PolicyBlock block = PolicyCases.Plain(PolicyHead.Categorical, action: 5);
        using var policy = new PackedPolicy(block.Spec);
        policy.Pack(block);
        float[] observation = [0.3f, -1f, 0.5f],
            action = new float[1],
            preSquash = new float[1];
        double[] logits = ReferencePolicy.Outputs(block, observation);
        double total = logits.Sum(Math.Exp);
        int[] counts = new int[5];
        var random = new CounterRandom(1, RandomPurpose.Acting);
        const int Draws = 200_000;
        for (int i = 0; i < Draws; i++)
        {
            float logProbability = policy.Act(observation, random, action, preSquash);
            AssertClose(logits[(int)action[0]] - Math.Log(total), logProbability, 1e-5, "log-probability");
            Assert.Equal(action[0], preSquash[0]);
            counts[(int)action[0]]++;
        }

        for (int i = 0; i < 5; i++)
        {
            double p = Math.Exp(logits[i]) / total;
            Assert.InRange(counts[i] / (double)Draws, p - (5 * Math.Sqrt(p / Draws)), p + (5 * Math.Sqrt(p / Draws)));
        }
    }

    [Theory]
    [InlineData(PolicyHead.SquashedGaussian)]
    [InlineData(PolicyHead.ClippedGaussian)]
    public void Act_OneDimension_DensityIntegratesToOne(PolicyHead head)
    {
        // The trapezium rule over the actions that an even grid of noise gives.
        var spec = new PolicySpec(new MlpShape(1, [], 2), head, 1);
        float[] outputs = [0.3f, 0.2f];
        double integral = 0,
            lastAction = double.NaN,
            lastDensity = 0;
        for (double z = -8; z <= 8; z += 1e-3)
        {
            float[] action = new float[1],
                preSquash = new float[1];
            float logDensity = PolicyHeads.Sample(spec, outputs, [(float)z], action, preSquash);

            // In double, as the float action has too few digits next to 1.
            double value = head == PolicyHead.SquashedGaussian ? Math.Tanh(preSquash[0]) : preSquash[0];
            if (!double.IsNaN(lastAction))
            {
                integral += (value - lastAction) * (Math.Exp(logDensity) + lastDensity) / 2;
            }

            (lastAction, lastDensity) = (value, Math.Exp(logDensity));
        }

        Assert.InRange(integral, 0.999, 1.001);
    }

    [Fact]
    public void Act_ExtremePreSquash_LogDensityStaysFinite()
    {
        var spec = new PolicySpec(new MlpShape(1, [], 2), PolicyHead.SquashedGaussian, 1);
        foreach (float mean in new[] { -80f, -30f, 30f, 80f })
        {
            float[] action = new float[1],
                preSquash = new float[1];
            float logDensity = PolicyHeads.Sample(spec, [mean, -50f], [0.5f], action, preSquash);

            // log std is clamped to -20; log(1 - tanh^2 u) tends to 2 log 2 - 2 |u|.
            double expected = -0.125 + 20 - (0.5 * Math.Log(2 * Math.PI)) - ((2 * Math.Log(2)) - (2 * Math.Abs(mean)));
            AssertClose(expected, logDensity, 1e-4, $"mean {mean}");
            Assert.InRange(action[0], -1f, 1f);
        }
    }

    [Theory]
    [MemberData(nameof(Heads))]
    public void Act_UniformActions_AreUniformWithTheirDensity(PolicyHead head)
    {
        PolicyBlock block = PolicyCases.Plain(head, action: 3, uniform: true);
        using var policy = new PackedPolicy(block.Spec);
        policy.Pack(block);
        int size = block.Spec.ActionSize;
        float[] action = new float[size],
            preSquash = new float[size];
        var random = new CounterRandom(2, RandomPurpose.Acting);
        double sum = 0,
            squares = 0;
        const int Draws = 60_000;
        for (int i = 0; i < Draws; i++)
        {
            float logDensity = policy.Act([0f, 1f, 2f], random, action, preSquash);
            AssertClose(head == PolicyHead.Categorical ? -Math.Log(3) : -size * Math.Log(2), logDensity, 1e-6, "log-density");
            AssertClose(
                action[0],
                head is PolicyHead.SquashedGaussian or PolicyHead.StateDependentGaussian ? Math.Tanh(preSquash[0]) : preSquash[0],
                1e-6,
                "pre-squash"
            );
            sum += action[0];
            squares += action[0] * (double)action[0];
        }

        // Choices 0, 1, 2 have mean 1 and mean square 5/3; the box has 0 and 1/3.
        (double mean, double square) = head == PolicyHead.Categorical ? (1, 5.0 / 3) : (0, 1.0 / 3);
        Assert.InRange(sum / Draws, mean - 0.02, mean + 0.02);
        Assert.InRange(squares / Draws, square - 0.03, square + 0.03);
        Assert.True(policy.UniformActions);
    }

    [Theory]
    [MemberData(nameof(Heads))]
    public void ActFrozen_AnyHead_IsThePolicyWithoutNoise(PolicyHead head)
    {
        PolicyBlock block = PolicyCases.Plain(head, uniform: true);
        using var policy = new PackedPolicy(block.Spec);
        policy.Pack(block);
        var random = new CounterRandom(3, RandomPurpose.Simulation);
        float[] observations = [.. Enumerable.Range(0, 20).SelectMany(_ => PolicyCases.Observation(block.Spec, random))];
        float[] actions = new float[20 * block.Spec.ActionSize],
            one = new float[block.Spec.ActionSize];
        policy.ActFrozenBatch(observations, actions);
        for (int row = 0; row < 20; row++)
        {
            ReadOnlySpan<float> observation = observations.AsSpan(row * 3, 3);
            double[] outputs = ReferencePolicy.Outputs(block, observation);
            policy.ActFrozen(observation, one);
            Assert.Equal(one, actions.AsSpan(row * one.Length, one.Length).ToArray());
            double expected = head switch
            {
                PolicyHead.Categorical => Array.IndexOf(outputs, outputs.Max()),
                PolicyHead.ClippedGaussian => Math.Clamp(outputs[0], -1, 1),
                _ => Math.Tanh(outputs[0]),
            };
            AssertClose(expected, one[0], 1e-5, "frozen action");
        }
    }

    [Theory]
    [MemberData(nameof(Heads))]
    public void Act_AnythingNotFinite_AnswersNaNThroughout(PolicyHead head)
    {
        foreach (float bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            foreach (int place in new[] { -1, -2, 0, 60, 300 })
            {
                PolicyBlock block = PolicyCases.Plain(head);
                float[] observation = [1f, 2f, 3f];
                switch (place)
                {
                    case -1:
                        observation[1] = bad;
                        break;
                    case -2:
                        block.NormaliserScale[0] = bad;
                        break;
                    default:
                        block.Parameters[place] = bad;
                        break;
                }

                using var policy = new PackedPolicy(block.Spec);
                policy.Pack(block);
                float[] action = new float[block.Spec.ActionSize],
                    preSquash = new float[action.Length],
                    frozen = new float[action.Length];
                Assert.True(float.IsNaN(policy.Act(observation, new CounterRandom(1, RandomPurpose.Acting), action, preSquash)));
                policy.ActFrozen(observation, frozen);
                Assert.All([.. action, .. preSquash, .. frozen], v => Assert.True(float.IsNaN(v)));
                Assert.Equal(place == -1, policy.WeightsAreFinite);

                policy.Pack(PolicyCases.Plain(head));
                Assert.False(float.IsNaN(policy.Act([1f, 2f, 3f], new CounterRandom(1, RandomPurpose.Acting), action, preSquash)));
            }
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(8)]
    [InlineData(4)]
    [InlineData(1)]
    public void Act_FiniteWeightsThatOverflow_AnswersNaN(int floatsPerRegister)
    {
        foreach (Activation activation in Enum.GetValues<Activation>())
        {
            foreach (bool layerNorm in new[] { false, true })
            {
                // With tanh nothing overflows unless the normalisation is fed infinities.
                if (activation == Activation.Tanh && !layerNorm)
                {
                    continue;
                }

                var spec = new PolicySpec(new MlpShape(3, [17, 5], 4, activation, layerNorm), PolicyHead.SquashedGaussian, 2);
                var block = new PolicyBlock(spec);
                Array.Fill(block.Parameters, 2e38f);
                using var policy = new PackedPolicy(spec, (SimdWidth)floatsPerRegister);
                policy.Pack(block);
                float[] action = new float[2],
                    preSquash = new float[2];
                Assert.True(policy.WeightsAreFinite);
                Assert.True(
                    float.IsNaN(policy.Act([1f, 2f, 3f], new CounterRandom(1, RandomPurpose.Acting), action, preSquash)),
                    $"{activation} {layerNorm}"
                );
                Assert.All(action, a => Assert.True(float.IsNaN(a)));
            }
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(8)]
    [InlineData(4)]
    [InlineData(1)]
    public void ActFrozen_UnitFeatures_IsTheReferences(int floatsPerRegister)
    {
        foreach (Activation activation in Enum.GetValues<Activation>())
        {
            var spec = new PolicySpec(new MlpShape(3, [21, 37], 2, activation, UnitFeatures: true), PolicyHead.Deterministic, 2);
            var block = new PolicyBlock(spec);
            var random = new CounterRandom(5, RandomPurpose.Initialisation);
            random.FillGaussian(block.Parameters);
            using var policy = new PackedPolicy(spec, (SimdWidth)floatsPerRegister);
            policy.Pack(block);
            float[] raw = [0.3f, -1.2f, 0.7f],
                action = new float[2];
            policy.ActFrozen(raw, action);
            Assert.All(ReferencePolicy.Outputs(block, raw).Zip(action), pair => Assert.Equal(Math.Tanh(pair.First), pair.Second, 1e-5));
        }
    }

    [Fact]
    public void Act_ManyCalls_AllocatesNothing()
    {
        foreach (PolicyHead head in Enum.GetValues<PolicyHead>())
        {
            PolicyBlock block = PolicyCases.Plain(head),
                warmUp = PolicyCases.Plain(head, uniform: true);
            using var policy = new PackedPolicy(block.Spec);
            float[] observation = [1f, 2f, 3f],
                action = new float[block.Spec.ActionSize],
                preSquash = new float[action.Length];
            var random = new CounterRandom(1, RandomPurpose.Acting);
            ActAndPack(policy, warmUp, block, random, observation, action, preSquash, 2000);
            long before = GC.GetAllocatedBytesForCurrentThread();
            ActAndPack(policy, warmUp, block, random, observation, action, preSquash, 100_000);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [Fact]
    public void Pack_BlockOfAnotherSpecification_Throws()
    {
        using var policy = new PackedPolicy(PolicyCases.Plain(PolicyHead.SquashedGaussian).Spec);
        ArgumentException thrown = Assert.Throws<ArgumentException>(() =>
            policy.Pack(PolicyCases.Plain(PolicyHead.SquashedGaussian, action: 3))
        );
        Assert.Contains("Outputs = 6", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pack_Again_TakesVersionAndWeights()
    {
        PolicyBlock first = PolicyCases.Plain(PolicyHead.Deterministic),
            second = PolicyCases.Plain(PolicyHead.Deterministic);
        Array.Fill(second.Parameters, 0f);
        second.Version = 77;
        using var policy = new PackedPolicy(first.Spec);
        policy.Pack(first);
        float[] action = new float[2];
        policy.ActFrozen([1f, 2f, 3f], action);
        Assert.NotEqual(0f, action[0]);
        policy.Pack(second);
        policy.ActFrozen([1f, 2f, 3f], action);
        Assert.Equal([0f, 0f], action);
        Assert.Equal(77, policy.Version);
    }

    [Fact]
    public void Constructor_SizesThatDoNotFitTheHead_Throws()
    {
        ArgumentException thrown = Assert.Throws<ArgumentException>(() =>
            new PackedPolicy(new PolicySpec(new MlpShape(3, [8], 5), PolicyHead.SquashedGaussian, 2))
        );
        Assert.Contains("takes 4 network outputs", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Act_Disposed_Throws()
    {
        PolicyBlock block = PolicyCases.Plain(PolicyHead.Deterministic);
        var policy = new PackedPolicy(block.Spec);
        policy.Pack(block);
        policy.Dispose();
        policy.Dispose();
        Assert.Throws<ObjectDisposedException>(() => policy.ActFrozen([1f, 2f, 3f], new float[2]));
        Assert.Throws<ObjectDisposedException>(() =>
            policy.Act([1f, 2f, 3f], new CounterRandom(1, RandomPurpose.Acting), new float[2], new float[2])
        );
        Assert.Throws<ObjectDisposedException>(() => policy.Pack(block));
    }

    // Compiled once: replacing a method while its loop runs makes the runtime itself allocate 24 bytes on the thread.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ActAndPack(
        PackedPolicy policy,
        PolicyBlock first,
        PolicyBlock second,
        CounterRandom random,
        float[] observation,
        float[] action,
        float[] preSquash,
        int count
    )
    {
        for (int i = 0; i < count; i++)
        {
            if (i % 1000 == 0)
            {
                policy.Pack(i % 2000 == 0 ? first : second);
            }

            policy.Act(observation, random, action, preSquash);
            policy.ActFrozen(observation, action);
        }
    }

    private static void AssertClose(double expected, double actual, double tolerance, string what) =>
        Assert.True(
            Math.Abs(expected - actual) <= tolerance * Math.Max(1, Math.Abs(expected)),
            $"{what}: expected {expected}, got {actual}"
        );
}
