using RobotRl.Algorithms;
using RobotRl.Algorithms.Sac;
using RobotRl.Algorithms.Spaces;

namespace RobotRl.Runtime.Learning;

/// <summary>Makes the learner that the options name.</summary>
public static class LearnerFactory
{
    /// <summary>Makes a learner for observations of <paramref name="observationSize"/> and <paramref name="actions"/>.</summary>
    /// <exception cref="ArgumentException">The options are wrong, or the algorithm does not serve this kind of action; the message says what to change.</exception>
    public static ILearner Create(LearnerOptions options, int observationSize, ActionSpace actions, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Algorithm switch
        {
            "sac" when actions is ContinuousActionSpace => new TorchSacLearner(options.Sac, observationSize, actions.ActionSize, seed),
            _ => throw new ArgumentException($"Learner:Algorithm is \"{options.Algorithm}\"", nameof(options)),
        };
    }
}
