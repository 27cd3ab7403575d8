using RobotRl.Algorithms.Replay;
using static RobotRl.Algorithms.Replay.OffPolicyChecks;

namespace RobotRl.Algorithms.Sac;

/// <summary>
/// Settings of SAC with twin Q and learned temperature (<c>ManagedSacLearner</c>, <c>TorchSacLearner</c>,
/// <c>DiscreteSacLearner</c>). "SB3" is Stable-Baselines3 2.x, class SAC.
/// </summary>
public sealed record SacOptions : IOffPolicyOptions
{
    /// <summary>Width of each hidden layer, in the actor and in both critics. Default 256 (SB3; arXiv 1812.05905 table 1).</summary>
    public int HiddenWidth { get; set; } = 256;

    /// <summary>Hidden layers in the actor and in both critics. Default 2 (SB3; arXiv 1812.05905 table 1).</summary>
    public int HiddenLayers { get; set; } = 2;

    /// <summary>Step size of the actor's Adam. Default 3e-4 (SB3; table 1).</summary>
    public double ActorLearningRate { get; set; } = 3e-4;

    /// <summary>Step size of the critics' Adam. Default 3e-4 (SB3; table 1).</summary>
    public double CriticLearningRate { get; set; } = 3e-4;

    /// <summary>Step size of the temperature's Adam. Default 3e-4 (SB3; table 1).</summary>
    public double TemperatureLearningRate { get; set; } = 3e-4;

    /// <summary>Samples per minibatch. Default 256 (SB3; table 1).</summary>
    public int BatchSize { get; set; } = 256;

    /// <summary>gamma. Default 0.99 (SB3; table 1).</summary>
    public double Discount { get; set; } = 0.99;

    /// <summary>tau, the weight of the new critics in the target average. Default 0.005 (SB3; table 1).</summary>
    public double TargetRate { get; set; } = 0.005;

    /// <summary>alpha at the start, or throughout where <see cref="LearnTemperature"/> is off. Default 1 (SB3, "auto").</summary>
    public double InitialTemperature { get; set; } = 1.0;

    /// <summary>Whether alpha is learned. Default true (SB3; arXiv 1812.05905 section 5).</summary>
    public bool LearnTemperature { get; set; } = true;

    /// <summary>
    /// Entropy that the temperature holds the policy to, in nats; null for -(action dimensions) (SB3; table 1), or 0.98 log n for
    /// n discrete choices (arXiv 1910.07207).
    /// </summary>
    public double? TargetEntropy { get; set; }

    /// <summary>Transitions gathered with uniformly drawn actions before the first update. Default 100 (SB3).</summary>
    public int LearningStarts { get; set; } = 100;

    /// <summary>Transitions kept. Default 1,000,000 (SB3; table 1).</summary>
    public int ReplayCapacity { get; set; } = 1_000_000;

    /// <summary>Updates per transition (UTD). Default 1 (SB3's train_freq = gradient_steps = 1; table 1).</summary>
    public double UpdatesPerTransition { get; set; } = 1.0;

    /// <summary>n of the n-step return. Default 1 (SB3; table 1).</summary>
    public int StepsPerReturn { get; set; } = 1;

    /// <summary>
    /// Factor on rewards inside the learner; values are reported without it. With a learned temperature it changes only how
    /// large the critics' numbers are: near 1 they learn soonest. Default 1 (table 1).
    /// </summary>
    public double RewardScale { get; set; } = 1.0;

    /// <summary>
    /// Whether observations are normalised by their running mean and deviation. Default false (SB3 without VecNormalize).
    /// </summary>
    public bool NormaliseObservations { get; set; }

    /// <summary>
    /// Whether exploration is gSDE (arXiv 2005.05719): noise from the policy's last hidden layer times a matrix that is held for several
    /// actions, smooth enough for gears. Default false (SB3, use_sde).
    /// </summary>
    public bool StateDependentExploration { get; set; }

    /// <summary>
    /// Actions after which the exploration matrix is drawn anew; 0 for once an episode. Default 0 (SB3's sde_sample_freq -1, once
    /// a rollout).
    /// </summary>
    public int SdeSampleFrequency { get; set; }

    /// <summary>log sigma of the exploration matrix at the start. Default -3 (SB3, class SAC, log_std_init).</summary>
    public double SdeLogStd { get; set; } = -3.0;

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
                    AboveZero($"{path}:InitialTemperature", InitialTemperature, 1000, "Set it to a positive number, such as 1."),
                    Within($"{path}:TargetEntropy", TargetEntropy ?? 0, -1e4, 1e4, "Leave it out for -(action dimensions)."),
                    AboveZero($"{path}:RewardScale", RewardScale, 1e6, "Set it to 1, or to bring discounted returns near 1 to 100."),
                    Within(
                        $"{path}:SdeSampleFrequency",
                        SdeSampleFrequency,
                        0,
                        1_000_000,
                        "Set it to 0 for once an episode, or to a number of actions such as 8."
                    ),
                    Within($"{path}:SdeLogStd", SdeLogStd, -10, 2, "Set it near -3."),
                ]
        ).SelectMany(p => p);
}
