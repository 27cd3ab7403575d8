using RobotRl.Algorithms.CrossQ;
using RobotRl.Algorithms.Deterministic;
using RobotRl.Algorithms.Droq;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Sac;
using RobotRl.Algorithms.Torch;

namespace RobotRl.Algorithms.Tests.OffPolicy;

/// <summary>The off-policy learners that have a managed and a TorchSharp form, small, and a run of transitions to show them.</summary>
internal static class OffPolicyCases
{
    public const int Observations = 3,
        Actions = 2,
        Capacity = 64;

    static OffPolicyCases() => TorchThreads.Set(1);

    /// <summary>What the cases vary.</summary>
    /// <param name="Steps">n of the n-step return.</param>
    /// <param name="Normalise">Whether observations are normalised.</param>
    /// <param name="Width">Hidden width.</param>
    /// <param name="Discount">gamma.</param>
    /// <param name="RewardScale">Factor on rewards.</param>
    /// <param name="Quick">Larger step sizes.</param>
    public sealed record Settings(
        int Steps = 1,
        bool Normalise = false,
        int Width = 16,
        double Discount = 0.99,
        double RewardScale = 1,
        bool Quick = false
    );

    public static ILearner Create(string name, bool managed, Settings settings, ulong seed = 7, SimdWidth? width = null)
    {
        double rate = settings.Quick ? 3e-3 : 1e-3;
        SimdWidth simd = width ?? DenseVector.BestWidth;
        switch (name)
        {
            case "sac":
            case "sac-sde":
                var sac = new SacOptions
                {
                    HiddenWidth = settings.Width,
                    BatchSize = 8,
                    LearningStarts = 20,
                    ReplayCapacity = Capacity,
                    ActorLearningRate = rate,
                    CriticLearningRate = rate,
                    TemperatureLearningRate = rate,
                    StepsPerReturn = settings.Steps,
                    NormaliseObservations = settings.Normalise,
                    Discount = settings.Discount,
                    RewardScale = settings.RewardScale,
                    LearnTemperature = !settings.Quick,
                    InitialTemperature = settings.Quick ? 1e-6 : 1,
                    TargetRate = settings.Quick ? 0.05 : 0.005,
                    StateDependentExploration = name == "sac-sde",
                    SdeLogStd = -1,
                };
                return managed
                    ? new ManagedSacLearner(sac, Observations, Actions, seed, simd)
                    : new TorchSacLearner(sac, Observations, Actions, seed);
            case "sac-v":
                var sacV = new SacVOptions
                {
                    HiddenWidth = settings.Width,
                    BatchSize = 8,
                    LearningStarts = 20,
                    ReplayCapacity = Capacity,
                    ActorLearningRate = rate,
                    CriticLearningRate = rate,
                    ValueLearningRate = rate,
                    StepsPerReturn = settings.Steps,
                    NormaliseObservations = settings.Normalise,
                    Discount = settings.Discount,
                    RewardScale = settings.RewardScale,
                    Temperature = settings.Quick ? 1e-6 : 1,
                    TargetRate = settings.Quick ? 0.05 : 0.005,
                };
                return managed
                    ? new SacVLearner(sacV, Observations, Actions, seed, simd)
                    : throw new ArgumentOutOfRangeException(nameof(managed));
            case "td3":
                var td3 = new Td3Options
                {
                    HiddenWidth = settings.Width,
                    BatchSize = 8,
                    LearningStarts = 20,
                    ReplayCapacity = Capacity,
                    ActorLearningRate = rate,
                    CriticLearningRate = rate,
                    StepsPerReturn = settings.Steps,
                    NormaliseObservations = settings.Normalise,
                    Discount = settings.Discount,
                    RewardScale = settings.RewardScale,
                    TargetRate = settings.Quick ? 0.1 : 0.005,
                };
                return managed
                    ? new ManagedTd3Learner(td3, Observations, Actions, seed, simd)
                    : new TorchTd3Learner(td3, Observations, Actions, seed);
            case "ddpg":
                return new DdpgLearner(
                    new()
                    {
                        HiddenWidth = settings.Width,
                        BatchSize = 8,
                        LearningStarts = 20,
                        ReplayCapacity = Capacity,
                        ActorLearningRate = rate,
                        CriticLearningRate = rate,
                        StepsPerReturn = settings.Steps,
                        NormaliseObservations = settings.Normalise,
                        Discount = settings.Discount,
                        RewardScale = settings.RewardScale,
                        TargetRate = settings.Quick ? 0.05 : 0.005,
                    },
                    Observations,
                    Actions,
                    seed,
                    simd
                );
            case "dpg":
                return new DpgLearner(
                    new()
                    {
                        HiddenWidth = settings.Width,
                        BatchSize = 8,
                        LearningStarts = 20,
                        ReplayCapacity = Capacity,
                        ActorLearningRate = rate,
                        CriticLearningRate = rate,
                        StepsPerReturn = settings.Steps,
                        NormaliseObservations = settings.Normalise,
                        Discount = settings.Discount,
                        RewardScale = settings.RewardScale,
                    },
                    Observations,
                    Actions,
                    seed,
                    simd
                );
            case "droq":
                var droq = new DroqOptions
                {
                    HiddenWidth = settings.Width,
                    BatchSize = 8,
                    LearningStarts = 20,
                    ReplayCapacity = Capacity,
                    ActorLearningRate = rate,
                    CriticLearningRate = rate,
                    TemperatureLearningRate = rate,
                    StepsPerReturn = settings.Steps,
                    NormaliseObservations = settings.Normalise,
                    Discount = settings.Discount,
                    RewardScale = settings.RewardScale,
                    LearnTemperature = !settings.Quick,
                    InitialTemperature = settings.Quick ? 1e-6 : 1,
                    TargetRate = settings.Quick ? 0.05 : 0.005,
                    PolicyDelay = 4,
                    DropoutRate = 0.05,
                };
                return managed
                    ? new ManagedDroqLearner(droq, Observations, Actions, seed, simd)
                    : new TorchDroqLearner(droq, Observations, Actions, seed);
            case "crossq":
                var crossQ = new CrossQOptions
                {
                    HiddenWidth = settings.Width,
                    BatchSize = 8,
                    LearningStarts = 20,
                    ReplayCapacity = Capacity,
                    ActorLearningRate = rate,
                    CriticLearningRate = rate,
                    TemperatureLearningRate = rate,
                    StepsPerReturn = settings.Steps,
                    NormaliseObservations = settings.Normalise,
                    Discount = settings.Discount,
                    RewardScale = settings.RewardScale,
                    LearnTemperature = !settings.Quick,
                    InitialTemperature = settings.Quick ? 1e-6 : 1,
                    RenormWarmUp = 30,
                };
                return managed
                    ? new ManagedCrossQLearner(crossQ, Observations, Actions, seed, simd)
                    : new TorchCrossQLearner(crossQ, Observations, Actions, seed);
            default:
                throw new ArgumentOutOfRangeException(nameof(name));
        }
    }

