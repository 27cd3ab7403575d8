using System.Text.Json;
using RobotRl.Runtime.Tasks;

namespace RobotRl.Runtime.Configuration;

/// <summary>
/// Settings with which a built-in task is learned best: they lie between the built-in defaults (the papers') and everything
/// that the user says. A task without an entry, and every task of the user's own, starts from the defaults.
/// </summary>
internal static class RecommendedSettings
{
    private const string DefaultAlgorithm = "sac";

    /// <summary>
    /// Ours: the best of those tried with the benchmark sac-pendulum (table in the benchmarks' README). RL Baselines3 Zoo has the
    /// learning rate 1e-3 for SAC on Pendulum-v1.
    /// </summary>
    private static readonly (string Key, string Value)[] s_pendulumSac =
    [
        ("Learner:Sac:HiddenWidth", "64"),
        ("Learner:Sac:ActorLearningRate", "0.0007"),
        ("Learner:Sac:CriticLearningRate", "0.0007"),
        ("Learner:Sac:TemperatureLearningRate", "0.0007"),
        ("Learner:Sac:Discount", "0.995"),
        ("Learner:Sac:UpdatesPerTransition", "2"),
        ("Learner:Sac:RewardScale", "0.1"),
    ];

    /// <summary>Ours: SAC's for this task; alpha about where SAC's learned one ends.</summary>
    private static readonly (string Key, string Value)[] s_pendulumSacV =
    [
        ("Learner:SacV:HiddenWidth", "64"),
        ("Learner:SacV:ActorLearningRate", "0.001"),
        ("Learner:SacV:CriticLearningRate", "0.001"),
        ("Learner:SacV:ValueLearningRate", "0.001"),
        ("Learner:SacV:Discount", "0.99"),
        ("Learner:SacV:UpdatesPerTransition", "2"),
        ("Learner:SacV:RewardScale", "0.1"),
        ("Learner:SacV:Temperature", "0.02"),
    ];

    /// <summary>
    /// Ours: small networks, and a target entropy that leaves the policy room to choose (the default, 0.98 log 2, holds it near
    /// chance).
    /// </summary>
    private static readonly (string Key, string Value)[] s_cartPoleSac =
    [
        ("Learner:Sac:HiddenWidth", "64"),
        ("Learner:Sac:BatchSize", "128"),
        ("Learner:Sac:ActorLearningRate", "0.001"),
        ("Learner:Sac:CriticLearningRate", "0.001"),
        ("Learner:Sac:TemperatureLearningRate", "0.001"),
        ("Learner:Sac:TargetEntropy", "0.2"),
        ("Learner:Sac:RewardScale", "0.1"),
    ];

    /// <summary>
    /// Ours: SAC's for this task, as far as TD3 has them, and noise that goes on in one direction for some steps, which swings a
    /// pendulum further than independent noise. RL Baselines3 Zoo has the learning rate 1e-3, gamma 0.98 and N(0, 0.1).
    /// </summary>
    private static readonly (string Key, string Value)[] s_pendulumTd3 =
    [
        ("Learner:Td3:HiddenWidth", "64"),
        ("Learner:Td3:ActorLearningRate", "0.0007"),
        ("Learner:Td3:CriticLearningRate", "0.0007"),
        ("Learner:Td3:Discount", "0.995"),
        ("Learner:Td3:Exploration", "OrnsteinUhlenbeck"),
        ("Learner:Td3:ExplorationNoise", "0.3"),
        ("Learner:Td3:UpdatesPerTransition", "2"),
        ("Learner:Td3:RewardScale", "0.1"),
        ("Learner:Td3:LearningStarts", "500"),
    ];

    /// <summary>
    /// RL Baselines3 Zoo's for DDPG and TD3 (noise N(0, 0.1), gamma 0.98, step size 1e-3), with SB3's batch and target rate, and
    /// a width for a robot's CPU.
    /// </summary>
    private static readonly (string Key, string Value)[] s_pendulumDdpg =
    [
        ("Learner:Ddpg:HiddenWidth", "64"),
        ("Learner:Ddpg:ActorLearningRate", "0.001"),
        ("Learner:Ddpg:CriticLearningRate", "0.001"),
        ("Learner:Ddpg:BatchSize", "256"),
        ("Learner:Ddpg:TargetRate", "0.005"),
        ("Learner:Ddpg:Exploration", "Gaussian"),
        ("Learner:Ddpg:ExplorationNoise", "0.1"),
        ("Learner:Ddpg:Discount", "0.98"),
        ("Learner:Ddpg:UpdatesPerTransition", "2"),
        ("Learner:Ddpg:RewardScale", "0.1"),
        ("Learner:Ddpg:LearningStarts", "500"),
    ];

