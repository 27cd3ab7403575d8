using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Safety;

namespace RobotRl.Runtime.Loops;

/// <summary>
/// The lockstep clock: one thread, one fixed order of steps, updates and swaps. The ring never drops, time is the simulator's,
/// and causes of the wall clock do not exist, so that the same seed gives the same weights bit for bit.
/// </summary>
public sealed class LockstepLoop
{
    private readonly RunParts _parts;
    private readonly ILockstepRobot _robot;
    private readonly long _periodNs;
    private long _nowNs;

    /// <summary>Uses <paramref name="parts"/>, whose robot must be an <see cref="ILockstepRobot"/>.</summary>
    public LockstepLoop(RunParts parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        _parts = parts;
        // In lockstep the robot is powered without an order.
        _robot = parts.Robot is ILockstepRobot { Description.IsSimulated: true } simulator
            ? simulator
            : throw new ArgumentException(
                $"Robot {parts.Robot.Description.Name} cannot run in lockstep: it is hardware, or has its own time. Set "
                    + $"Loop:Clock=RealTime.",
                nameof(parts)
            );
        _periodNs = parts.Period.Ticks * TimeSpan.NanosecondsPerTick;
    }

    /// <summary>Simulated time, nanoseconds.</summary>
    public long NowNs => _nowNs;

    /// <summary>Opens, powers and arms the robot and offers the first policy; null on success, else why not.</summary>
    public string? Start()
    {
        _robot.Open();
        _parts.Learner?.Offer();
        return Rearm();
    }

    /// <summary>Arms, after a stop too, and puts the robot to a start; null on success, else why not.</summary>
    public string? Rearm()
    {
        // Whether it may be armed is judged by what it reports now, at a start.
        _parts.Reset.TryReset();
        _parts.Loop.Tick(_nowNs);
        string? refusal = _parts.Supervisor.TryArm(_nowNs);
        if (refusal is null)
        {
            // Arming needs a fresh reading: the one that the start takes.
            _parts.Reset.TryReset();
            _parts.Loop.Tick(_nowNs);
        }

        return refusal;
    }

    /// <summary>After a stop: the open transition is closed and recorded, no time passes.</summary>
    public void Settle()
    {
        _parts.Loop.Tick(_nowNs);
        _parts.Recorder.Drain();
    }

    /// <summary>
    /// One tick: advance, tick, record, learn, supervise; an episode's start comes before it and takes no time. Returns what the
    /// failsafe asks for; from ControlledStop on nothing moves any more until armed again.
    /// </summary>
    public FailsafeAction Step()
    {
        ControlLoop loop = _parts.Loop;
        if (loop.Status.Stage == LoopStage.AwaitingStart && _parts.Reset.TryReset())
        {
            // This tick reads the start pose and acts there.
            loop.BeginEpisode();
            loop.Tick(_nowNs);
        }

        _robot.Advance();
        _nowNs += _periodNs;
        loop.Tick(_nowNs);
        _parts.Recorder.Drain();
        while (_parts.Learner?.Step() == true) { }

        return _parts.Supervisor.Step(_nowNs).Action;
    }

    /// <summary>Takes over the time of a loaded checkpoint.</summary>
    public void ContinueFrom(long nowNs) => _nowNs = nowNs;
}
