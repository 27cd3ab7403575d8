using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Sac;
using RobotRl.Algorithms.Spaces;
using RobotRl.Algorithms.Tests.OffPolicy;

namespace RobotRl.Algorithms.Tests.Sac;

/// <summary>The losses of all three SACs as formulas in double precision, with targets that are not the networks.</summary>
public sealed unsafe class SacLossTests
{
    private const double Alpha = 0.3;

    [Fact]
    public void Sac_WithTargetsOfItsOwn_HasTheDifferenceQuotientsOfTheFormulas()
    {
        const int Rows = 14,
            Actions = 2;
        using var learner = new ManagedSacLearner(
            new()
            {
                HiddenWidth = 9,
                BatchSize = Rows,
                RewardScale = 2,
                InitialTemperature = Alpha,
                ReplayCapacity = 10,
                LearningStarts = 1,
            },
            3,
            Actions,
            21
        );
        LossCase.Disturb(learner, "sac/targets/parameters");
        ManagedNetworks actor = learner.PolicyNetworks,
            critic = learner.CriticNetworks;
        MlpShape pi = actor.Layout.Shape,
            q = critic.Layout.Shape;
        double[] phi = LossCase.Doubles(actor.Flat(actor.Parameters)),
            theta = LossCase.Doubles(critic.Flat(critic.Parameters)),
            target = LossCase.Doubles(critic.Flat(critic.Targets));
        var c = new LossCase(3, Actions, Rows);
        double[] y =
        [
            .. Enumerable
                .Range(0, Rows)
                .Select(row =>
                {
                    (double[] a, double log) = LossCase.Squash(LossCase.Forward(pi, phi, 0, c.After(row)), c.NextEpsilon(row));
                    return (2 * c.Returns[row])
                        + (c.Bootstraps[row] * (LossCase.Lower(q, target, [.. c.After(row), .. a]) - (Alpha * log)));
                }),
        ];
        double LossQ(double[] p) => CriticLoss(c, q, p, y);
        double LossPi(double[] p) => PolicyLoss(c, pi, q, p, theta);

        float[] noise = [.. c.Noise, .. c.NextNoise];
        noise.CopyTo(learner.Noise);
        learner.PlaceMinibatch(c.States, c.Acted, c.Returns, c.Bootstraps, c.Next);
        learner.EvaluatePolicy();
        learner.EvaluateCriticLoss();
        learner.ComputeCriticGradient();
        learner.EvaluatePolicyLoss();
        learner.ComputePolicyGradient();
        learner.ComputeTemperatureGradient();
        LossCase.AssertLoss(LossQ(theta), learner.CriticLoss);
        LossCase.AssertLoss(LossPi(phi), learner.PolicyLoss);
        LossCase.AssertGradient(theta, LossQ, critic.Flat(critic.Gradients));
        LossCase.AssertGradient(phi, LossPi, actor.Flat(actor.Gradients));
        LossCase.AssertLoss(
            -c.Mean(row => LossCase.Squash(LossCase.Forward(pi, phi, 0, c.State(row)), c.Epsilon(row)).LogPi) + Actions,
            learner.TemperatureGradient
        );
    }

    [Fact]
    public void SacV_WithATargetOfItsOwn_HasTheDifferenceQuotientsOfTheFormulas()
    {
        const int Rows = 14,
            Actions = 2;
        using var learner = new SacVLearner(
            new()
            {
                HiddenWidth = 9,
                BatchSize = Rows,
                RewardScale = 2,
                Temperature = Alpha,
                ReplayCapacity = 10,
                LearningStarts = 1,
            },
            3,
            Actions,
            21
        );
        LossCase.Disturb(learner, "sac-v/targets/parameters");
        ManagedNetworks actor = learner.PolicyNetworks,
            critic = learner.CriticNetworks,
            value = learner.ValueNetworks;
        MlpShape pi = actor.Layout.Shape,
            q = critic.Layout.Shape,
            v = value.Layout.Shape;
        double[] phi = LossCase.Doubles(actor.Flat(actor.Parameters)),
            theta = LossCase.Doubles(critic.Flat(critic.Parameters));
        double[] psi = LossCase.Doubles(value.Flat(value.Parameters)),
            target = LossCase.Doubles(value.Flat(value.Targets));
        var c = new LossCase(3, Actions, Rows);
        double[] soft =
        [
            .. Enumerable
                .Range(0, Rows)
                .Select(row =>
                {
                    (double[] a, double log) = LossCase.Squash(LossCase.Forward(pi, phi, 0, c.State(row)), c.Epsilon(row));
                    return LossCase.Lower(q, theta, [.. c.State(row), .. a]) - (Alpha * log);
                }),
        ];
        double[] y =
        [
            .. Enumerable
                .Range(0, Rows)
                .Select(row => (2 * c.Returns[row]) + (c.Bootstraps[row] * LossCase.Forward(v, target, 0, c.After(row))[0])),
        ];
        double LossV(double[] p) => c.Mean(row => Math.Pow(LossCase.Forward(v, p, 0, c.State(row))[0] - soft[row], 2) / 2);
        double LossQ(double[] p) => CriticLoss(c, q, p, y);
        double LossPi(double[] p) => PolicyLoss(c, pi, q, p, theta);

        c.Noise.CopyTo(learner.Noise);
        learner.PlaceMinibatch(c.States, c.Acted, c.Returns, c.Bootstraps, c.Next);
        learner.EvaluatePolicy();
        learner.EvaluateValueLoss();
        learner.ComputeValueGradient();
        learner.EvaluateCriticLoss();
        learner.ComputeCriticGradient();
        learner.ComputePolicyGradient();
        LossCase.AssertLoss(LossV(psi), learner.ValueLoss);
        LossCase.AssertLoss(LossQ(theta), learner.CriticLoss);
        LossCase.AssertLoss(LossPi(phi), learner.PolicyLoss);
        LossCase.AssertGradient(psi, LossV, value.Flat(value.Gradients));
        LossCase.AssertGradient(theta, LossQ, critic.Flat(critic.Gradients));
        LossCase.AssertGradient(phi, LossPi, actor.Flat(actor.Gradients));
    }