    /// <summary>
    /// RL Baselines3 Zoo's for SAC on MountainCarContinuous-v0: gSDE drawn anew every 32 steps (its train_freq), a fixed temperature, two
    /// layers of 64, no uniform actions. It learns 32 times after each 32 steps, we once after each.
    /// </summary>
    private static readonly (string Key, string Value)[] s_mountainCarSac =
    [
        ("Learner:Sac:HiddenWidth", "64"),
        ("Learner:Sac:BatchSize", "512"),
        ("Learner:Sac:InitialTemperature", "0.1"),
        ("Learner:Sac:LearnTemperature", "false"),
        ("Learner:Sac:LearningStarts", "1"),
        ("Learner:Sac:Discount", "0.9999"),
        ("Learner:Sac:TargetRate", "0.01"),
        ("Learner:Sac:ReplayCapacity", "50000"),
        ("Learner:Sac:StateDependentExploration", "true"),
        ("Learner:Sac:SdeSampleFrequency", "32"),
        ("Learner:Sac:SdeLogStd", "-3.67"),
    ];

    /// <summary>
    /// RL Baselines3 Zoo's noise for TD3 on MountainCarContinuous-v0 (Ornstein-Uhlenbeck, 0.5), with the DDPG paper's time step
    /// of 1: at the
    /// car's own period of 73 steps it has 26 times the power of SB3's 0.01 (sigma^2 dt / (theta^2 dt^2 + omega^2)), and rocks the car from
    /// the first episodes on. SB3's step size; layers of 64 for a robot's CPU.
    /// </summary>
    private static readonly (string Key, string Value)[] s_mountainCarTd3 =
    [
        ("Learner:Td3:HiddenWidth", "64"),
        ("Learner:Td3:ActorLearningRate", "0.001"),
        ("Learner:Td3:CriticLearningRate", "0.001"),
        ("Learner:Td3:Exploration", "OrnsteinUhlenbeck"),
        ("Learner:Td3:ExplorationNoise", "0.5"),
    ];

    /// <summary>
    /// As TD3's, which RL Baselines3 Zoo has for DDPG too, with SB3's batch and target rate, and the actor's step size of the
    /// DDPG paper (section 7): with 1e-3 one seed of two ended at full force in one direction.
    /// </summary>
    private static readonly (string Key, string Value)[] s_mountainCarDdpg =
    [
        .. s_mountainCarTd3.Select(s => (s.Key.Replace(":Td3:", ":Ddpg:", StringComparison.Ordinal), s.Value)),
        ("Learner:Ddpg:ActorLearningRate", "0.0001"),
        ("Learner:Ddpg:BatchSize", "256"),
        ("Learner:Ddpg:TargetRate", "0.005"),
    ];

    /// <summary>Ours: SAC's for this task.</summary>
    private static readonly (string Key, string Value)[] s_pendulumDroq =
    [
        ("Learner:Droq:HiddenWidth", "64"),
        ("Learner:Droq:ActorLearningRate", "0.0007"),
        ("Learner:Droq:CriticLearningRate", "0.0007"),
        ("Learner:Droq:TemperatureLearningRate", "0.0007"),
        ("Learner:Droq:Discount", "0.995"),
        ("Learner:Droq:RewardScale", "0.1"),
    ];

    /// <summary>
    /// Ours: SAC's for this task, with CrossQ's own step size. Four updates a transition by the benchmark managed-learning: after
    /// 5,000 steps
    /// -147.2 over 5 seeds, against -150.5 with two (-149.5 with gamma 0.995, about -150 with layers of 128).
    /// </summary>
    private static readonly (string Key, string Value)[] s_pendulumCrossQ =
    [
        ("Learner:CrossQ:HiddenWidth", "64"),
        ("Learner:CrossQ:Discount", "0.98"),
        ("Learner:CrossQ:UpdatesPerTransition", "4"),
        ("Learner:CrossQ:RewardScale", "0.1"),
    ];

    /// <summary>
    /// Ours, by the benchmark ladder-cart-pole: with a constant step one seed of five fell to 137 by 100,000 steps; with the
    /// decay none.
    /// </summary>
    private static readonly (string Key, string Value)[] s_cartPoleOnline = [("Learner:OnlineActorCritic:StepDecay:Steps", "100000")];

