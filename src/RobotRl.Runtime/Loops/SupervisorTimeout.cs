using RobotRl.Hardware.Contracts;

namespace RobotRl.Runtime.Loops;

/// <summary>
/// The control thread's look at the supervisor: where that stands still nobody decides by the failsafe's table, so the robot is
/// stopped (a controlled stop by its driver) until it is armed again.
/// </summary>
public sealed class SupervisorTimeout
{
    private const string Reason =
        "the supervisor stood still for longer than Loop:SupervisorTimeout, so that nobody watched the robot. See what its "
        + "thread waits for, then arm again";

    private readonly IRobot _robot;
    private readonly long _limitNs;
    private long _beatNs,
        _commandsSinceNs;
    private bool _stopped;

    /// <summary>Stops <paramref name="robot"/> after <paramref name="limit"/> without a sign of life.</summary>
    public SupervisorTimeout(IRobot robot, TimeSpan limit) => (_robot, _limitNs) = (robot, limit.Ticks * TimeSpan.NanosecondsPerTick);

    /// <summary>The newest sign of life. Any thread.</summary>
    public long NewestNs => Volatile.Read(ref _beatNs);

    /// <summary>A sign of life. The supervisor's thread.</summary>
    public void Beat(long nowNs) => Volatile.Write(ref _beatNs, nowNs);

    /// <summary>Looks. Control thread, once a tick; neither waits nor allocates.</summary>
    /// <param name="commands">Whether the loop commands the robot; who arms it may hold the supervisor up before.</param>
    /// <param name="nowNs">Monotonic time.</param>
    public void Look(bool commands, long nowNs)
    {
        if (!commands)
        {
            (_commandsSinceNs, _stopped) = (nowNs, false);
        }
        else if (!_stopped && nowNs - Math.Max(Volatile.Read(ref _beatNs), _commandsSinceNs) > _limitNs)
        {
            _stopped = true;
            _robot.RequestStop(StopLevel.ControlledStop, Reason);
        }
    }
}
