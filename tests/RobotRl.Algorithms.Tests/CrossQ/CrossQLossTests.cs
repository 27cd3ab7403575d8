using RobotRl.Algorithms.CrossQ;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Tests.OffPolicy;

namespace RobotRl.Algorithms.Tests.CrossQ;

/// <summary>
/// CrossQ's losses as formulas in double precision: batch renormalisation over the joint batch of (s, a) and (s', a'), running
/// statistics elsewhere.
/// </summary>
public sealed unsafe class CrossQLossTests
{
    private const double Alpha = 0.3,
        Momentum = 0.9,
        Epsilon = 1e-3;

    [Theory]
    [InlineData(3, 2, 14, 9, 2, true)]
    [InlineData(3, 2, 14, 9, 2, false)]
    [InlineData(4, 1, 12, 6, 3, true)]
    public void Losses_OverTheJointBatch_HaveTheDifferenceQuotientsOfTheFormulas(
        int observations,
        int actions,
        int rows,
        int width,
        int layers,
        bool warm
    )
    {
        var options = new CrossQOptions
        {
            HiddenWidth = width,
            HiddenLayers = layers,
            BatchSize = rows,
            RewardScale = 2,
            InitialTemperature = Alpha,
            RenormMomentum = Momentum,
            RenormWarmUp = warm ? 0 : 10,
            ReplayCapacity = 10,
            LearningStarts = 1,
        };
        using var learner = new ManagedCrossQLearner(options, observations, actions, 21);
        LossCase.Disturb(learner, "crossq/policy/parameters", "crossq/critics/parameters");
        MemoryState state = OffPolicyCases.Saved(learner);
        ManagedNetworks actor = learner.PolicyNetworks,
            critic = learner.CriticNetworks;
        MlpShape pi = actor.Layout.Shape,
            q = critic.Layout.Shape;
        Statistics[] policyRunning = Disturbed("policy", pi, 0),
            firstRunning = Disturbed("critics", q, 0),
            secondRunning = Disturbed("critics", q, 1);
        Statistics[][] criticRunning = [firstRunning, secondRunning];
        learner.Load(state);
        double[] phi = LossCase.Doubles(actor.Flat(actor.Parameters)),
            theta = LossCase.Doubles(critic.Flat(critic.Parameters));
        var c = new LossCase(observations, actions, rows);

        // A' by the policy with its running statistics, before the actor's own pass.
        (double[] Action, double LogPi)[] next =
        [
            .. Enumerable.Range(0, rows).Select(row => LossCase.Squash(Running(pi, phi, policyRunning, c.After(row)), c.NextEpsilon(row))),
        ];
        double[][] executed = [.. Enumerable.Range(0, rows).Select(row => (double[])[.. c.State(row), .. c.Action(row)])];
        double[][] joint = [.. executed, .. next.Select((drawn, row) => (double[])[.. c.After(row), .. drawn.Action])];

        // One pass over both halves; y = R + gamma (min_i Q_i(S', A') - alpha log pi(A' | S')) is held, and so are r and d.
        int length = theta.Length / 2;
        Correction[][] corrections =
        [
            [.. q.Hidden.Append(0).Select(_ => new Correction())],
            [.. q.Hidden.Append(0).Select(_ => new Correction())],
        ];
        double[][] Pass(double[] p, int i) => Joint(q, p[(i * length)..((i + 1) * length)], joint, criticRunning[i], corrections[i], warm);
        double[][][] outputs = [Pass(theta, 0), Pass(theta, 1)];
        double[] y =
        [
            .. Enumerable
                .Range(0, rows)
                .Select(row =>
                    (2 * c.Returns[row])
                    + (c.Bootstraps[row] * (Math.Min(outputs[0][rows + row][0], outputs[1][rows + row][0]) - (Alpha * next[row].LogPi)))
                ),
        ];
        double LossQ(double[] p)
        {
            double[][][] at = [Pass(p, 0), Pass(p, 1)];
            return c.Mean(row => Enumerable.Range(0, 2).Sum(i => Math.Pow(at[i][row][0] - y[row], 2) / 2));
        }

        // The critics under the policy with the running statistics that have taken the joint batch in.
        Statistics[][] after = [.. criticRunning.Select((s, i) => s.Select((old, l) => old.Taking(corrections[i][l])).ToArray())];
        double[][] states = [.. Enumerable.Range(0, rows).Select(c.State)];
        Correction[] policyCorrections = [.. pi.Hidden.Append(0).Select(_ => new Correction())];
        (double[] Action, double LogPi)[] Acts(double[] p) =>
            [.. Joint(pi, p, states, policyRunning, policyCorrections, warm).Select((head, row) => LossCase.Squash(head, c.Epsilon(row)))];
        double LossPi(double[] p)
        {
            (double[] Action, double LogPi)[] acts = Acts(p);
            return c.Mean(row =>
                (Alpha * acts[row].LogPi)
                - Enumerable
                    .Range(0, 2)
                    .Min(i => Running(q, theta[(i * length)..((i + 1) * length)], after[i], [.. c.State(row), .. acts[row].Action])[0])
            );
        }

        c.Noise.CopyTo(learner.Noise);
        c.NextNoise.CopyTo(learner.NextNoise);
        learner.PlaceMinibatch(c.States, c.Acted, c.Returns, c.Bootstraps, c.Next);
        learner.EvaluateCriticLoss();
        learner.ComputeCriticGradient();
        learner.EvaluatePolicyLoss();
        learner.ComputePolicyGradient();
        learner.ComputeTemperatureGradient();
        double[] r = [.. corrections.SelectMany(n => n.SelectMany(l => l.R))];
        Assert.Equal(warm, r.Any(x => x is 3 or 1 / 3.0) && r.Any(x => x is > 1 / 3.0 and < 3 and not 1));
        LossCase.AssertLoss(LossQ(theta), learner.CriticLoss);
        LossCase.AssertLoss(LossPi(phi), learner.PolicyLoss);
        LossCase.AssertGradient(theta, LossQ, critic.Flat(critic.Gradients));
        LossCase.AssertGradient(phi, LossPi, actor.Flat(actor.Gradients));
        LossCase.AssertLoss(-Acts(phi).Average(a => a.LogPi) + actions, learner.TemperatureGradient);

        // Running statistics of a network, far enough from a batch's that some r are cut and some are not.
        Statistics[] Disturbed(string name, MlpShape shape, int n) =>
            [
                .. Enumerable
                    .Range(0, shape.LayerCount)
                    .Select(l =>
                    {
                        string at = $"crossq/{name}/renorm/{n}/{l}";
                        float[] mean = new float[shape.LayerInputs(l)],
                            variance = new float[mean.Length];
                        state.Change(at + "/mean", (v, normal) => v + (0.4f * normal));
                        state.Change(at + "/variance", (v, normal) => v * MathF.Exp(normal));
                        state.Read(at + "/mean", mean);
                        state.Read(at + "/variance", variance);
                        return new Statistics(LossCase.Doubles(mean), LossCase.Doubles(variance));
                    }),
            ];
    }

