using RobotRl.Algorithms;
using RobotRl.Hardware.Devices;
using RobotRl.Hardware.Devices.DynamixelBus;
using RobotRl.Hardware.Safety;
using RobotRl.Hardware.Timing;
using RobotRl.Runtime.Admission;
using RobotRl.Runtime.Learning;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Safety;

namespace RobotRl.Benchmarks.Devices;

/// <summary>
/// The product's control, recorder and supervisor threads at 200 Hz on six emulated servos behind a pseudo-terminal. A policy as
/// SAC begins with acts; nothing learns. The supervisor runs on the caller's thread.
/// </summary>
internal sealed class ServoBusRig : IDisposable
{
    public const int Servos = 6,
        RateHz = 200;
    private const long MillisecondNs = 1_000_000;
    private const double MaxVelocity = 2,
        MaxAcceleration = 20;

    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1.0 / RateHz);

    private readonly EmulatedBusProcess _bus;
    private readonly DeviceDriver _driver;
    private readonly ILearner _learner;
    private readonly RunParts _parts;
    private readonly Thread _recorder;
    private volatile bool _stop;

    /// <summary>Starts the emulator.</summary>
    /// <param name="patient">Whether a busy machine's pauses are put up with: for figures that are not about time.</param>
    /// <param name="faults">Of the bus, in the emulator's words.</param>
    public ServoBusRig(bool patient, params string[] faults)
    {
        _bus = new(Servos, faults);
        var options = new DynamixelBusOptions { ControlPeriod = Period };
        options.Serial.Port = _bus.Port;
        var safety = new SafetyOptions();
        var failsafe = new FailsafeOptions();
        if (patient)
        {
            TimeSpan pause = TimeSpan.FromSeconds(5);
            options.BusWatchdog = TimeSpan.FromSeconds(2);
            options.Driver = new() { LinkLossAfter = pause, CommandLossStop = pause };
            failsafe.SensorStale.Threshold = failsafe.ControlStalled.Threshold = pause;
            failsafe.DeadlineMissed.Threshold = 1000;
        }

        for (int id = 1; id <= Servos; id++)
        {
            options.Servos[$"j{id}"] = new() { Id = id };
            safety.Joints[$"j{id}/position"] = new() { MaxVelocity = MaxVelocity, MaxAcceleration = MaxAcceleration };
        }

        _driver = DynamixelBusDevice.CreateRobot(options, TimeProvider.System);
        Robot = new(_driver);
        var task = new ServoArmTask(Robot.Description);
        var learning = new LearnerOptions
        {
            Sac = new()
            {
                HiddenWidth = 64,
                BatchSize = 64,
                ReplayCapacity = 10_000,
            },
        };
        _learner = LearnerFactory.Create(learning, task.ObservationNames.Length, task.Actions, seed: 1);
        var loop = new LoopOptions
        {
            Clock = LoopClock.RealTime,
            RateHz = RateHz,
            FifoPriority = 80,
        };
        _parts = new(
            Robot,
            task,
            _learner,
            _learner.Policy,
            new RunSettings(loop, safety, failsafe, learning, new AdmissionOptions(), 1),
            null,
            null
        );
        Control = new(_parts.Loop, loop, _parts.Period);
        _recorder = new(Record) { IsBackground = true };
    }

    public AgeRecordingRobot Robot { get; }

    public ControlThread Control { get; }

    public ControlStatus Status => _parts.Loop.Status;

    public DriverCounters Counters => _driver.Counters;

    /// <summary>
    /// Opens, arms and lets it settle; the figures begin afterwards. False, with the reason in the log, where it does not run.
    /// </summary>
    public bool TryStart(TextWriter log)
    {
        Robot.Open();
        _parts.Learner!.Offer();
        _recorder.Start();
        Control.Start();
        foreach (string warning in Control.Warnings.Append(_driver.SchedulingProblem).OfType<string>())
        {
            log.WriteLine(warning);
        }

        Supervise(TimeSpan.FromSeconds(0.5));
        if (_parts.Supervisor.TryArm(MonotonicClock.NowNs) is { } refusal)
        {
            log.WriteLine(refusal);
            return false;
        }

        Supervise(TimeSpan.FromSeconds(2));
        if (Status.Stage != LoopStage.Running)
        {
            log.WriteLine(Condition);
            return false;
        }

        Control.Lateness.Clear();
        Robot.Ages.Clear();
        return true;
    }

    /// <summary>Supervises for a while.</summary>
    public void Supervise(TimeSpan duration)
    {
        long end = MonotonicClock.NowNs + (duration.Ticks * TimeSpan.NanosecondsPerTick);
        for (long now = MonotonicClock.NowNs; now < end; now = MonotonicClock.NowNs)
        {
            FailsafeDecision decision = _parts.Supervisor.Step(now);
            if (Status.Stage == LoopStage.AwaitingStart && decision.Action < FailsafeAction.Hold && _parts.Reset.TryReset())
            {
                _parts.Loop.BeginEpisode();
            }

            MonotonicClock.SleepUntil(now + MillisecondNs);
        }
    }

    /// <summary>What the robot is now, for a report of a turn that went wrong.</summary>
    public string Condition =>
        $"{Status.Stage}, {Robot.State}, {Robot.FaultReason ?? "no fault"}, {_parts.Supervisor.StoppedBy?.ToString() ?? "no stop"}";

    public void Dispose()
    {
        Control.Stop();
        _stop = true;
        if (_recorder.IsAlive)
        {
            _recorder.Join();
        }

        Control.Dispose();
        _parts.Dispose();
        _learner.Dispose();
        Robot.Dispose();
        _bus.Dispose();
    }

    private void Record()
    {
        while (!_stop)
        {
            _parts.Recorder.Drain();
            while (_parts.Inbox!.TryPeek(out _))
            {
                _parts.Inbox.Release();
            }

            MonotonicClock.SleepUntil(MonotonicClock.NowNs + (5 * MillisecondNs));
        }
    }
}
