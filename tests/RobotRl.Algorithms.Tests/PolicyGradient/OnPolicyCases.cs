using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.PolicyGradient;
using RobotRl.Algorithms.Spaces;

namespace RobotRl.Algorithms.Tests.PolicyGradient;

/// <summary>The on-policy learners with small networks and short rollouts.</summary>
internal static class OnPolicyCases
{
    public static readonly string[] Names = ["ppo", "a2c", "a3c", "npg", "trpo", "reinforce", "batch-actor-critic"];

    public static ILearner Make(
        string name,
        int observationSize,
        ActionSpace actions,
        ulong seed,
        int steps = 64,
        double rate = 0.01,
        double discount = 0.9,
        bool normalise = false,
        bool normaliseReturns = false
    )
    {
        // Falls all through the tests' rollouts, so that a resumed learner must know how far it had come.
        StepDecayOptions decay = new() { Steps = 20_000, Final = 0.5 };
        OnPolicyNetworkOptions network = new()
        {
            HiddenWidth = 16,
            NormaliseObservations = normalise,
            NormaliseReturns = normaliseReturns,
        };
        return name switch
        {
            "ppo" => new PpoLearner(
                observationSize,
                actions,
                new()
                {
                    Network = network,
                    StepsPerUpdate = steps,
                    StepDecay = decay,
                    BatchSize = 32,
                    Epochs = 4,
                    LearningRate = rate,
                    Discount = discount,
                },
                seed
            ),
            "a2c" => new A2cLearner(
                observationSize,
                actions,
                new()
                {
                    Network = network,
                    StepDecay = decay,
                    StepsPerUpdate = steps / 4,
                    LearningRate = rate,
                    Discount = discount,
                },
                seed
            ),
            "a3c" => new A3cLearner(
                new A3cShared(
                    observationSize,
                    actions,
                    new()
                    {
                        Network = network with { NormaliseObservations = false, NormaliseReturns = false },
                        StepsPerUpdate = steps / 4,
                        LearningRate = rate,
                        Discount = discount,
                    },
                    seed
                )
            ),
            "npg" => new NpgLearner(
                observationSize,
                actions,
                new()
                {
                    Network = network,
                    StepsPerUpdate = steps,
                    StepDecay = decay,
                    StepKl = rate,
                    CriticBatchSize = 32,
                    CriticLearningRate = rate,
                    Discount = discount,
                },
                seed
            ),
            "trpo" => new TrpoLearner(
                observationSize,
                actions,
                new()
                {
                    Network = network,
                    StepsPerUpdate = steps,
                    StepDecay = decay,
                    MaxKl = rate,
                    CriticBatchSize = 32,
                    CriticLearningRate = rate,
                    Discount = discount,
                },
                seed
            ),
            "reinforce" => new ReinforceLearner(
                observationSize,
                actions,
                new()
                {
                    Network = network,
                    StepsPerUpdate = steps,
                    LearningRate = rate,
                    CriticLearningRate = rate,
                    Discount = discount,
                },
                seed
            ),
            _ => new BatchActorCriticLearner(
                observationSize,
                actions,
                new()
                {
                    Network = network,
                    StepsPerUpdate = steps,
                    ActorLearningRate = rate,
                    CriticLearningRate = rate,
                    Discount = discount,
                },
                seed
            ),
        };
    }
}
