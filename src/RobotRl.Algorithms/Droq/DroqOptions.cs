using RobotRl.Algorithms.Replay;
using static RobotRl.Algorithms.Replay.OffPolicyChecks;

namespace RobotRl.Algorithms.Droq;

/// <summary>
/// Settings of DroQ (<c>ManagedDroqLearner</c>, <c>TorchDroqLearner</c>); "paper" is arXiv 2110.02034, "authors" its published
/// program (TakuyaHiraoka/Dropout-Q-Functions-for-Doubly-Efficient-Reinforcement-Learning), "SB3" Stable-Baselines3 2.x, class
/// SAC.
/// </summary>
public sealed record DroqOptions : IOffPolicyOptions
{
    /// <summary>Width of each hidden layer, in the actor and in both critics. Default 256 (authors).</summary>
    public int HiddenWidth { get; set; } = 256;

    /// <summary>Hidden layers in the actor and in both critics. Default 2 (authors).</summary>
    public int HiddenLayers { get; set; } = 2;

    /// <summary>Step size of the actor's Adam. Default 3e-4 (authors).</summary>
    public double ActorLearningRate { get; set; } = 3e-4;

    /// <summary>Step size of the critics' Adam. Default 3e-4 (authors).</summary>
    public double CriticLearningRate { get; set; } = 3e-4;

    /// <summary>Step size of the temperature's Adam. Default 3e-4 (authors).</summary>
    public double TemperatureLearningRate { get; set; } = 3e-4;

    /// <summary>Samples per minibatch. Default 256 (authors).</summary>
    public int BatchSize { get; set; } = 256;

    /// <summary>gamma. Default 0.99 (authors).</summary>
    public double Discount { get; set; } = 0.99;

    /// <summary>tau, the weight of the new critics in the target average. Default 0.005 (authors).</summary>
    public double TargetRate { get; set; } = 0.005;

    /// <summary>alpha at the start, or throughout where <see cref="LearnTemperature"/> is off. Default 1 (SB3, "auto").</summary>
    public double InitialTemperature { get; set; } = 1.0;

    /// <summary>Whether alpha is learned. Default true (authors).</summary>
    public bool LearnTemperature { get; set; } = true;

    /// <summary>
    /// Entropy that the temperature holds the policy to, in nats; null for -(action dimensions) (SB3, as for SAC). The authors
    /// set it for each task: -1 for Hopper, -3 for Walker2d, -4 for Ant, -2 for Humanoid.
    /// </summary>
    public double? TargetEntropy { get; set; }

    /// <summary>
    /// Probability that a hidden unit of a critic is dropped. Default 0.01 (authors, all four tasks in their own code base;
    /// 0.0001 to 0.1, by task, in REDQ's: worth trying).
    /// </summary>
    public double DropoutRate { get; set; } = 0.01;

    /// <summary>
    /// Critic updates for each update of policy and temperature. Default 20: once a transition (paper, algorithm 2; authors).
    /// </summary>
    public int PolicyDelay { get; set; } = 20;

    /// <summary>
    /// Transitions gathered with uniformly drawn actions before the first update. Default 100 (SB3; the authors take 5,000).
    /// </summary>
    public int LearningStarts { get; set; } = 100;

    /// <summary>Transitions kept. Default 1,000,000 (authors).</summary>
    public int ReplayCapacity { get; set; } = 1_000_000;

    /// <summary>Updates per transition (UTD). Default 20 (authors).</summary>
    public double UpdatesPerTransition { get; set; } = 20.0;

    /// <summary>n of the n-step return. Default 1 (authors).</summary>
    public int StepsPerReturn { get; set; } = 1;

    /// <summary>
    /// Factor on rewards inside the learner; values are reported without it. With a learned temperature it changes only how
    /// large the critics' numbers are: near 1 they learn soonest. Default 1 (authors: rewards as they are).
    /// </summary>
    public double RewardScale { get; set; } = 1.0;

    /// <summary>
    /// Whether observations are normalised by their running mean and deviation. Default false (SB3 without VecNormalize).
    /// </summary>
    public bool NormaliseObservations { get; set; }

    /// <summary>
    /// All that is wrong with these settings, as sentences that name the key under <paramref name="path"/>; none where they are
    /// fine.
    /// </summary>
    public IEnumerable<string> Validate(string path) =>
        (
            (IEnumerable<string>[])
                [
                    Network(path, HiddenWidth, HiddenLayers),
                    AboveZero($"{path}:ActorLearningRate", ActorLearningRate, 1, "Set it near 0.0003."),
                    AboveZero($"{path}:CriticLearningRate", CriticLearningRate, 1, "Set it near 0.0003."),
                    AboveZero($"{path}:TemperatureLearningRate", TemperatureLearningRate, 1, "Set it near 0.0003."),
                    Common(this, path),
                    AboveZero($"{path}:TargetRate", TargetRate, 1, "Set it near 0.005."),
                    AboveZero($"{path}:InitialTemperature", InitialTemperature, 1000, "Set it to a positive number, such as 20."),
                    Within($"{path}:TargetEntropy", TargetEntropy ?? 0, -1e4, 1e4, "Leave it out for -(action dimensions)."),
                    Within($"{path}:DropoutRate", DropoutRate, 0, 0.9, "Set it near 0.01."),
                    Within($"{path}:PolicyDelay", PolicyDelay, 1, 1000, "Set it to UpdatesPerTransition, such as 20."),
                    AboveZero($"{path}:RewardScale", RewardScale, 1e6, "Set it to 1, or to bring discounted returns near 1 to 100."),
                ]
        ).SelectMany(p => p);
}
