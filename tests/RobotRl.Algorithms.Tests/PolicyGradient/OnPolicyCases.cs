using RobotRl.Algorithms.PolicyGradient;
using RobotRl.Algorithms.Spaces;

namespace RobotRl.Algorithms.Tests.PolicyGradient;

/// <summary>The on-policy learners with small networks and short rollouts.</summary>
internal static class OnPolicyCases
{
    public static readonly string[] Names = ["ppo", "a2c", "reinforce", "batch-actor-critic"];

    public static ILearner Make(string name, int observationSize, ActionSpace actions, ulong seed, int steps = 64, double rate = 0.01, double discount = 0.9, bool normalise = false)
    {
        OnPolicyNetworkOptions network = new() { HiddenWidth = 16, NormaliseObservations = normalise };
        return name switch
        {
            "ppo" => new PpoLearner(
                observationSize, actions, new() { Network = network, StepsPerUpdate = steps, BatchSize = 32, Epochs = 4, LearningRate = rate, Discount = discount }, seed),
            "a2c" => new A2cLearner(
                observationSize, actions, new() { Network = network, StepsPerUpdate = steps / 4, LearningRate = rate, Discount = discount }, seed),
            "reinforce" => new ReinforceLearner(
                observationSize, actions, new() { Network = network, StepsPerUpdate = steps, LearningRate = rate, CriticLearningRate = rate, Discount = discount }, seed),
            _ => new BatchActorCriticLearner(
                observationSize, actions, new() { Network = network, StepsPerUpdate = steps, ActorLearningRate = rate, CriticLearningRate = rate, Discount = discount }, seed),
        };
    }
}