    [Fact]
    public void DiscreteSac_WithTargetsOfItsOwn_HasTheDifferenceQuotientsOfTheFormulas()
    {
        const int Rows = 14,
            Choices = 4;
        using var learner = new DiscreteSacLearner(
            new()
            {
                HiddenWidth = 9,
                BatchSize = Rows,
                RewardScale = 2,
                InitialTemperature = Alpha,
                ReplayCapacity = 10,
                LearningStarts = 1,
            },
            3,
            new DiscreteActionSpace(Choices),
            21
        );
        LossCase.Disturb(learner, "sac/targets/parameters");
        ManagedNetworks actor = learner.PolicyNetworks,
            critic = learner.CriticNetworks;
        MlpShape shape = actor.Layout.Shape;
        double[] phi = LossCase.Doubles(actor.Flat(actor.Parameters)),
            theta = LossCase.Doubles(critic.Flat(critic.Parameters)),
            target = LossCase.Doubles(critic.Flat(critic.Targets));
        var c = new LossCase(3, 1, Rows);
        float[] acted = [.. Enumerable.Range(0, Rows).Select(row => (float)(row % Choices))];

        // V(s) = sum_a pi(a | s) (min_i Q_i(s, a) - alpha log pi(a | s)), whose negative is the policy's loss.
        double Soft(double[] policy, double[] critics, double[] s)
        {
            double[] logits = LossCase.Forward(shape, policy, 0, s),
                first = LossCase.Forward(shape, critics, 0, s),
                second = LossCase.Forward(shape, critics, 1, s);
            double total = Math.Log(logits.Sum(Math.Exp));
            return logits.Select((z, a) => Math.Exp(z - total) * (Math.Min(first[a], second[a]) - (Alpha * (z - total)))).Sum();
        }

        double[] y =
        [
            .. Enumerable.Range(0, Rows).Select(row => (2 * c.Returns[row]) + (c.Bootstraps[row] * Soft(phi, target, c.After(row)))),
        ];
        double LossQ(double[] p) =>
            c.Mean(row =>
                Enumerable.Range(0, 2).Sum(i => Math.Pow(LossCase.Forward(shape, p, i, c.State(row))[(int)acted[row]] - y[row], 2) / 2)
            );
        double LossPi(double[] p) => -c.Mean(row => Soft(p, theta, c.State(row)));

        learner.PlaceMinibatch(c.States, c.Returns, c.Bootstraps, c.Next);
        learner.EvaluatePolicy();
        learner.EvaluateCriticLoss(acted);
        learner.ComputeCriticGradient(acted);
        learner.EvaluatePolicyLoss();
        learner.ComputePolicyGradient();
        LossCase.AssertLoss(LossQ(theta), learner.CriticLoss);
        LossCase.AssertLoss(LossPi(phi), learner.PolicyLoss);
        LossCase.AssertGradient(theta, LossQ, critic.Flat(critic.Gradients));
        LossCase.AssertGradient(phi, LossPi, actor.Flat(actor.Gradients));
    }

    /// <summary>E[sum_i (Q_i(s, a) - y)^2 / 2].</summary>
    private static double CriticLoss(LossCase c, MlpShape q, double[] critics, double[] y) =>
        c.Mean(row =>
            Enumerable
                .Range(0, 2)
                .Sum(i => Math.Pow(LossCase.Forward(q, critics, i, [.. c.State(row), .. c.Action(row)])[0] - y[row], 2) / 2)
        );

    /// <summary>E[alpha log pi(a | s) - min_i Q_i(s, a)].</summary>
    private static double PolicyLoss(LossCase c, MlpShape pi, MlpShape q, double[] policy, double[] critics) =>
        c.Mean(row =>
        {
            (double[] a, double log) = LossCase.Squash(LossCase.Forward(pi, policy, 0, c.State(row)), c.Epsilon(row));
            return (Alpha * log) - LossCase.Lower(q, critics, [.. c.State(row), .. a]);
        });
}
