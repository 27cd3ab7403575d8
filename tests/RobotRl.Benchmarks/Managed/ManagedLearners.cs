using RobotRl.Algorithms;
using RobotRl.Algorithms.CrossQ;
using RobotRl.Algorithms.Deterministic;
using RobotRl.Algorithms.Droq;
using RobotRl.Algorithms.Sac;
using RobotRl.Benchmarks.Sac;

namespace RobotRl.Benchmarks.Managed;

/// <summary>Every managed learner with replay, of <see cref="SacWork"/>'s sizes.</summary>
internal static class ManagedLearners
{
    public static (string Name, Func<ILearner> Create)[] All =>
        [
            ("sac", () => new ManagedSacLearner(new SacOptions { ReplayCapacity = 100_000 }, SacWork.Observations, SacWork.Actions, 1)),
            ("sac-v", () => new SacVLearner(new SacVOptions { ReplayCapacity = 100_000 }, SacWork.Observations, SacWork.Actions, 1)),
            ("td3", () => new ManagedTd3Learner(new Td3Options { ReplayCapacity = 100_000 }, SacWork.Observations, SacWork.Actions, 1)),
            ("droq", () => new ManagedDroqLearner(new DroqOptions { ReplayCapacity = 100_000 }, SacWork.Observations, SacWork.Actions, 1)),
            ("crossq", () =>
                new ManagedCrossQLearner(new CrossQOptions { ReplayCapacity = 100_000 }, SacWork.Observations, SacWork.Actions, 1)
            ),
        ];
}
