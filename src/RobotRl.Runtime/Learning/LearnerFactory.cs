using RobotRl.Algorithms;
using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Sac;
using RobotRl.Algorithms.Spaces;
using RobotRl.Algorithms.Torch;

namespace RobotRl.Runtime.Learning;

/// <summary>Makes the learner that the options name.</summary>
public static class LearnerFactory
{
    /// <summary>Whether the algorithm computes with libtorch.</summary>
    public static bool NeedsTorch(LearnerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Algorithm == "sac";
    }

    /// <summary>Why the algorithm cannot serve such actions, in one sentence; null where it can.</summary>
    public static string? Mismatch(LearnerOptions options, ActionSpace actions)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Algorithm == "sac" && actions is DiscreteActionSpace
            ? "Learner:Algorithm is \"sac\", which serves continuous actions; this task's are discrete. Set online-actor-critic or stream-actor-critic, or choose a continuous task."
            : null;
    }

    /// <summary>Makes a learner for observations of <paramref name="observationSize"/> and <paramref name="actions"/>; loads libtorch where it is needed.</summary>
    /// <exception cref="ArgumentException">The options are wrong, or the algorithm does not serve such actions; the message says what to change.</exception>
    /// <exception cref="TorchLibraryException">libtorch is missing or unfit.</exception>
    public static ILearner Create(LearnerOptions options, int observationSize, ActionSpace actions, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(actions);
        if (Mismatch(options, actions) is { } mismatch)
        {
            throw new ArgumentException(mismatch, nameof(options));
        }

        return options.Algorithm switch
        {
            "sac" => CreateSac(options, observationSize, actions, seed),
            "online-actor-critic" => new OnlineActorCriticLearner(observationSize, actions, options.OnlineActorCritic, seed),
            "stream-actor-critic" => new StreamActorCriticLearner(observationSize, actions, options.StreamActorCritic, seed),
            _ => throw new ArgumentException($"Learner:Algorithm is \"{options.Algorithm}\"; allowed: {string.Join(", ", LearnerOptions.Algorithms)}.", nameof(options)),
        };
    }

#if TORCH
    private static TorchSacLearner CreateSac(LearnerOptions options, int observationSize, ActionSpace actions, ulong seed) =>
        new(options.Sac, observationSize, actions.ActionSize, seed, TorchLibrary.Load(options.ToTorchOptions()).Device);
#else
    private static ILearner CreateSac(LearnerOptions options, int observationSize, ActionSpace actions, ulong seed) =>
        throw new TorchLibraryException("libtorch", "is not part of this build", "Build with -p:TorchBackend=cpu, or choose another Learner:Algorithm.");
#endif
}
