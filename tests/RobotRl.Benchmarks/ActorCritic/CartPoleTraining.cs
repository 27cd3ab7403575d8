using RobotRl.Algorithms;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.PolicyGradient;
using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Admission;
using RobotRl.Runtime.Evaluation;
using RobotRl.Runtime.Learning;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Safety;
using RobotRl.Runtime.Tasks;
using RobotRl.Sim.Robots.CartPole;

namespace RobotRl.Benchmarks.ActorCritic;

/// <summary>
/// Trains one learner on the simulated cart-pole through the product's own lockstep loop, all its options at their defaults; or
/// several workers of A3C, each
/// with a cart-pole of its own, in turn.
/// </summary>
internal sealed class CartPoleTraining : IDisposable
{
    private readonly CartPoleTask _task = new();
    private readonly List<CartPoleRobot> _robots = [];
    private readonly List<ILearner> _learners = [];
    private readonly List<RunParts> _parts = [];
    private readonly LockstepFleet _fleet;

    public CartPoleTraining(LearnerOptions options, ulong seed, int workers = 1)
    {
        A3cShared? shared =
            options.Algorithm == "a3c" ? new A3cShared(_task.ObservationNames.Length, _task.Actions, options.A3c, seed) : null;
        for (int i = 0; i < workers; i++)
        {
            // Each worker has its own task, starts and noise; the first one's are those of the seed.
            ulong own = seed + (1000 * (ulong)i);
            var task = new CartPoleTask();
            _robots.Add(new CartPoleRobot());
            _learners.Add(
                shared is null ? LearnerFactory.Create(options, task.ObservationNames.Length, task.Actions, own) : new A3cLearner(shared)
            );
            var settings = new RunSettings(
                new LoopOptions(),
                new SafetyOptions(),
                new FailsafeOptions(),
                options,
                new AdmissionOptions(),
                own
            );
            _parts.Add(new RunParts(_robots[i], task, _learners[i], _learners[i].Policy, settings, journal: null, episodeEnded: null));
        }

        _fleet = new LockstepFleet(_parts.Select(p => new LockstepLoop(p)));
        if (_fleet.Start() is { } refusal)
        {
            throw new InvalidOperationException(refusal);
        }
    }

    /// <summary>Transitions of all workers.</summary>
    public long Steps => _parts.Sum(p => p.Loop.Status.Steps);

    /// <summary>Policies that the admission gate refused.</summary>
    public long Refused => _parts.Sum(p => p.Learner!.Status.Refused);

    /// <summary>Times that the learner was put back to its champion.</summary>
    public long Rollbacks => _parts.Sum(p => p.Learner!.Status.Rollbacks);

    /// <summary>Trains until <paramref name="steps"/> transitions are done, all workers together.</summary>
    public void RunTo(long steps)
    {
        while (Steps < steps)
        {
            if (_fleet.Step() is var action && action >= FailsafeAction.ControlledStop)
            {
                throw new InvalidOperationException(
                    $"The failsafe stopped the training: {action} because of {_parts[0].Supervisor.Cause}."
                );
            }
        }
    }

    /// <summary>The newest policy, frozen, over starts spread evenly over the reset box.</summary>
    public EvaluationResult Evaluate(int starts)
    {
        var block = new PolicyBlock(_learners[0].Policy);
        _learners[0].CopyPolicy(block);
        using var robot = new CartPoleRobot();
        return PolicyEvaluator.Evaluate(robot, _task, new SafetyOptions(), block, starts);
    }

    public void Dispose()
    {
        _parts.ForEach(p => p.Dispose());
        _robots.ForEach(r => r.Dispose());
        _learners.ForEach(l => l.Dispose());
    }
}
