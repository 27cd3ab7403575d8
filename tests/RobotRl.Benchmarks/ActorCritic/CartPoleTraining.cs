using RobotRl.Algorithms;
using RobotRl.Algorithms.Policies;
using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Admission;
using RobotRl.Runtime.Evaluation;
using RobotRl.Runtime.Learning;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Safety;
using RobotRl.Runtime.Tasks;
using RobotRl.Sim.Robots.CartPole;

namespace RobotRl.Benchmarks.ActorCritic;

/// <summary>Trains one learner on the simulated cart-pole through the product's own lockstep loop, all its options at their defaults.</summary>
internal sealed class CartPoleTraining : IDisposable
{
    private readonly CartPoleRobot _robot = new();
    private readonly CartPoleTask _task = new();
    private readonly ILearner _learner;
    private readonly RunParts _parts;
    private readonly LockstepLoop _loop;

    public CartPoleTraining(LearnerOptions options, ulong seed)
    {
        _learner = LearnerFactory.Create(options, _task.ObservationNames.Length, _task.Actions, seed);
        var settings = new RunSettings(new LoopOptions(), new SafetyOptions(), new FailsafeOptions(), options, new AdmissionOptions(), seed);
        _parts = new RunParts(_robot, _task, _learner, _learner.Policy, settings, journal: null, episodeEnded: null);
        _loop = new LockstepLoop(_parts);
        if (_loop.Start() is { } refusal)
        {
            throw new InvalidOperationException(refusal);
        }
    }

    /// <summary>Policies that the admission gate refused.</summary>
    public long Refused => _parts.Learner!.Status.Refused;

    /// <summary>Times that the learner was put back to its champion.</summary>
    public long Rollbacks => _parts.Learner!.Status.Rollbacks;

    /// <summary>Trains until <paramref name="steps"/> transitions are done.</summary>
    public void RunTo(long steps)
    {
        while (_parts.Loop.Status.Steps < steps)
        {
            if (_loop.Step() is var action && action >= FailsafeAction.ControlledStop)
            {
                throw new InvalidOperationException($"The failsafe stopped the training: {action} because of {_parts.Supervisor.Cause}.");
            }
        }
    }

    /// <summary>The newest policy, frozen, over starts spread evenly over the reset box.</summary>
    public EvaluationResult Evaluate(int starts)
    {
        var block = new PolicyBlock(_learner.Policy);
        _learner.CopyPolicy(block);
        using var robot = new CartPoleRobot();
        return PolicyEvaluator.Evaluate(robot, _task, new SafetyOptions(), block, starts);
    }

    public void Dispose()
    {
        _parts.Dispose();
        _robot.Dispose();
        _learner.Dispose();
    }
}
