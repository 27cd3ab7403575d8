using RobotRl.Algorithms.Replay;
using static RobotRl.Algorithms.Replay.OffPolicyChecks;

namespace RobotRl.Algorithms.Sac;

/// <summary>
/// Settings of SAC with a V network (<see cref="SacVLearner"/>). "Table 1" and "table 2" are those of arXiv 1801.01290, appendix
/// D.
/// </summary>
public sealed record SacVOptions : IOffPolicyOptions
{
    /// <summary>Width of each hidden layer, in every network. Default 256 (table 1).</summary>
    public int HiddenWidth { get; set; } = 256;

    /// <summary>Hidden layers in every network. Default 2 (table 1).</summary>
    public int HiddenLayers { get; set; } = 2;

    /// <summary>Step size of the actor's Adam. Default 3e-4 (table 1).</summary>
    public double ActorLearningRate { get; set; } = 3e-4;

    /// <summary>Step size of the Q networks' Adam. Default 3e-4 (table 1).</summary>
    public double CriticLearningRate { get; set; } = 3e-4;

    /// <summary>Step size of the V network's Adam. Default 3e-4 (table 1).</summary>
    public double ValueLearningRate { get; set; } = 3e-4;

    /// <summary>Samples per minibatch. Default 256 (table 1).</summary>
    public int BatchSize { get; set; } = 256;

    /// <summary>gamma. Default 0.99 (table 1).</summary>
    public double Discount { get; set; } = 0.99;

    /// <summary>tau, the weight of the new V network in its target's average. Default 0.005 (table 1).</summary>
    public double TargetRate { get; set; } = 0.005;

    /// <summary>
    /// alpha, the weight of a nat of entropy in units of the scaled reward; it is not learned. Default 0.2: the paper has alpha = 1 and
    /// rewards times 5 for most robots (table 2), which is the same.
    /// </summary>
    public double Temperature { get; set; } = 0.2;

    /// <summary>
    /// Transitions gathered with uniformly drawn actions before the first update. Default 100 (SB3's SAC; the paper does not
    /// say).
    /// </summary>
    public int LearningStarts { get; set; } = 100;

    /// <summary>Transitions kept. Default 1,000,000 (table 1).</summary>
    public int ReplayCapacity { get; set; } = 1_000_000;

    /// <summary>Updates per transition (UTD). Default 1 (table 1, gradient steps).</summary>
    public double UpdatesPerTransition { get; set; } = 1.0;

    /// <summary>n of the n-step return. Default 1 (the paper's eq. 8).</summary>
    public int StepsPerReturn { get; set; } = 1;

    /// <summary>
    /// Factor on rewards inside the learner; values are reported without it. Default 1: <see cref="Temperature"/> does the same
    /// work.
    /// </summary>
    public double RewardScale { get; set; } = 1.0;

    /// <summary>Whether observations are normalised by their running mean and deviation. Default false (the paper does not).</summary>
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
                    AboveZero($"{path}:ValueLearningRate", ValueLearningRate, 1, "Set it near 0.0003."),
                    Common(this, path),
                    AboveZero($"{path}:TargetRate", TargetRate, 1, "Set it near 0.005."),
                    AboveZero($"{path}:Temperature", Temperature, 1000, "Set it near 0.2, or lower where the policy stays too random."),
                    AboveZero($"{path}:RewardScale", RewardScale, 1e6, "Set it to 1, or to bring discounted returns near 1 to 100."),
                ]
        ).SelectMany(p => p);
}