    /// <summary>
    /// Ours, from RL Baselines3 Zoo's PPO on Pendulum-v1 (learning rate 1e-3, 1024 steps a rollout): gamma 0.95 for its 0.9 ended
    /// at -155 after 100,000
    /// steps, against -236 (2 seeds, benchmark ladder-pendulum). With a constant step one seed of five falls back late: hence the decay.
    /// </summary>
    private static readonly (string Key, string Value)[] s_pendulumPpo =
    [
        ("Learner:Ppo:StepsPerUpdate", "1024"),
        ("Learner:Ppo:LearningRate", "0.001"),
        ("Learner:Ppo:StepDecay:Steps", "100000"),
        ("Learner:Ppo:Discount", "0.95"),
        ("Learner:Ppo:Network:NormaliseReturns", "true"),
    ];

    /// <summary>
    /// Ours, by the benchmark ladder-mountain-car: a matrix of gSDE held for a whole episode rocks the car where noise of single
    /// steps does not, and sigma is
    /// wider than RL Baselines3 Zoo's e^-3.29 (with its 8 steps a rollout one of two seeds fell back to -81).
    /// </summary>
    private static readonly (string Key, string Value)[] s_mountainCarPpo =
    [
        ("Learner:Ppo:StepsPerUpdate", "1024"),
        ("Learner:Ppo:StepDecay:Steps", "100000"),
        ("Learner:Ppo:Discount", "0.999"),
        ("Learner:Ppo:Network:StateDependentExploration", "true"),
        ("Learner:Ppo:Network:SdeLogStd", "-1"),
        ("Learner:Ppo:Network:NormaliseObservations", "true"),
        ("Learner:Ppo:Network:NormaliseReturns", "true"),
    ];

    /// <summary>Ours: PPO's for the pendulum, as far as TRPO has them.</summary>
    private static readonly (string Key, string Value)[] s_pendulumTrpo =
    [
        ("Learner:Trpo:StepsPerUpdate", "1024"),
        ("Learner:Trpo:StepDecay:Steps", "100000"),
        ("Learner:Trpo:Discount", "0.95"),
        ("Learner:Trpo:Network:NormaliseReturns", "true"),
    ];

    /// <summary>
    /// Ours, from RL Baselines3 Zoo's A2C on Pendulum-v0 (eight environments of 8 steps, learning rate 7e-4 falling linearly,
    /// returns normalised), with gamma
    /// 0.95, lambda 0.8 for its 0.9 (-163.4 for -167.0), and without its normalised observations, with which nothing was learned
    /// in the first quarter (benchmark ladder-pendulum).
    /// </summary>
    private static readonly (string Key, string Value)[] s_pendulumA2c =
    [
        ("Learner:A2c:StepsPerUpdate", "64"),
        ("Learner:A2c:StepDecay:Steps", "1000000"),
        ("Learner:A2c:Discount", "0.95"),
        ("Learner:A2c:Lambda", "0.8"),
        ("Learner:A2c:Network:NormaliseReturns", "true"),
    ];

    /// <summary>
    /// Ours, by the benchmark streaming-pendulum (tried: gamma 0.9 to 0.99, policy's kappa 3 to 20): with the paper's one setting
    /// the policy
    /// still swings between -160 and -600 after 200,000 steps; smaller steps of the policy and a shorter horizon settle it.
    /// </summary>
    private static readonly (string Key, string Value)[] s_pendulumStream =
    [
        ("Learner:StreamActorCritic:HiddenWidth", "64"),
        ("Learner:StreamActorCritic:Discount", "0.97"),
        ("Learner:StreamActorCritic:PolicyKappa", "10"),
    ];

    /// <summary>
    /// Ours, by the benchmark streaming-pendulum: the published step sizes are HalfCheetah's; the authors take actor steps of
    /// 3e-6 to 4e-4 for
    /// most other tasks, and gamma 0.95 for such short ones. Values must stay small, for features have length one: hence the
    /// reward's scale.
    /// </summary>
    private static readonly (string Key, string Value)[] s_pendulumAvg =
    [
        ("Learner:Avg:HiddenWidth", "64"),
        ("Learner:Avg:ActorLearningRate", "0.00003"),
        ("Learner:Avg:CriticLearningRate", "0.001"),
        ("Learner:Avg:Discount", "0.95"),
        ("Learner:Avg:EntropyCoefficient", "0.005"),
        ("Learner:Avg:RewardScale", "0.1"),
    ];

