using RobotRl.Algorithms.Replay;
using static RobotRl.Algorithms.Replay.OffPolicyChecks;

namespace RobotRl.Algorithms.CrossQ;

/// <summary>
/// Settings of CrossQ (<c>ManagedCrossQLearner</c>, <c>TorchCrossQLearner</c>); "paper" is arXiv 1902.05605v4 (ICLR 2024),
/// "authors" its published program (adityab/CrossQ).
/// </summary>
public sealed record CrossQOptions : IOffPolicyOptions
{
    /// <summary>
    /// Width of each hidden layer, in the actor and in both critics. Default 256: the authors' actor; their critics of 2048 would
    /// cost a robot's CPU sixty times as much.
    /// </summary>
    public int HiddenWidth { get; set; } = 256;

    /// <summary>Hidden layers in the actor and in both critics. Default 2 (authors).</summary>
    public int HiddenLayers { get; set; } = 2;

    /// <summary>Step size of the actor's Adam. Default 1e-3 (authors).</summary>
    public double ActorLearningRate { get; set; } = 1e-3;

    /// <summary>Step size of the critics' Adam. Default 1e-3 (authors).</summary>
    public double CriticLearningRate { get; set; } = 1e-3;

    /// <summary>Step size of the temperature's Adam. Default 1e-3 (authors).</summary>
    public double TemperatureLearningRate { get; set; } = 1e-3;

    /// <summary>Samples per minibatch. Default 256 (authors).</summary>
    public int BatchSize { get; set; } = 256;

    /// <summary>gamma. Default 0.99 (authors; 0.9999 for Swimmer).</summary>
    public double Discount { get; set; } = 0.99;

    /// <summary>alpha at the start, or throughout where <see cref="LearnTemperature"/> is off. Default 1 (SB3).</summary>
    public double InitialTemperature { get; set; } = 1.0;

    /// <summary>Whether alpha is learned. Default true (SB3).</summary>
    public bool LearnTemperature { get; set; } = true;

    /// <summary>Entropy that the temperature holds the policy to, in nats; null for -(action dimensions) (authors).</summary>
    public double? TargetEntropy { get; set; }

    /// <summary>beta1 of every Adam. Default 0.5 (authors, for actor and critics; they leave the temperature's at 0.9).</summary>
    public double AdamBeta1 { get; set; } = 0.5;

    /// <summary>Weight of the past in the running mean and variance of the batch renormalisation. Default 0.99 (authors).</summary>
    public double RenormMomentum { get; set; } = 0.99;

    /// <summary>Updates during which the renormalisation is a plain batch normalisation. Default 100,000 (authors).</summary>
    public int RenormWarmUp { get; set; } = 100_000;

    /// <summary>Critic updates for each update of policy and temperature. Default 3 (authors).</summary>
    public int PolicyDelay { get; set; } = 3;

    /// <summary>
    /// Transitions gathered with uniformly drawn actions before the first update. Default 100 (SB3; the authors take 5,000).
    /// </summary>
    public int LearningStarts { get; set; } = 100;

    /// <summary>Transitions kept. Default 1,000,000 (authors).</summary>
    public int ReplayCapacity { get; set; } = 1_000_000;

    /// <summary>Updates per transition (UTD). Default 1 (paper).</summary>
    public double UpdatesPerTransition { get; set; } = 1.0;

    /// <summary>n of the n-step return. Default 1 (authors).</summary>
    public int StepsPerReturn { get; set; } = 1;

    /// <summary>
    /// Factor on rewards inside the learner; values are reported without it. With a learned temperature it changes only how
    /// large the critics' numbers are: near 1 they learn soonest. Default 1 (authors: rewards as they are).
    /// </summary>
    public double RewardScale { get; set; } = 1.0;

    /// <summary>Whether observations are normalised by their running mean and deviation. Default false (SB3).</summary>
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
                    AboveZero($"{path}:ActorLearningRate", ActorLearningRate, 1, "Set it near 0.001."),
                    AboveZero($"{path}:CriticLearningRate", CriticLearningRate, 1, "Set it near 0.001."),
                    AboveZero($"{path}:TemperatureLearningRate", TemperatureLearningRate, 1, "Set it near 0.001."),
                    Common(this, path, smallestBatch: 2),
                    AboveZero($"{path}:InitialTemperature", InitialTemperature, 1000, "Set it to a positive number, such as 1."),
                    Within($"{path}:TargetEntropy", TargetEntropy ?? 0, -1e4, 1e4, "Leave it out for -(action dimensions)."),
                    Within($"{path}:AdamBeta1", AdamBeta1, 0, 0.999, "Set it near 0.5."),
                    Within($"{path}:RenormMomentum", RenormMomentum, 0, 0.99999, "Set it near 0.99."),
                    Within($"{path}:RenormWarmUp", RenormWarmUp, 0, int.MaxValue, "Set it to a number of updates, such as 100000."),
                    Within($"{path}:PolicyDelay", PolicyDelay, 1, 1000, "Set it to a whole number, such as 3."),
                    AboveZero($"{path}:RewardScale", RewardScale, 1e6, "Set it to 1, or to bring discounted returns near 1 to 100."),
                ]
        ).SelectMany(p => p);
}
