using RobotRl.Algorithms;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Sac;
using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Admission;
using RobotRl.Runtime.Evaluation;
using RobotRl.Runtime.Learning;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Safety;
using RobotRl.Runtime.Tasks;
using RobotRl.Sim.Robots.Pendulum;

namespace RobotRl.Benchmarks.Sac;

/// <summary>
/// Trains SAC on the simulated pendulum through the product's own lockstep loop and evaluates frozen policies on the way.
/// </summary>
internal static class PendulumTraining
{
    /// <summary>
    /// Mean return of the frozen policy over <paramref name="starts"/> even starts after each of <paramref name="marks"/> steps.
    /// </summary>
    public static double[] Run(SacOptions options, ulong seed, ReadOnlySpan<int> marks, int starts)
    {
        var task = new PendulumTask();
        var settings = new RunSettings(
            new LoopOptions(),
            new SafetyOptions(),
            new FailsafeOptions(),
            new LearnerOptions { Sac = options },
            new AdmissionOptions(),
            seed
        );
        using var robot = new PendulumRobot();
        using ILearner learner = LearnerFactory.Create(settings.Learner, task.ObservationNames.Length, task.Actions, seed);
        using var parts = new RunParts(robot, task, learner, learner.Policy, settings, null, null);
        var loop = new LockstepLoop(parts);
        var block = new PolicyBlock(learner.Policy);
        double[] means = new double[marks.Length];
        if (loop.Start() is { } refusal)
        {
            throw new InvalidOperationException(refusal);
        }

        for (int step = 1, mark = 0; mark < marks.Length; step++)
        {
            if (loop.Step() >= FailsafeAction.ControlledStop)
            {
                throw new InvalidOperationException($"The failsafe stopped the pendulum at step {step}.");
            }

            if (step == marks[mark])
            {
                learner.CopyPolicy(block);
                means[mark++] = PolicyEvaluator.Evaluate(new PendulumRobot(), task, settings.Safety, block, starts).Mean;
            }
        }

        return means;
    }
}
