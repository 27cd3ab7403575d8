using RobotRl.Algorithms;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Evaluation;
using RobotRl.Runtime.Learning;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Safety;
using RobotRl.Runtime.Tasks;
using RobotRl.Sim.Robots.MountainCarContinuous;
using RobotRl.Sim.Robots.Pendulum;

namespace RobotRl.Benchmarks.Managed;

/// <summary>
/// Trains a learner on a simulated robot through the product's own lockstep loop, with the product's settings for it, and
/// evaluates frozen policies on the way.
/// </summary>
internal static class TaskTraining
{
    /// <summary>The product's options for a robot, an algorithm and a backend.</summary>
    public static RobotRlOptions Options(string robot, string algorithm, string backend, params string[] settings) =>
        OptionsLoader.Load(
            null,
            [$"Robot:Name={robot}", $"Learner:Algorithm={algorithm}", $"Learner:Backend={backend}", .. settings],
            null
        );

    /// <summary>Mean return of a constant force along the velocity (at most 1, full force) on the mountain car, over even starts.</summary>
    public static double PushAlongVelocity(double force, int starts)
    {
        // tanh(atanh(force) tanh(1e6 v)): the sign of the velocity, but for the resting car's first tick; 10 stands for atanh(1).
        const float Gain = 1e6f;
        var block = new PolicyBlock(new PolicySpec(new MlpShape(2, [1], 1, Activation.Tanh), PolicyHead.Deterministic, 1));
        float[] weights = [0, Gain, 0, (float)Math.Min(Math.Atanh(force), 10), 0];
        weights.CopyTo(block.Parameters, 0);
        return PolicyEvaluator.Evaluate(new MountainCarContinuousRobot(), new MountainCarTask(), new SafetyOptions(), block, starts).Mean;
    }

    /// <summary>
    /// Mean return of the frozen policy over <paramref name="starts"/> even starts after each of <paramref name="marks"/> steps.
    /// </summary>
    public static double[] Run(string robotName, RobotRlOptions options, ulong seed, ReadOnlySpan<int> marks, int starts)
    {
        IControlTask task = robotName == "pendulum" ? new PendulumTask() : new MountainCarTask();
        var settings = new RunSettings(options.Loop, options.Safety, options.Failsafe, options.Learner, options.Admission, seed);
        using ILockstepRobot robot = Robot();
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
                throw new InvalidOperationException($"The failsafe stopped the {robotName} at step {step}.");
            }

            if (step == marks[mark])
            {
                learner.CopyPolicy(block);
                means[mark++] = PolicyEvaluator.Evaluate(Robot(), task, settings.Safety, block, starts).Mean;
            }
        }

        return means;

        ILockstepRobot Robot() => robotName == "pendulum" ? new PendulumRobot() : new MountainCarContinuousRobot();
    }
}
