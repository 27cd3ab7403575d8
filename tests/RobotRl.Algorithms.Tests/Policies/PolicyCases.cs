using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;

namespace RobotRl.Algorithms.Tests.Policies;

/// <summary>Policies with random sizes, weights and observations.</summary>
internal static class PolicyCases
{
    private static readonly int[] s_widths = [1, 2, 3, 7, 16, 17, 33, 64, 100, 128, 131, 256, 300];

    public static PolicySpec Spec(CounterRandom random, PolicyHead head)
    {
        int depth = random.NextInt32(4),
            action = head == PolicyHead.Categorical ? 1 : 1 + random.NextInt32(9);
        int[] hidden = [.. Enumerable.Range(0, depth).Select(_ => s_widths[random.NextInt32(s_widths.Length)])];
        int outputs = head switch
        {
            PolicyHead.Categorical => 2 + random.NextInt32(20),
            PolicyHead.Deterministic or PolicyHead.StateDependentGaussian => action,
            _ => 2 * action,
        };
        var network = new MlpShape(
            1 + random.NextInt32(40),
            [.. hidden],
            outputs,
            (Activation)random.NextInt32(3),
            random.NextInt32(2) == 1
        );
        return new PolicySpec(network, head, action)
        {
            ExplorationStd = head == PolicyHead.Deterministic ? 0.1f * random.NextInt32(3) : 0f,
        };
    }

    public static PolicyBlock Block(PolicySpec spec, CounterRandom random)
    {
        var block = new PolicyBlock(spec) { Version = 1 + random.NextInt32(1000), Normalise = random.NextInt32(2) == 1 };
        for (int l = 0; l < spec.Network.LayerCount; l++)
        {
            // Uniform within +-sqrt(3 / inputs): outputs of about unit size.
            double limit = Math.Sqrt(3.0 / spec.Network.LayerInputs(l));
            for (int i = spec.Network.WeightOffset(l); i < spec.Network.WeightOffset(l + 1); i++)
            {
                block.Parameters[i] = (float)random.NextDouble(-limit, limit);
            }
        }

        for (int i = 0; i < spec.ObservationSize; i++)
        {
            block.NormaliserMean[i] = random.NextGaussian();
            block.NormaliserScale[i] = (float)random.NextDouble(0.3, 3);
        }

        return block;
    }

    public static float[] Observation(PolicySpec spec, CounterRandom random)
    {
        float[] observation = new float[spec.ObservationSize];
        random.FillGaussian(observation);
        return observation;
    }

    public static PolicyBlock Plain(PolicyHead head, int observation = 3, int action = 2, bool uniform = false)
    {
        int outputs = head is PolicyHead.Deterministic or PolicyHead.Categorical or PolicyHead.StateDependentGaussian ? action : 2 * action;
        var spec = new PolicySpec(new MlpShape(observation, [17, 40], outputs), head, head == PolicyHead.Categorical ? 1 : action);
        PolicyBlock block = Block(spec, new CounterRandom(5, RandomPurpose.Initialisation));
        block.UniformActions = uniform;
        return block;
    }
}
