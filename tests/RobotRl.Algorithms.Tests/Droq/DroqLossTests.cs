using RobotRl.Algorithms.Droq;
using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Tests.OffPolicy;

namespace RobotRl.Algorithms.Tests.Droq;

/// <summary>
/// DroQ's losses as formulas in double precision: given dropout masks, learned scales and shifts, targets that are not the
/// networks.
/// </summary>
public sealed unsafe class DroqLossTests
{
    private const double Alpha = 0.3,
        Rate = 0.2;

    [Theory]
    [InlineData(3, 2, 14, 9, 2)]
    [InlineData(4, 1, 12, 6, 3)]
    [InlineData(2, 3, 10, 8, 1)]
    public void Losses_WithGivenMasks_HaveTheDifferenceQuotientsOfTheFormulas(
        int observations,
        int actions,
        int rows,
        int width,
        int layers
    )
    {
        var options = new DroqOptions
        {
            HiddenWidth = width,
            HiddenLayers = layers,
            BatchSize = rows,
            RewardScale = 2,
            DropoutRate = Rate,
            InitialTemperature = Alpha,
            ReplayCapacity = 10,
            LearningStarts = 1,
        };
        using var learner = new ManagedDroqLearner(options, observations, actions, 21);
        LossCase.Disturb(learner, "droq/targets/parameters", "droq/critics/parameters");
        ManagedNetworks actor = learner.PolicyNetworks,
            critic = learner.CriticNetworks;
        MlpShape pi = actor.Layout.Shape,
            q = critic.Layout.Shape;
        double[] phi = LossCase.Doubles(actor.Flat(actor.Parameters)),
            theta = LossCase.Doubles(critic.Flat(critic.Parameters)),
            target = LossCase.Doubles(critic.Flat(critic.Targets));
        var c = new LossCase(observations, actions, rows);

        // What the passes drop, in the order of an update: targets, executed actions, the policy's actions.
        CounterRandom random = new(4, 4),
            same = new(4, 4);
        float[][][] atNext = Masks(),
            executed = Masks(),
            proposed = Masks();
        float[][][] Masks() =>
            [.. Enumerable.Range(0, 2).Select(_ => Enumerable.Range(0, layers).Select(_ => Mask(random, rows * width)).ToArray())];

        // y = r + gamma (min_i Q'_i(s', a') - alpha log pi(a' | s'))
        double[] y =
        [
            .. Enumerable
                .Range(0, rows)
                .Select(row =>
                {
                    (double[] a, double log) = LossCase.Squash(LossCase.Forward(pi, phi, 0, c.After(row)), c.NextEpsilon(row));
                    double lower = Enumerable.Range(0, 2).Min(i => Critic(q, target, i, [.. c.After(row), .. a], row, atNext[i]));
                    return (2 * c.Returns[row]) + (c.Bootstraps[row] * (lower - (Alpha * log)));
                }),
        ];
        double LossQ(double[] p) =>
            c.Mean(row =>
                Enumerable
                    .Range(0, 2)
                    .Sum(i => Math.Pow(Critic(q, p, i, [.. c.State(row), .. c.Action(row)], row, executed[i]) - y[row], 2) / 2)
            );
        double LogPi(double[] p, int row) => LossCase.Squash(LossCase.Forward(pi, p, 0, c.State(row)), c.Epsilon(row)).LogPi;
        double LossPi(double[] p) =>
            c.Mean(row =>
            {
                (double[] a, double log) = LossCase.Squash(LossCase.Forward(pi, p, 0, c.State(row)), c.Epsilon(row));
                return (Alpha * log) - Enumerable.Range(0, 2).Average(i => Critic(q, theta, i, [.. c.State(row), .. a], row, proposed[i]));
            });

        c.Noise.CopyTo(learner.Noise);
        c.NextNoise.CopyTo(learner.NextNoise);
        learner.DrawDropout(same);
        learner.PlaceMinibatch(c.States, c.Acted, c.Returns, c.Bootstraps, c.Next);
        learner.EvaluateCriticLoss();
        learner.ComputeCriticGradient();
        learner.EvaluatePolicyLoss();
        learner.ComputePolicyGradient();
        learner.ComputeTemperatureGradient();
        Assert.All([.. atNext, .. executed, .. proposed], masks => Assert.All(masks, m => Assert.True(m.Contains(0))));
        LossCase.AssertLoss(LossQ(theta), learner.CriticLoss);
        LossCase.AssertLoss(LossPi(phi), learner.PolicyLoss);
        LossCase.AssertGradient(theta, LossQ, critic.Flat(critic.Gradients));
        LossCase.AssertGradient(phi, LossPi, actor.Flat(actor.Gradients));
        LossCase.AssertLoss(-c.Mean(row => LogPi(phi, row)) + actions, learner.TemperatureGradient);
    }

    private static float[] Mask(CounterRandom random, int units)
    {
        var positions = new DropoutPositions(units, Rate);
        positions.Draw(random);
        float[] mask = new float[units];
        positions.CopyMask(mask);
        return mask;
    }

    /// <summary>
    /// Dense, dropout, layer norm with scale and shift, ReLU; behind each network's layers lie scale and shift of its hidden
    /// ones.
    /// </summary>
    private static double Critic(MlpShape shape, double[] networks, int n, double[] x, int row, float[][] masks)
    {
        int extras = shape.ParameterCount,
            length = extras + (2 * shape.Hidden.Sum());
        double[] p = networks[(n * length)..((n + 1) * length)];
        for (int l = 0; l < shape.LayerCount; l++)
        {
            int outputs = shape.LayerOutputs(l),
                weights = shape.WeightOffset(l),
                bias = shape.BiasOffset(l);
            double[] sum =
            [
                .. Enumerable.Range(0, outputs).Select(j => p[bias + j] + x.Select((v, i) => v * p[weights + (i * outputs) + j]).Sum()),
            ];
            if (l == shape.Hidden.Length)
            {
                return sum[0];
            }

            double[] kept = [.. sum.Select((v, j) => v * masks[l][(row * outputs) + j])];
            double mean = kept.Average(),
                deviation = Math.Sqrt(kept.Average(v => (v - mean) * (v - mean)) + 1e-5);
            x = [.. kept.Select((v, j) => Math.Max(0, ((v - mean) / deviation * p[extras + j]) + p[extras + outputs + j]))];
            extras += 2 * outputs;
        }

        throw new InvalidOperationException("A network without an output.");
    }
}
