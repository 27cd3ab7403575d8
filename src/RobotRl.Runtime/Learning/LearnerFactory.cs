using RobotRl.Algorithms;
using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.CrossQ;
using RobotRl.Algorithms.Deterministic;
using RobotRl.Algorithms.Droq;
using RobotRl.Algorithms.PolicyGradient;
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
        return LearnerBackends.Both.Contains(options.Algorithm) && LearnerBackends.Choose(options) == LearnerBackend.Torch;
    }

    /// <summary>Why the algorithm cannot serve such actions, in one sentence; null where it can.</summary>
    public static string? Mismatch(LearnerOptions options, ActionSpace actions)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options is { Algorithm: "sac", Backend: "torch" } && actions is DiscreteActionSpace)
        {
            return "Learner:Backend is \"torch\", and SAC on discrete actions has a managed form only; this task's actions are "
                + "discrete. Set Learner:Backend to managed or auto.";
        }

        if (actions is DiscreteActionSpace && GsdeKey(options) is { } key)
        {
            return $"{key} is true, which is for continuous actions; this task's are discrete. Set it to false.";
        }

        return options.Algorithm is "td3" or "ddpg" or "dpg" or "droq" or "crossq" or "sac-v" or "avg" && actions is DiscreteActionSpace
            ? $"Learner:Algorithm is \"{options.Algorithm}\", which serves continuous actions; this task's are discrete. Set "
                + $"sac, ppo, a2c, a3c, npg, trpo, reinforce, batch-actor-critic, online-actor-critic, stream-actor-critic or "
                + $"off-pac, or choose a continuous task."
            : null;
    }

    /// <summary>The key of gSDE where it is switched on, else null.</summary>
    private static string? GsdeKey(LearnerOptions options) =>
        options switch
        {
            { Algorithm: "sac", Sac.StateDependentExploration: true } => "Learner:Sac:StateDependentExploration",
            { Algorithm: "ppo", Ppo.Network.StateDependentExploration: true } => "Learner:Ppo:Network:StateDependentExploration",
            { Algorithm: "a2c", A2c.Network.StateDependentExploration: true } => "Learner:A2c:Network:StateDependentExploration",
            _ => null,
        };

    /// <summary>
    /// Why n-step returns do not fit episodes of at most <paramref name="episodeSteps"/> (0: no limit), in one sentence; null
    /// where they do.
    /// </summary>
    public static string? LongReturn(LearnerOptions options, int episodeSteps)
    {
        ArgumentNullException.ThrowIfNull(options);
        (string section, int steps) = options.Algorithm switch
        {
            "sac" => ("Sac", options.Sac.StepsPerReturn),
            "sac-v" => ("SacV", options.SacV.StepsPerReturn),
            "td3" => ("Td3", options.Td3.StepsPerReturn),
            "ddpg" => ("Ddpg", options.Ddpg.StepsPerReturn),
            "dpg" => ("Dpg", options.Dpg.StepsPerReturn),
            "droq" => ("Droq", options.Droq.StepsPerReturn),
            "crossq" => ("CrossQ", options.CrossQ.StepsPerReturn),
            _ => ("", 0),
        };
        return episodeSteps > 0 && steps > episodeSteps
            ? $"Learner:{section}:StepsPerReturn is {steps}, longer than an episode of this task, which ends after "
                + $"{episodeSteps} steps. Set it to {episodeSteps} or less."
            : null;
    }

    /// <summary>
    /// That a run of <paramref name="steps"/> (0: no end) ends before the first update of an on-policy learner, in one sentence;
    /// null where it does not. No error: a run may be made in pieces.
    /// </summary>
    public static string? LongRollout(LearnerOptions options, long steps)
    {
        ArgumentNullException.ThrowIfNull(options);
        (string section, int rollout) = options.Algorithm switch
        {
            "ppo" => ("Ppo", options.Ppo.StepsPerUpdate),
            "a2c" => ("A2c", options.A2c.StepsPerUpdate),
            "a3c" => ("A3c", options.A3c.StepsPerUpdate),
            "npg" => ("Npg", options.Npg.StepsPerUpdate),
            "trpo" => ("Trpo", options.Trpo.StepsPerUpdate),
            "reinforce" => ("Reinforce", options.Reinforce.StepsPerUpdate),
            "batch-actor-critic" => ("BatchActorCritic", options.BatchActorCritic.StepsPerUpdate),
            _ => ("", 0),
        };
        return steps > 0 && rollout > steps
            ? $"Learner:{section}:StepsPerUpdate is {rollout}, more than Run:Steps ({steps}): this run ends before its first "
                + $"update. Lower the one, or raise the other."
            : null;
    }

    /// <summary>
    /// Makes a learner for observations of <paramref name="observationSize"/> and <paramref name="actions"/>; loads libtorch
    /// where it is needed.
    /// </summary>
    /// <exception cref="ArgumentException">The options are wrong, or the algorithm does not serve such actions; the message says
    /// what to change.</exception>
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
            "sac" when actions is DiscreteActionSpace choices => new DiscreteSacLearner(options.Sac, observationSize, choices, seed),
            "sac-v" => new SacVLearner(options.SacV, observationSize, actions.ActionSize, seed),
            "sac" or "td3" or "droq" or "crossq" when LearnerBackends.Choose(options) == LearnerBackend.Torch => CreateTorch(
                options,
                observationSize,
                actions.ActionSize,
                seed
            ),
            "sac" => new ManagedSacLearner(options.Sac, observationSize, actions.ActionSize, seed),
            "td3" => new ManagedTd3Learner(options.Td3, observationSize, actions.ActionSize, seed),
            "ddpg" => new DdpgLearner(options.Ddpg, observationSize, actions.ActionSize, seed),
            "dpg" => new DpgLearner(options.Dpg, observationSize, actions.ActionSize, seed),
            "droq" => new ManagedDroqLearner(options.Droq, observationSize, actions.ActionSize, seed),
            "crossq" => new ManagedCrossQLearner(options.CrossQ, observationSize, actions.ActionSize, seed),
            "online-actor-critic" => new OnlineActorCriticLearner(observationSize, actions, options.OnlineActorCritic, seed),
            "avg" => new AvgLearner(observationSize, actions.ActionSize, options.Avg, seed),
            "stream-actor-critic" => new StreamActorCriticLearner(observationSize, actions, options.StreamActorCritic, seed),
            "off-pac" => new OffPacLearner(observationSize, actions, options.OffPac, seed),
            "ppo" => new PpoLearner(observationSize, actions, options.Ppo, seed),
            "a2c" => new A2cLearner(observationSize, actions, options.A2c, seed),
            "reinforce" => new ReinforceLearner(observationSize, actions, options.Reinforce, seed),
            "a3c" => new A3cLearner(new A3cShared(observationSize, actions, options.A3c, seed)),
            "npg" => new NpgLearner(observationSize, actions, options.Npg, seed),
            "trpo" => new TrpoLearner(observationSize, actions, options.Trpo, seed),
            "batch-actor-critic" => new BatchActorCriticLearner(observationSize, actions, options.BatchActorCritic, seed),
            _ => throw new ArgumentException(
                $"Learner:Algorithm is \"{options.Algorithm}\"; allowed: {string.Join(", ", LearnerOptions.Algorithms)}.",
                nameof(options)
            ),
        };
    }

    /// <summary>The TorchSharp form of an algorithm that has both.</summary>
    private static ILearner CreateTorch(LearnerOptions options, int observationSize, int actionSize, ulong seed)
    {
#if TORCH
        string device = TorchLibrary.Load(options.ToTorchOptions()).Device;
        return options.Algorithm switch
        {
            "sac" => new TorchSacLearner(options.Sac, observationSize, actionSize, seed, device),
            "td3" => new TorchTd3Learner(options.Td3, observationSize, actionSize, seed, device),
            "droq" => new TorchDroqLearner(options.Droq, observationSize, actionSize, seed, device),
            _ => new TorchCrossQLearner(options.CrossQ, observationSize, actionSize, seed, device),
        };
#else
        throw new TorchLibraryException(
            "libtorch",
            "is not part of this build",
            "Set Learner:Backend to managed, or build with -p:TorchBackend=cpu or cuda."
        );
#endif
    }
}
