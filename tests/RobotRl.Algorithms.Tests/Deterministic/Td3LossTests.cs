using RobotRl.Algorithms.Deterministic;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Tests.ActorCritic;
using RobotRl.Algorithms.Tests.OffPolicy;

namespace RobotRl.Algorithms.Tests.Deterministic;

/// <summary>
/// Both losses of TD3 as formulas in double precision, with targets that are not the networks, and when an update moves what.
/// </summary>
public sealed unsafe class Td3LossTests
{
    [Theory]
    [InlineData(3, 2, 24, 9, 2)]
    [InlineData(5, 1, 16, 6, 3)]
    public void Losses_WithTargetsOfTheirOwn_HaveTheDifferenceQuotientsOfTheFormulas(
        int observations,
        int actions,
        int rows,
        int width,
        int layers
    )
    {
        const double Sigma = 0.6,
            Clip = 0.5;
        var options = new Td3Options
        {
            HiddenWidth = width,
            HiddenLayers = layers,
            BatchSize = rows,
            RewardScale = 2,
            TargetNoise = Sigma,
            TargetNoiseClip = Clip,
            ReplayCapacity = 10,
            LearningStarts = 1,
        };
        using var learner = new ManagedTd3Learner(options, observations, actions, 21);
        LossCase.Disturb(learner, "td3/targets/critics", "td3/targets/policy", "td3/critics/parameters");
        ManagedNetworks actor = learner.PolicyNetworks,
            critic = learner.CriticNetworks;
        MlpShape pi = actor.Layout.Shape,
            q = critic.Layout.Shape;
        double[] phi = LossCase.Doubles(actor.Flat(actor.Parameters)),
            phiTarget = LossCase.Doubles(actor.Flat(actor.Targets));
        double[] theta = LossCase.Doubles(critic.Flat(critic.Parameters)),
            thetaTarget = LossCase.Doubles(critic.Flat(critic.Targets));
        var c = new LossCase(observations, actions, rows);
        (int clippedNoise, int clippedActions) = (0, 0);

        // y = r + gamma min_i Q'_i(s', clip(pi'(s') + clip(sigma epsilon, -c, c), -1, 1))
        double[] y =
        [
            .. Enumerable
                .Range(0, rows)
                .Select(row =>
                {
                    double[] mean = [.. LossCase.Forward(pi, phiTarget, 0, c.After(row)).Select(Math.Tanh)];
                    double[] smooth = [.. c.Epsilon(row).Select(e => Math.Clamp(Sigma * e, -Clip, Clip))];
                    double[] action = [.. mean.Zip(smooth, (m, e) => Math.Clamp(m + e, -1, 1))];
                    clippedNoise += smooth.Count(e => Math.Abs(e) == Clip);
                    clippedActions += action.Count(a => Math.Abs(a) == 1);
                    return (2 * c.Returns[row]) + (c.Bootstraps[row] * LossCase.Lower(q, thetaTarget, [.. c.After(row), .. action]));
                }),
        ];
        double Critic(double[] p) =>
            c.Mean(row =>
                Enumerable.Range(0, 2).Sum(i => Math.Pow(LossCase.Forward(q, p, i, [.. c.State(row), .. c.Action(row)])[0] - y[row], 2))
            );
        double Policy(double[] p) =>
            -c.Mean(row =>
                LossCase.Forward(q, theta, 0, [.. c.State(row), .. LossCase.Forward(pi, p, 0, c.State(row)).Select(Math.Tanh)])[0]
            );

        c.Noise.CopyTo(learner.Noise);
        learner.PlaceMinibatch(c.States, c.Acted, c.Returns, c.Bootstraps, c.Next);
        learner.EvaluateCriticLoss();
        learner.ComputeCriticGradient();
        learner.EvaluatePolicyLoss();
        learner.ComputePolicyGradient();
        Assert.True(
            clippedNoise > 3 && clippedActions > 0,
            $"{clippedNoise} of the noises and {clippedActions} of the actions are clipped"
        );
        LossCase.AssertLoss(Critic(theta), learner.CriticLoss);
        LossCase.AssertLoss(Policy(phi), learner.PolicyLoss);
        LossCase.AssertGradient(theta, Critic, critic.Flat(critic.Gradients));
        LossCase.AssertGradient(phi, Policy, actor.Flat(actor.Gradients));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Update_EverySecondOne_MovesThePolicyAndTheTargetsByTau(bool managed)
    {
        using ILearner learner = OffPolicyCases.Create("td3", managed, new(Quick: true));
        OffPolicyCases.Run(learner, 0, 22);
        MlpShape policy = learner.Policy.Network,
            critic = policy with { Inputs = policy.Inputs + policy.Outputs, Outputs = 1 };
        Assert.Equal(2, new Td3Options().PolicyDelay);
        int moved = 0;
        for (int i = 0; i < 6; i++)
        {
            (float[] actor, float[] critics, float[] actorTarget, float[] criticTargets) = Networks();
            learner.Update();
            (float[] newActor, float[] newCritics, float[] newActorTarget, float[] newCriticTargets) = Networks();
            Assert.NotEqual(critics, newCritics);
            if (learner.Updates % 2 == 0)
            {
                moved++;
                Assert.NotEqual(actor, newActor);
                Follows(actorTarget, newActor, newActorTarget);
                Follows(criticTargets, newCritics, newCriticTargets);
            }
            else
            {
                Assert.Equal(actor, newActor);
                Assert.Equal(actorTarget, newActorTarget);
                Assert.Equal(criticTargets, newCriticTargets);
            }
        }

        Assert.Equal(3, moved);

        (float[] Actor, float[] Critics, float[] ActorTarget, float[] CriticTargets) Networks() =>
            (
                LearnerProbe.Read(learner, "td3/policy/parameters", policy.ParameterCount),
                LearnerProbe.Read(learner, "td3/critics/parameters", 2 * critic.ParameterCount),
                LearnerProbe.Read(learner, "td3/targets/policy", policy.ParameterCount),
                LearnerProbe.Read(learner, "td3/targets/critics", 2 * critic.ParameterCount)
            );

        static void Follows(float[] before, float[] network, float[] after)
        {
            for (int i = 0; i < before.Length; i++)
            {
                Assert.Equal((0.1 * network[i]) + (0.9 * before[i]), after[i], 1e-6);
            }
        }
    }
}
