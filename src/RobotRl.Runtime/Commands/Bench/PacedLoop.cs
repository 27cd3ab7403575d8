using RobotRl.Algorithms;
using RobotRl.Hardware.Safety;
using RobotRl.Hardware.Timing;
using RobotRl.Runtime.Admission;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Learning;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Safety;
using RobotRl.Sim;

namespace RobotRl.Runtime.Commands.Bench;

/// <summary>
/// Whether a learner holds an UTD in real time: the product's own control, recorder and learner threads, gate and admission, on a
/// simulated robot at the set rate, with the supervisor on the caller's thread. Nothing is written to disk.
/// </summary>
internal static class PacedLoop
{
    private const long MillisecondNs = 1_000_000;
    private static readonly TimeSpan s_settle = TimeSpan.FromSeconds(0.7);

    /// <summary>Runs the loop for <paramref name="duration"/>, after a while in which code and caches warm up.</summary>
    /// <param name="row">The learner.</param>
    /// <param name="updatesPerTransition">UTD to ask for.</param>
    /// <param name="experience">What fills its replay first.</param>
    /// <param name="rateHz">Control rate.</param>
    /// <param name="duration">How long to watch.</param>
    /// <exception cref="InvalidOperationException">The loop does not run; the message says why.</exception>
    public static PacedResult Run(BenchCase row, double updatesPerTransition, BenchExperience experience, double rateHz, TimeSpan duration)
    {
        var task = new BenchTask(experience.Observations, experience.Actions);
        LearnerOptions options = row.Options(updatesPerTransition);
        var loop = new LoopOptions { Clock = LoopClock.RealTime, RateHz = rateHz };
        var settings = new RunSettings(loop, new SafetyOptions(), new FailsafeOptions(), options, new AdmissionOptions(), 1)
        {
            Task = new TaskOptions { Reset = ResetKind.None },
        };
        using var robot = new RealTimeSimulation(
            new BenchRobot(experience.Observations, experience.Actions, TimeSpan.FromSeconds(1 / rateHz)),
            TimeProvider.System
        );
        using ILearner learner = row.CreateLearner(updatesPerTransition, experience);
        using var parts = new RunParts(robot, task, learner, learner.Policy, settings, journal: null, episodeEnded: null);
        using var control = new ControlThread(parts.Loop, loop, parts.Period);
        var threads = new BenchThreads(parts);
        GC.Collect();
        try
        {
            robot.Open();
            parts.Learner!.Offer();
            threads.Start();
            control.Start();
            Supervise(parts, TimeSpan.FromTicks(Math.Max(TimeSpan.FromSeconds(0.1).Ticks, 4 * parts.Period.Ticks)));
            if (parts.Supervisor.TryArm(MonotonicClock.NowNs) is { } refusal)
            {
                throw new InvalidOperationException(refusal);
            }

            Supervise(parts, s_settle);
            (long steps, long missed, long updates, double givenUp) = Counts(parts);
            Supervise(parts, duration);
            (long stepsAfter, long missedAfter, long updatesAfter, double givenUpAfter) = Counts(parts);
            if (threads.Failure is { } failure)
            {
                throw new InvalidOperationException(failure.Message, failure);
            }

            return new PacedResult(
                updatesPerTransition,
                stepsAfter - steps,
                missedAfter - missed,
                updatesAfter - updates,
                givenUpAfter - givenUp,
                control.Warnings
            );
        }
        finally
        {
            threads.Stop();
            control.Stop();
        }
    }

    private static (long Steps, long Missed, long Updates, double GivenUp) Counts(RunParts parts) =>
        (parts.Loop.Status.Steps, parts.Loop.Status.MissedTicks, parts.Learner!.Status.Updates, parts.Learner.Status.GivenUpUpdates);

    private static void Supervise(RunParts parts, TimeSpan duration)
    {
        long end = MonotonicClock.NowNs + (duration.Ticks * TimeSpan.NanosecondsPerTick);
        for (long now = MonotonicClock.NowNs; now < end; now = MonotonicClock.NowNs)
        {
            FailsafeDecision decision = parts.Supervisor.Step(now);
            if (parts.Loop.Status.Stage == LoopStage.AwaitingStart && decision.Action < FailsafeAction.Hold && parts.Reset.TryReset())
            {
                parts.Loop.BeginEpisode();
            }

            MonotonicClock.SleepUntil(now + (2 * MillisecondNs));
        }
    }
}
