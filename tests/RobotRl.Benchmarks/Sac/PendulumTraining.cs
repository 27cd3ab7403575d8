using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Sac;
using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Evaluation;
using RobotRl.Runtime.Tasks;
using RobotRl.Sim.Robots.Pendulum;

namespace RobotRl.Benchmarks.Sac;

/// <summary>Trains SAC on the simulated pendulum in lockstep and evaluates frozen policies on the way.</summary>
internal static class PendulumTraining
{
    /// <summary>Mean return of the frozen policy over <paramref name="starts"/> even starts after each of <paramref name="marks"/> steps.</summary>
    public static double[] Run(SacOptions options, ulong seed, ReadOnlySpan<int> marks, int starts)
    {
        var task = new PendulumTask();
        using var robot = new PendulumRobot();
        using var learner = new TorchSacLearner(options, task.ObservationNames.Length, task.Actions.ActionSize, seed);
        using var policy = new PackedPolicy(learner.Policy);
        var block = new PolicyBlock(learner.Policy);
        CounterRandom acting = new(seed, RandomPurpose.Acting), reset = new(seed, RandomPurpose.Reset);
        double[] start = new double[robot.PhysicalStateSize], state = new double[2], nextState = new double[2], command = new double[1];
        float[] observation = new float[3], next = new float[3], action = new float[1], preSquash = new float[1];
        double[] means = new double[marks.Length];
        robot.Open();
        robot.PowerOn();
        learner.CopyPolicy(block);
        policy.Pack(block);

        int mark = 0, episodeSteps = 0;
        double due = 0;
        for (int step = 0; mark < marks.Length; step++)
        {
            if (episodeSteps == 0)
            {
                task.DrawStart(reset, start);
                robot.Teleport(start);
                robot.Read(state);
                task.Observe(state, command, observation);
            }

            float logProbability = policy.Act(observation, acting, action, preSquash);
            task.ToCommand(action, command);
            robot.Write(command);
            robot.Advance();
            robot.Read(nextState);
            task.Observe(nextState, command, next);
            episodeSteps = (episodeSteps + 1) % task.MaxEpisodeSteps;
            learner.Observe(new()
            {
                Observation = observation, Proposed = action, PreSquash = preSquash, Executed = action, NextObservation = next,
                LogProbability = logProbability, Reward = (float)task.Reward(state, command, nextState), Learnable = true, Sequence = step,
                End = episodeSteps == 0 ? EpisodeEnd.Truncated : EpisodeEnd.None,
            });
            nextState.CopyTo(state, 0);
            next.CopyTo(observation, 0);
            if (learner.CanUpdate)
            {
                for (due += learner.UpdatesPerTransition; due >= 1; due--)
                {
                    learner.Update();
                }

                learner.CopyPolicy(block);
                policy.Pack(block);
            }

            if (step + 1 == marks[mark])
            {
                means[mark++] = PolicyEvaluator.Evaluate(new PendulumRobot(), task, new SafetyOptions(), block, starts).Mean;
            }
        }

        return means;
    }
}