    /// <summary>
    /// Ours, by trials on the emulated rig: those of the pendulum with the horizon of 2 s that 0.99 is at 50 Hz (0.995 ended in standing
    /// still within the motor's dead-band), and episodes that go on where the last one ended (waiting for rest cost a third of the
    /// robot's time).
    /// </summary>
    private static readonly (string Key, string Value)[] s_rigSac =
    [
        .. s_pendulumSac,
        ("Learner:Sac:Discount", "0.99"),
        ("Task:Reset", "None"),
    ];

    /// <summary>
    /// Ours, by trials on the six-servo arm (benchmark reach): the distance itself is the reward, so that what an action is good
    /// for shows within two or three
    /// tenths of a second. A discount of 0.6 at a tenth of its 100 Hz sees no further; with 0.95 at 20 Hz the return is a hundred
    /// times what one action
    /// changes, the critic's error hides it, and 0 to 2% of the episodes ended at the target after 20,000 steps. Rewards of some
    /// hundredths need a small temperature.
    /// </summary>
    private static readonly (string Key, string Value)[] s_reachSac =
    [
        ("Loop:PolicyDivisor", "10"),
        ("Task:Reach:EpisodeSteps", "20"),
        ("Learner:Sac:HiddenWidth", "64"),
        ("Learner:Sac:ActorLearningRate", "0.0007"),
        ("Learner:Sac:CriticLearningRate", "0.0007"),
        ("Learner:Sac:TemperatureLearningRate", "0.0007"),
        ("Learner:Sac:InitialTemperature", "0.1"),
        ("Learner:Sac:Discount", "0.6"),
        ("Learner:Sac:UpdatesPerTransition", "4"),
        ("Learner:Sac:RewardScale", "10"),
    ];

    /// <summary>
    /// The settings for the task and algorithm that <paramref name="settings"/> (later over earlier) come to; empty where there
    /// are none.
    /// </summary>
    public static IEnumerable<Setting> For(IReadOnlyList<Setting> settings)
    {
        var defaults = new RobotRlOptions();
        string robot = Last("Robot:Name") ?? defaults.Robot.Name;
        string? task = Last("Task:Name") ?? ControlTasks.DefaultFor(robot);
        string algorithm = Last("Learner:Algorithm") ?? DefaultAlgorithm;
        return (task, algorithm) switch
        {
            (PendulumTask.TaskName, "sac") => From(s_pendulumSac, task),
            (PendulumTask.TaskName, "sac-v") => From(s_pendulumSacV, task),
            (CartPoleTask.TaskName, "sac") => From(s_cartPoleSac, task),
            (CartPoleTask.TaskName, "online-actor-critic") => From(s_cartPoleOnline, task),
            (PendulumTask.TaskName, "td3") => From(s_pendulumTd3, task),
            (PendulumTask.TaskName, "ddpg") => From(s_pendulumDdpg, task),
            (MountainCarTask.TaskName, "sac") => From(s_mountainCarSac, task),
            (MountainCarTask.TaskName, "td3") => From(s_mountainCarTd3, task),
            (MountainCarTask.TaskName, "ddpg") => From(s_mountainCarDdpg, task),
            (PendulumTask.TaskName, "droq") => From(s_pendulumDroq, task),
            (PendulumTask.TaskName, "crossq") => From(s_pendulumCrossQ, task),
            (PendulumTask.TaskName, "ppo") => From(s_pendulumPpo, task),
            (MountainCarTask.TaskName, "ppo") => From(s_mountainCarPpo, task),
            (PendulumTask.TaskName, "trpo") => From(s_pendulumTrpo, task),
            (PendulumTask.TaskName, "a2c") => From(s_pendulumA2c, task),
            (ReachTask.TaskName, "sac") => From(s_reachSac, task),
            (PendulumTask.TaskName, "stream-actor-critic") => From(s_pendulumStream, task),
            (PendulumTask.TaskName, "avg") => From(s_pendulumAvg, task),
            (RigSwingUpTask.TaskName, "sac") => From(s_rigSac, task),
            _ => [],
        };
        static IEnumerable<Setting> From((string Key, string Value)[] settings, string what) =>
            settings.Select(s => new Setting(s.Key, s.Value, JsonValueKind.Undefined, $"recommended for {what}"));

        string? Last(string key) => settings.LastOrDefault(s => string.Equals(s.Path, key, StringComparison.OrdinalIgnoreCase))?.Text;
    }
}
