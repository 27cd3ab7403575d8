using RobotRl.Algorithms;
using RobotRl.Hardware.Safety;
using RobotRl.Hardware.Timing;
using RobotRl.Runtime.Admission;
using RobotRl.Runtime.Experience;
using RobotRl.Runtime.Learning;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Safety;
using RobotRl.Runtime.Tasks;
using RobotRl.Runtime.Timing;
using RobotRl.Sim;

namespace RobotRl.Benchmarks.Loops;

/// <summary>
/// The product's control, recorder, learner and supervisor threads at 1 kHz on a simulated pendulum, with SAC (2 x 256, minibatch
/// 256) asking for more updates than a core can do. The supervisor runs on the caller's thread. An idle learner takes its experience
/// and never updates.
/// </summary>
internal sealed class LoopRig : IDisposable
{
    public const int Priority = 80;
    private const long MillisecondNs = 1_000_000;

    private readonly RealTimeSimulation _robot = new(new QuickPendulum(), TimeProvider.System);
    private readonly ILearner _learner;
    private readonly RunParts _parts;
    private readonly AllocationBudget _budget;
    private readonly List<Thread> _threads = [];
    private readonly bool _idle;
    private volatile bool _stop;

    public LoopRig(int budgetMiB, bool idle = false)
    {
        _idle = idle;
        IControlTask task = ControlTasks.Create(ControlTasks.DefaultFor("pendulum")!);
        var options = new LearnerOptions
        {
            Sac = new()
            {
                HiddenWidth = 256,
                BatchSize = 256,
                ReplayCapacity = 200_000,
            },
        };
        _learner = LearnerFactory.Create(options, task.ObservationNames.Length, task.Actions, seed: 1);
        var loop = new LoopOptions
        {
            Clock = LoopClock.RealTime,
            RateHz = 1000,
            FifoPriority = Priority,
        };
        _parts = new RunParts(
            _robot,
            task,
            _learner,
            _learner.Policy,
            new RunSettings(loop, new SafetyOptions(), new FailsafeOptions(), options, new AdmissionOptions(), 1),
            null,
            null
        );
        Control = new ControlThread(_parts.Loop, loop, _parts.Period);
        _budget = new AllocationBudget((long)budgetMiB << 20);
    }

    public ControlThread Control { get; }

    public ControlLoop Loop => _parts.Loop;

    public Supervisor Supervisor => _parts.Supervisor;

    public int Collections => _budget.Collections;

    public long BudgetLeft => _budget.LeftBytes;

    public long Updates => _learner.Updates;

    /// <summary>Starts everything and arms; returns once the learner updates and the tick's code is warm.</summary>
    public void Start(TextWriter log)
    {
        _robot.Open();
        _parts.Learner!.Offer();
        Launch(() =>
        {
            _parts.Recorder.Drain();
            MonotonicClock.SleepUntil(MonotonicClock.NowNs + (2 * MillisecondNs));
        });
        Launch(() =>
        {
            while (_parts.Inbox!.TryPeek(out ReadOnlySpan<byte> frame))
            {
                _parts.Learner.Take(frame);
                _parts.Inbox.Release();
            }

            _parts.Learner.Status.HeartbeatNs = MonotonicClock.NowNs;
            if (_idle || !_parts.Learner.Step())
            {
                MonotonicClock.SleepUntil(MonotonicClock.NowNs + MillisecondNs);
            }
        });
        Control.Start();
        foreach (string warning in Control.Warnings)
        {
            log.WriteLine(warning);
        }

        Supervise(TimeSpan.FromSeconds(0.2));
        Arm();
        Supervise(TimeSpan.FromSeconds(3));
        Control.PlannedPause = true;
        if (_budget.Renew() is { } refused)
        {
            log.WriteLine(refused);
        }

        Supervise(TimeSpan.FromSeconds(0.2));
        Control.Lateness.Clear();
        Control.PlannedPause = false;
    }

    /// <summary>Arms, or says why not by an exception.</summary>
    public void Arm()
    {
        if (Supervisor.TryArm(MonotonicClock.NowNs) is { } refusal)
        {
            throw new InvalidOperationException(refusal);
        }
    }

    /// <summary>Supervises and starts episodes for a while.</summary>
    public void Supervise(TimeSpan duration, Action<FailsafeDecision>? watch = null)
    {
        long end = MonotonicClock.NowNs + (duration.Ticks * TimeSpan.NanosecondsPerTick);
        for (long now = MonotonicClock.NowNs; now < end; now = MonotonicClock.NowNs)
        {
            FailsafeDecision decision = Supervisor.Step(now);
            watch?.Invoke(decision);
            if (Loop.Status.Stage == LoopStage.AwaitingStart && decision.Action < FailsafeAction.Hold && _parts.Reset.TryReset())
            {
                Loop.BeginEpisode();
            }

            MonotonicClock.SleepUntil(now + MillisecondNs);
        }
    }

    private void Launch(Action round)
    {
        var thread = new Thread(() =>
        {
            while (!_stop)
            {
                round();
            }
        })
        {
            IsBackground = true,
        };
        thread.Start();
        _threads.Add(thread);
    }

    public void Dispose()
    {
        Control.Stop();
        _stop = true;
        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        _budget.Dispose();
        Control.Dispose();
        _parts.Dispose();
        _learner.Dispose();
        _robot.Dispose();
    }
}
