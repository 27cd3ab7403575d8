using RobotRl.Algorithms;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Experience;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Tasks;

namespace RobotRl.Runtime.Evaluation;

/// <summary>
/// Runs a frozen policy in lockstep from starts spread evenly over a task's start distribution, through the same control loop
/// and gate as everything else. It has its own simulator, so it may run beside a training session.
/// </summary>
public static class PolicyEvaluator
{
    /// <summary>Evaluates <paramref name="policy"/>.</summary>
    /// <param name="robot">A simulator of its own; it is opened, powered and closed here.</param>
    /// <param name="task">The task.</param>
    /// <param name="safety">The limits in force.</param>
    /// <param name="policy">The weights to freeze.</param>
    /// <param name="episodes">How many starts, at least 1.</param>
    /// <param name="policyDivisor">Ticks per policy step.</param>
    /// <param name="finished">Told the number of finished episodes now and then; may be null.</param>
    /// <param name="cancellation">Ends early with the episodes done so far.</param>
    public static EvaluationResult Evaluate(
        ILockstepRobot robot,
        IControlTask task,
        SafetyOptions safety,
        PolicyBlock policy,
        int episodes,
        int policyDivisor = 1,
        Action<int>? finished = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(robot);
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(episodes);
        if (!robot.Description.IsSimulated)
        {
            throw new ArgumentException(
                $"Robot {robot.Description.Name} is hardware; evaluation moves it without an order, so it needs a simulated one.",
                nameof(robot)
            );
        }

        TimeSpan period = robot.Description.ControlPeriod;
        using var mailbox = new PolicyMailbox(policy.Spec);
        mailbox.Offer(policy);
        var gate = new SafetyGate(robot.Description, safety, period);
        var ring = new ExperienceRing(FrameLayout.For(task, robot, gate).Size, 2);
        var loop = new ControlLoop(
            robot,
            task,
            gate,
            ring,
            mailbox,
            null,
            new CounterRandom(0, RandomPurpose.Acting),
            new ControlLoopSettings(policyDivisor, SwapRule.EpisodeEnd, Frozen: true)
        );
        var tracker = new EpisodeTracker();
        double[] start = new double[robot.PhysicalStateSize];
        var returns = new List<double>(episodes);
        long steps = 0,
            gated = 0,
            reached = 0;

        robot.Open();
        robot.PowerOn();
        loop.Arm();
        loop.Tick(0);
        long now = 0;
        for (int episode = 0; episode < episodes && !cancellation.IsCancellationRequested; episode++)
        {
            task.SpreadStart(episode, episodes, start);
            robot.Teleport(start);
            loop.BeginEpisode();
            loop.Tick(now);

            EpisodeResult result = default;
            for (bool ended = false; !ended; )
            {
                robot.Advance();
                now += period.Ticks * TimeSpan.NanosecondsPerTick;
                loop.Tick(now);
                while (ring.TryPeek(out ReadOnlySpan<byte> frame))
                {
                    ended |= tracker.Add(frame, out EpisodeResult finishedEpisode);
                    result = ended ? finishedEpisode : result;
                    ring.Release();
                }

                if (robot.State != DeviceState.Powered)
                {
                    throw new RobotException(
                        robot.Description.Name,
                        $"Robot {robot.Description.Name}: left the powered state while evaluating episode {episode} ({robot.FaultReason})."
                    );
                }
            }

            returns.Add(result.Return);
            steps += result.Length;
            gated += result.GatedSteps;
            reached += result.AtGoal == true ? 1 : 0;
            if (episode % 50 == 49)
            {
                finished?.Invoke(episode + 1);
            }
        }

        robot.Close();
        return new EvaluationResult([.. returns], steps, gated)
        {
            SuccessRate = task is IGoalTask && returns.Count > 0 ? (double)reached / returns.Count : null,
        };
    }
}
