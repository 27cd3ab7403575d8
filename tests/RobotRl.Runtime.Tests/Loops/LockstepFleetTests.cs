using RobotRl.Algorithms.PolicyGradient;
using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Admission;
using RobotRl.Runtime.Learning;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Safety;
using RobotRl.Runtime.Tasks;
using RobotRl.Sim.Robots.CartPole;

namespace RobotRl.Runtime.Tests.Loops;

/// <summary>Several simulated robots whose A3C workers share one block of parameters.</summary>
public sealed class LockstepFleetTests
{
    [Fact]
    public void Step_OfWorkersInTurn_IsDeterministic_AndEachLearnsOnTheSharedBlock()
    {
        float[] Run()
        {
            using var fleet = new Workers(3);
            for (int tick = 0; tick < 400; tick++)
            {
                Assert.True(fleet.Fleet.Step() < FailsafeAction.ControlledStop);
            }

            Assert.All(fleet.Parts, p => Assert.Equal(400, p.Loop.Status.Steps));

            // A rollout is 20 steps; the one that the older policy still makes while the update runs is left out, where the
            // rollout did not end with an episode.
            Assert.All(fleet.Parts, p => Assert.InRange(p.Learner!.Status.Updates, 19, 20));
            Assert.All(fleet.Parts, p => Assert.InRange(p.Learner!.Status.StaleSteps, 12, 19));
            return fleet.Shared.Parameters.ToArray();
        }

        float[] first = Run();
        Assert.Equal(first, Run());
        using var fresh = new Workers(3);
        Assert.NotEqual(first, fresh.Shared.Parameters.ToArray());
    }

    [Fact]
    public void Constructor_WithoutALoop_Says() => Assert.Throws<ArgumentException>(() => new LockstepFleet([]));

    private sealed class Workers : IDisposable
    {
        private readonly List<CartPoleRobot> _robots = [];
        private readonly List<A3cLearner> _learners = [];

        public Workers(int count)
        {
            var options = new LearnerOptions { Algorithm = "a3c" };
            var first = new CartPoleTask();
            Shared = new A3cShared(first.ObservationNames.Length, first.Actions, options.A3c, 5);
            for (int i = 0; i < count; i++)
            {
                _robots.Add(new CartPoleRobot());
                _learners.Add(new A3cLearner(Shared));
                var settings = new RunSettings(
                    new LoopOptions(),
                    new SafetyOptions(),
                    new FailsafeOptions(),
                    options,
                    new AdmissionOptions(),
                    (ulong)i
                );
                Parts.Add(
                    new RunParts(
                        _robots[i],
                        new CartPoleTask(),
                        _learners[i],
                        _learners[i].Policy,
                        settings,
                        journal: null,
                        episodeEnded: null
                    )
                );
            }

            Fleet = new LockstepFleet(Parts.Select(p => new LockstepLoop(p)));
            Assert.Null(Fleet.Start());
        }

        public A3cShared Shared { get; }

        public List<RunParts> Parts { get; } = [];

        public LockstepFleet Fleet { get; }

        public void Dispose()
        {
            Parts.ForEach(p => p.Dispose());
            _robots.ForEach(r => r.Dispose());
            _learners.ForEach(l => l.Dispose());
        }
    }
}
