using RobotRl.Algorithms.Replay;

namespace RobotRl.Algorithms.Deterministic;

/// <summary>Settings of DDPG (<c>DdpgLearner</c>). "Paper" is arXiv 1509.02971v6, "SB3" Stable-Baselines3 2.x, class DDPG.</summary>
public sealed record DdpgOptions : IOffPolicyOptions
{
    /// <summary>Width of each hidden layer, in actor and critic. Default 256: ours, as the other learners (paper 400 and 300).</summary>
    public int HiddenWidth { get; set; } = 256;

    /// <summary>Hidden layers in actor and critic. Default 2 (paper, section 7).</summary>
    public int HiddenLayers { get; set; } = 2;

    /// <summary>Step size of the actor's Adam. Default 1e-4 (paper, section 7).</summary>
    public double ActorLearningRate { get; set; } = 1e-4;

    /// <summary>Step size of the critic's Adam. Default 1e-3 (paper, section 7).</summary>
    public double CriticLearningRate { get; set; } = 1e-3;

    /// <summary>Samples per minibatch. Default 64 (paper, section 7).</summary>
    public int BatchSize { get; set; } = 64;

    /// <summary>gamma. Default 0.99 (paper, section 7).</summary>
    public double Discount { get; set; } = 0.99;

    /// <summary>tau, the weight of the new networks in the target average. Default 0.001 (paper, section 7).</summary>
    public double TargetRate { get; set; } = 0.001;

    /// <summary>
    /// Standard deviation of the exploration noise, sigma of the Ornstein-Uhlenbeck process, in units of half the action range.
    /// Default 0.2 (paper, section 7).
    /// </summary>
    public double ExplorationNoise { get; set; } = 0.2;

    /// <summary>Which noise is added to the policy's actions. Default OrnsteinUhlenbeck (paper, section 7).</summary>
    public ExplorationKind Exploration { get; set; } = ExplorationKind.OrnsteinUhlenbeck;

    /// <summary>theta of the Ornstein-Uhlenbeck process. Default 0.15 (arXiv 1509.02971 section 7).</summary>
    public double NoiseReversion { get; set; } = 0.15;

    /// <summary>dt of the Ornstein-Uhlenbeck process. Default 1 (arXiv 1509.02971 knows none; SB3 has 0.01: slower by as much).</summary>
    public double NoiseTimeStep { get; set; } = 1.0;

    /// <summary>Transitions gathered with uniformly drawn actions before the first update. Default 100 (SB3).</summary>
    public int LearningStarts { get; set; } = 100;

    /// <summary>Transitions kept. Default 1,000,000 (paper, section 7).</summary>
    public int ReplayCapacity { get; set; } = 1_000_000;

    /// <summary>Updates per transition (UTD). Default 1 (paper, algorithm 1).</summary>
    public double UpdatesPerTransition { get; set; } = 1.0;

    /// <summary>n of the n-step return. Default 1 (paper).</summary>
    public int StepsPerReturn { get; set; } = 1;

    /// <summary>Factor on rewards inside the learner; values are reported without it. Default 1 (paper).</summary>
    public double RewardScale { get; set; } = 1.0;

    /// <summary>
    /// Whether observations are normalised by their running mean and deviation. Default false (paper, appendix: batch
    /// normalisation instead, which this form leaves out).
    /// </summary>
    public bool NormaliseObservations { get; set; }

    /// <summary>
    /// All that is wrong with these settings, as sentences that name the key under <paramref name="path"/>; none where they are
    /// fine.
    /// </summary>
    public IEnumerable<string> Validate(string path) =>
        OffPolicyChecks
            .Network(path, HiddenWidth, HiddenLayers)
            .Concat(OffPolicyChecks.Common(this, path))
            .Concat(OffPolicyChecks.AboveZero($"{path}:ActorLearningRate", ActorLearningRate, 1, "Set it near 0.0001."))
            .Concat(OffPolicyChecks.AboveZero($"{path}:CriticLearningRate", CriticLearningRate, 1, "Set it near 0.001."))
            .Concat(OffPolicyChecks.AboveZero($"{path}:TargetRate", TargetRate, 1, "Set it near 0.001."))
            .Concat(
                OffPolicyChecks.AboveZero(
                    $"{path}:RewardScale",
                    RewardScale,
                    1e6,
                    "Set it to 1, or to bring discounted returns near 1 to 100."
                )
            )
            .Concat(OffPolicyChecks.Within($"{path}:ExplorationNoise", ExplorationNoise, 0, 2, "Set it near 0.2."))
            .Concat(Deterministic.Exploration.Validate(path, Exploration, NoiseReversion, NoiseTimeStep));
}
