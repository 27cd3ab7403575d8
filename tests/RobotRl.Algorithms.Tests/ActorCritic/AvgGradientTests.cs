using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Tests.OffPolicy;
using RobotRl.Algorithms.Torch;
using TorchSharp;
using static RobotRl.Algorithms.Tests.ActorCritic.LearnerProbe;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Tests.ActorCritic;

/// <summary>Gradients of both losses of AVG against TorchSharp's automatic differentiation in float64.</summary>
public sealed class AvgGradientTests
{
    private const double Eta = 0.2,
        Beta1 = 0.5;

    [Theory]
    [InlineData(6, 2, 12, 2, false)]
    [InlineData(6, 2, 12, 2, true)]
    [InlineData(17, 6, 64, 2, true)]
    [InlineData(5, 1, 7, 3, false)]
    [InlineData(11, 3, 33, 1, true)]
    [InlineData(1, 1, 5, 2, false)]
    [InlineData(23, 5, 101, 2, true)]
    public void Update_AnyShape_MovesAlongAutomaticDifferentiation(int observations, int actions, int width, int layers, bool gated)
    {
        using DisposeScope scope = NewDisposeScope();
        var options = new AvgOptions
        {
            HiddenWidth = width,
            HiddenLayers = layers,
            EntropyCoefficient = Eta,
            Beta1 = Beta1,
        };
        using var learner = new AvgLearner(observations, actions, options, 5);
        var state = new MemoryState();
        learner.Save(state);
        state.Change(n => n.EndsWith("/parameters", StringComparison.Ordinal), (p, drawn) => p + (0.1f * drawn));
        learner.Load(state);
        MlpShape actorShape = learner.Policy.Network,
            criticShape = actorShape with { Inputs = observations + actions, Outputs = 1 };
        Tensor actor = FlatMlp.Leaf(Read(learner, "actor/parameters", actorShape.ParameterCount)),
            critic = FlatMlp.Leaf(Read(learner, "critic/parameters", criticShape.ParameterCount));

        var random = new CounterRandom(8, RandomPurpose.Simulation);
        float[] drawn = Draw(random, actions),
            squashed = [.. drawn.Select(MathF.Tanh)],
            executed = gated ? [.. squashed.Select(a => (0.5f * a) - 0.1f)] : squashed;
        learner.Observe(
            new Transition
            {
                Observation = Draw(random, observations),
                Proposed = squashed,
                PreSquash = drawn,
                Executed = executed,
                NextObservation = Draw(random, observations),
                Reward = 0.7f,
                LogProbability = -0.4f,
                Learnable = true,
                Sequence = 0,
                End = EpisodeEnd.None,
            }
        );
        Tensor s = Gradients.Rows(Read(learner, "pending/observation", observations), observations),
            u = Gradients.Rows(drawn, actions);

        // Q(s, a~) - eta log pi(a~ | s), a~ = tanh(mu + sigma xi), xi held; and Q(s, a).
        Tensor outputs = FlatMlp.Forward(actor, actorShape, 0, s),
            mu = outputs.narrow(1, 0, actions),
            logStd = outputs.narrow(1, actions, actions);
        Assert.True(logStd.abs().max().Number() < 2, "log sigma would be clamped");
        Tensor xi = ((u - mu) / logStd.exp()).detach(),
            redrawn = mu.Plus(logStd.exp() * xi),
            action = redrawn.tanh();
        Tensor logProbability = (xi.Squared().Times(-0.5) - logStd - (-action.Squared()).Plus(1).log()).sum();
        Tensor policy = FlatMlp.Gradient(
            FlatMlp.Forward(critic.detach(), criticShape, 0, cat([s, action], 1)).sum() - logProbability.Times(Eta),
            actor
        );
        Tensor value = FlatMlp.Gradient(
            FlatMlp.Forward(critic, criticShape, 0, cat([s, Gradients.Rows(executed, actions)], 1)).sum(),
            critic
        );

        learner.Update();
        double delta = Metric(learner, "value/scaled_td_error");
        Assert.InRange(Math.Abs(delta), 1e-3, 1e3);
        // Adam's first moment after one step is (1 - beta1) times the gradient.
        Gradients.Near(policy.Times(1 - Beta1), Read(learner, "actor/adam/first", actorShape.ParameterCount));
        Gradients.Near(value.Times((1 - Beta1) * delta), Read(learner, "critic/adam/first", criticShape.ParameterCount));
    }

    private static float[] Draw(CounterRandom random, int count)
    {
        float[] values = new float[count];
        random.FillGaussian(values);
        return values;
    }
}
