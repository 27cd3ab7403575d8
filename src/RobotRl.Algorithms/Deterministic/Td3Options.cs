using RobotRl.Algorithms.Replay;
using static RobotRl.Algorithms.Replay.OffPolicyChecks;

namespace RobotRl.Algorithms.Deterministic;

/// <summary>
/// Settings of TD3 (<c>ManagedTd3Learner</c>, <c>TorchTd3Learner</c>). "Authors" is the published program of arXiv 1802.09477
/// (sfujim/TD3); "SB3" is Stable-Baselines3 2.x, class TD3.
/// </summary>
public sealed record Td3Options : IOffPolicyOptions
{
    /// <summary>Width of each hidden layer, in the actor and in both critics. Default 256 (authors).</summary>
    public int HiddenWidth { get; set; } = 256;

    /// <summary>Hidden layers in the actor and in both critics. Default 2 (authors).</summary>
    public int HiddenLayers { get; set; } = 2;

    /// <summary>Step size of the actor's Adam. Default 3e-4 (authors).</summary>
    public double ActorLearningRate { get; set; } = 3e-4;

    /// <summary>Step size of the critics' Adam. Default 3e-4 (authors).</summary>
    public double CriticLearningRate { get; set; } = 3e-4;

    /// <summary>Samples per minibatch. Default 256 (authors).</summary>
    public int BatchSize { get; set; } = 256;

    /// <summary>gamma. Default 0.99 (authors).</summary>
    public double Discount { get; set; } = 0.99;

    /// <summary>tau, the weight of the new critics in the target average. Default 0.005 (authors).</summary>
    public double TargetRate { get; set; } = 0.005;

    /// <summary>
    /// Standard deviation of the noise on the target policy's actions, in units of half the action range. Default 0.2 (arXiv
    /// 1802.09477 section 6.1).
    /// </summary>
    public double TargetNoise { get; set; } = 0.2;

    /// <summary>Largest noise on the target policy's actions. Default 0.5 (section 6.1).</summary>
    public double TargetNoiseClip { get; set; } = 0.5;

    /// <summary>Critic updates for each update of policy and targets. Default 2 (section 6.1).</summary>
    public int PolicyDelay { get; set; } = 2;

    /// <summary>Standard deviation of the exploration noise, sigma of the Ornstein-Uhlenbeck process. Default 0.1 (section 6.1).</summary>
    public double ExplorationNoise { get; set; } = 0.1;

    /// <summary>Which noise is added to the policy's actions. Default Gaussian (section 6.1).</summary>
    public ExplorationKind Exploration { get; set; }

    /// <summary>theta of the Ornstein-Uhlenbeck process. Default 0.15 (arXiv 1509.02971 section 7).</summary>
    public double NoiseReversion { get; set; } = 0.15;

    /// <summary>dt of the Ornstein-Uhlenbeck process. Default 1 (arXiv 1509.02971 knows none; SB3 has 0.01: slower by as much).</summary>
    public double NoiseTimeStep { get; set; } = 1.0;

    /// <summary>
    /// Transitions gathered with uniformly drawn actions before the first update. Default 100 (SB3; the authors have 25,000).
    /// </summary>
    public int LearningStarts { get; set; } = 100;

    /// <summary>Transitions kept. Default 1,000,000 (authors).</summary>
    public int ReplayCapacity { get; set; } = 1_000_000;

    /// <summary>Updates per transition (UTD). Default 1 (authors).</summary>
    public double UpdatesPerTransition { get; set; } = 1.0;

    /// <summary>n of the n-step return. Default 1 (authors).</summary>
    public int StepsPerReturn { get; set; } = 1;

    /// <summary>
    /// Factor on rewards inside the learner; values are reported without it. Default 1 (authors).
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
                    Common(this, path),
                    AboveZero($"{path}:TargetRate", TargetRate, 1, "Set it near 0.005."),
                    Within($"{path}:TargetNoise", TargetNoise, 0, 2, "Set it near 0.2."),
                    Within($"{path}:TargetNoiseClip", TargetNoiseClip, 0, 2, "Set it near 0.5."),
                    Within($"{path}:PolicyDelay", PolicyDelay, 1, 1000, "Set it to a whole number, such as 2."),
                    Within($"{path}:ExplorationNoise", ExplorationNoise, 0, 2, "Set it near 0.1."),
                    AboveZero($"{path}:RewardScale", RewardScale, 1e6, "Set it to 1, or to bring discounted returns near 1 to 100."),
                ]
        )
            .SelectMany(p => p)
            .Concat(Deterministic.Exploration.Validate(path, Exploration, NoiseReversion, NoiseTimeStep));
}
