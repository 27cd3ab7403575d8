using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Networks;

namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>The networks of an on-policy learner, and what they are shown.</summary>
public sealed record OnPolicyNetworkOptions
{
    /// <summary>Width of each hidden layer. Default 64, as in SB3's MlpPolicy for PPO and A2C.</summary>
    public int HiddenWidth { get; set; } = 64;

    /// <summary>Number of hidden layers. Default 2, as in SB3's MlpPolicy.</summary>
    public int HiddenLayers { get; set; } = 2;

    /// <summary>Non-linearity of the hidden layers. Default Tanh, as in SB3's MlpPolicy.</summary>
    public Activation Activation { get; set; } = Activation.Tanh;

    /// <summary>One trunk with two heads instead of two networks. Default false.</summary>
    public bool SharedTrunk { get; set; }

    /// <summary>
    /// Running normalisation of observations; it changes between updates only. Default false: the simulated tasks' observations
    /// are of order 1.
    /// </summary>
    public bool NormaliseObservations { get; set; }

    /// <summary>
    /// Rewards divided by the running standard deviation of their discounted sum, so that values are of order 1 whatever the task
    /// pays (as SB3's
    /// VecNormalize with norm_reward, without its clipping). Default false.
    /// </summary>
    public bool NormaliseReturns { get; set; }

    /// <summary>
    /// Exploration by gSDE (arXiv 2005.05719), smooth enough for gears: noise from the policy's last hidden layer times a matrix
    /// that is held for several
    /// actions; actions are squashed by tanh. PPO and A2C. Default false, SB3's use_sde.
    /// </summary>
    public bool StateDependentExploration { get; set; }

    /// <summary>
    /// Actions after which the exploration matrix is drawn anew; 0 for once an episode. Default 0 (SB3's sde_sample_freq -1, once
    /// a rollout).
    /// </summary>
    public int SdeSampleFrequency { get; set; }

    /// <summary>
    /// log sigma of the exploration matrix at the start. Default -2, which RL Baselines3 Zoo gives PPO with gSDE on the PyBullet
    /// tasks.
    /// </summary>
    public double SdeLogStd { get; set; } = -2;

    /// <summary>Every problem with these settings.</summary>
    /// <param name="path">Path of this record in the options file.</param>
    /// <param name="explores">Whether the learner serves gSDE.</param>
    internal IEnumerable<string> Validate(string path, bool explores = false)
    {
        string?[] problems =
        [
            Numbers.OutOfRange(path, nameof(HiddenWidth), HiddenWidth, 1, 4096, "Set it to 64, or to a power of two near it."),
            Numbers.OutOfRange(path, nameof(HiddenLayers), HiddenLayers, 1, 8, "Set it to 2."),
            StateDependentExploration && !explores
                ? $"{path}:{nameof(StateDependentExploration)} is true; allowed: false. Of the on-policy learners, ppo and a2c serve it."
                : null,
            Numbers.OutOfRange(
                path,
                nameof(SdeSampleFrequency),
                SdeSampleFrequency,
                0,
                1_000_000,
                "Set it to 0 for once an episode, or to a number of actions such as 8."
            ),
            Numbers.OutOfRange(path, nameof(SdeLogStd), SdeLogStd, -10, 2, "Set it near -2."),
            Enum.IsDefined(Activation)
                ? null
                : $"{path}:{nameof(Activation)} is {Activation}; allowed: {string.Join(", ", Enum.GetNames<Activation>())}.",
        ];
        return problems.OfType<string>();
    }
}