    /// <summary>
    /// Layers, each behind (n r + d) scale + shift with n = (x - mean) / sqrt(variance + epsilon) of the batch; r and d are those
    /// of the first pass.
    /// </summary>
    private static double[][] Joint(MlpShape shape, double[] p, double[][] x, Statistics[] running, Correction[] corrections, bool warm)
    {
        int extras = shape.ParameterCount;
        for (int l = 0; l < shape.LayerCount; l++)
        {
            int inputs = shape.LayerInputs(l),
                at = extras,
                layer = l;
            double[] mean = [.. Enumerable.Range(0, inputs).Select(i => x.Average(row => row[i]))];
            double[] variance = [.. Enumerable.Range(0, inputs).Select(i => x.Average(row => Math.Pow(row[i] - mean[i], 2)))];
            Correction fix = corrections[l];
            fix.Hold(mean, variance, running[l], warm);
            x =
            [
                .. x.Select(row =>
                    Dense(
                        shape,
                        layer,
                        p,
                        [
                            .. row.Select(
                                (v, i) =>
                                    ((((v - mean[i]) / Math.Sqrt(variance[i] + Epsilon) * fix.R[i]) + fix.D[i]) * p[at + i])
                                    + p[at + inputs + i]
                            ),
                        ]
                    )
                ),
            ];
            extras += 2 * inputs;
        }

        return x;
    }

    /// <summary>The same of one sample with the running statistics alone.</summary>
    private static double[] Running(MlpShape shape, double[] p, Statistics[] running, double[] x)
    {
        int extras = shape.ParameterCount;
        for (int l = 0; l < shape.LayerCount; l++)
        {
            int inputs = shape.LayerInputs(l),
                at = extras;
            (double[] mean, double[] variance) = (running[l].Mean, running[l].Variance);
            x = Dense(
                shape,
                l,
                p,
                [.. x.Select((v, i) => ((v - mean[i]) / Math.Sqrt(variance[i] + Epsilon) * p[at + i]) + p[at + inputs + i])]
            );
            extras += 2 * inputs;
        }

        return x;
    }

    private static double[] Dense(MlpShape shape, int l, double[] p, double[] x)
    {
        int outputs = shape.LayerOutputs(l),
            weights = shape.WeightOffset(l),
            bias = shape.BiasOffset(l);
        double[] y =
        [
            .. Enumerable.Range(0, outputs).Select(j => p[bias + j] + x.Select((v, i) => v * p[weights + (i * outputs) + j]).Sum()),
        ];
        return l == shape.Hidden.Length ? y : [.. y.Select(v => Math.Max(0, v))];
    }

    private sealed record Statistics(double[] Mean, double[] Variance)
    {
        /// <summary>These, moved towards a batch's.</summary>
        public Statistics Taking(Correction batch) =>
            new(
                [.. Mean.Zip(batch.Mean, (old, now) => (Momentum * old) + ((1 - Momentum) * now))],
                [.. Variance.Zip(batch.Variance, (old, now) => (Momentum * old) + ((1 - Momentum) * now))]
            );
    }

    /// <summary>r and d of one layer, constants of the pass, and the batch's statistics that they are of.</summary>
    private sealed class Correction
    {
        public double[] R { get; private set; } = [];

        public double[] D { get; private set; } = [];

        public double[] Mean { get; private set; } = [];

        public double[] Variance { get; private set; } = [];

        public void Hold(double[] mean, double[] variance, Statistics running, bool warm)
        {
            if (R.Length > 0)
            {
                return;
            }

            (Mean, Variance) = (mean, variance);
            double[] deviation = [.. running.Variance.Select(v => Math.Sqrt(v + Epsilon))];
            R = [.. variance.Select((v, i) => warm ? Math.Clamp(Math.Sqrt(v + Epsilon) / deviation[i], 1 / 3.0, 3) : 1)];
            D = [.. mean.Select((m, i) => warm ? Math.Clamp((m - running.Mean[i]) / deviation[i], -5, 5) : 0)];
        }
    }
}