    /// <summary>Shows transitions <paramref name="from"/> to <paramref name="to"/> and updates after each where it can.</summary>
    public static void Run(ILearner learner, long from, long to, float? proposed = null, float? executed = null)
    {
        for (long i = from; i < to; i++)
        {
            Show(i, (in Transition t) => learner.Observe(t), proposed, executed);
            if (learner.CanUpdate)
            {
                learner.Update();
            }
        }
    }

    /// <summary>Refills replay as a resume does.</summary>
    public static void Restore(ILearner learner, long end)
    {
        for (long i = end - learner.RestoreLength; i < end; i++)
        {
            Show(i, (in Transition t) => learner.Restore(t));
        }
    }

    public static ILearner Trained(
        string name,
        bool managed,
        Settings settings,
        int steps,
        ulong seed = 7,
        float? proposed = null,
        float? executed = null
    )
    {
        ILearner learner = Create(name, managed, settings, seed);
        Run(learner, 0, steps, proposed, executed);
        return learner;
    }

    public static MemoryState Saved(ILearner learner)
    {
        var state = new MemoryState();
        learner.Save(state);
        return state;
    }

    public delegate void Shown(in Transition transition);

    /// <summary>Transition <paramref name="index"/> of the run.</summary>
    public static void Show(long index, Shown shown, float? proposed = null, float? executed = null)
    {
        var random = new CounterRandom(77, (ulong)index);
        float[] observation = new float[Observations],
            next = new float[Observations],
            action = new float[Actions];
        random.FillGaussian(observation);
        random.FillGaussian(next);
        action[0] = MathF.Tanh(random.NextGaussian());
        action[1] = executed ?? 0.2f;
        shown(
            new()
            {
                Observation = observation,
                Proposed = [action[0], proposed ?? 0.2f],
                Executed = action,
                NextObservation = next,
                Reward = random.NextGaussian(),
                End =
                    index % 11 == 10 ? EpisodeEnd.Terminated
                    : index % 17 == 16 ? EpisodeEnd.Truncated
                    : EpisodeEnd.None,
                Learnable = index % 13 != 12,
                Sequence = index,
            }
        );
    }
}
