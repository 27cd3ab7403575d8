using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;
using RobotRl.Algorithms.Tests.OffPolicy;
using RobotRl.Algorithms.Torch;
using TorchSharp;
using static RobotRl.Algorithms.Tests.ActorCritic.LearnerProbe;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Tests.ActorCritic;

/// <summary>
/// Traces of stream AC(lambda) over several updates against sums of gradients by TorchSharp's automatic differentiation in
/// float64.
/// </summary>
public sealed class StreamActorCriticGradientTests
{
    private const double Entropy = 0.05,
        Decay = 0.99 * 0.8;

    [Theory]
    [InlineData(6, 2, 12, 2, false, false)]
    [InlineData(6, 3, 12, 2, true, false)]
    [InlineData(17, 6, 64, 2, false, false)]
    [InlineData(17, 6, 64, 2, false, true)]
    [InlineData(5, 1, 7, 3, false, false)]
    [InlineData(11, 4, 33, 1, true, true)]
    [InlineData(1, 2, 5, 2, true, false)]
    [InlineData(23, 5, 101, 2, true, true)]
    public void Update_AnyShape_TracesAreSumsOfAutomaticDifferentiation(
        int observations,
        int actions,
        int width,
        int layers,
        bool discrete,
        bool shared
    )
    {
        using DisposeScope scope = NewDisposeScope();
        var options = new StreamActorCriticOptions
        {
            HiddenWidth = width,
            HiddenLayers = layers,
            SharedTrunk = shared,
            EntropyCoefficient = Entropy,
        };
        ActionSpace space = discrete ? new DiscreteActionSpace(actions) : new ContinuousActionSpace(actions);
        using var learner = new StreamActorCriticLearner(observations, space, options, 5);
        MlpShape policy = learner.Policy.Network,
            actorShape = shared ? policy with { Outputs = policy.Outputs + 1 } : policy;
        MlpShape criticShape = shared ? actorShape : policy with { Outputs = 1 };
        var state = new MemoryState();
        learner.Save(state);
        state.Change(n => n.EndsWith("/parameters", StringComparison.Ordinal), (p, drawn) => p + (0.1f * drawn));
        learner.Load(state);
        Tensor actorTrace = zeros(actorShape.ParameterCount, ScalarType.Float64),
            criticTrace = zeros(criticShape.ParameterCount, ScalarType.Float64);
        var random = new CounterRandom(8, RandomPurpose.Simulation);
        float[] observation = Draw(random, observations);
        for (int t = 0; t < 5; t++)
        {
            float[] sample = discrete ? [random.NextInt32(actions)] : Draw(random, actions),
                next = Draw(random, observations);
            learner.Observe(
                new Transition
                {
                    Observation = observation,
                    Proposed = sample,
                    PreSquash = sample,
                    Executed = sample,
                    NextObservation = next,
                    Reward = Draw(random, 1)[0],
                    End = EpisodeEnd.None,
                    Learnable = true,
                    Sequence = t,
                }
            );
            Tensor actor = FlatMlp.Leaf(Read(learner, "actor/parameters", actorShape.ParameterCount)),
                critic = FlatMlp.Leaf(Read(learner, "critic/parameters", criticShape.ParameterCount));
            Tensor s = Gradients.Rows(Read(learner, "pending/observation", observations), observations);
            Tensor outputs = FlatMlp.Forward(actor, actorShape, 0, s).narrow(1, 0, policy.Outputs),
                value = FlatMlp.Forward(critic, criticShape, 0, s).narrow(1, criticShape.Outputs - 1, 1);
            (Tensor logProbability, Tensor entropy) = discrete
                ? Categorical(outputs, (int)sample[0])
                : Gaussian(outputs, Gradients.Rows(sample, actions));

            learner.Update();
            int sign = Math.Sign(Metric(learner, "value/td_error"));
            actorTrace = actorTrace.Times(Decay).Plus(FlatMlp.Gradient(logProbability.Plus(entropy.Times(Entropy * sign)), actor));
            criticTrace = criticTrace.Times(Decay).Plus(FlatMlp.Gradient(value.sum(), critic));
            Gradients.Near(actorTrace, Read(learner, "actor/trace", actorShape.ParameterCount));
            Gradients.Near(criticTrace, Read(learner, "critic/trace", criticShape.ParameterCount));
            observation = next;
        }
    }

    private static (Tensor LogProbability, Tensor Entropy) Categorical(Tensor logits, int choice)
    {
        Tensor log = nn.functional.log_softmax(logits, 1);
        return (log.narrow(1, choice, 1).sum(), -(log.exp() * log).sum());
    }

    /// <summary>N(mu, softplus(rho)^2).</summary>
    private static (Tensor LogProbability, Tensor Entropy) Gaussian(Tensor outputs, Tensor sample)
    {
        long size = sample.shape[1];
        Tensor deviation = outputs.narrow(1, size, size).Softplus(),
            distance = (sample - outputs.narrow(1, 0, size)) / deviation;
        return ((distance.Squared().Times(-0.5) - deviation.log()).sum(), deviation.log().sum());
    }

    private static float[] Draw(CounterRandom random, int count)
    {
        float[] values = new float[count];
        random.FillGaussian(values);
        return values;
    }
}
