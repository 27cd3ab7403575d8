using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Tests.Loops;

public sealed class SupervisorTimeoutTests
{
    private const long Second = 1_000_000_000;

    private readonly ScriptedRobot _robot = new();
    private readonly SupervisorTimeout _watch;

    public SupervisorTimeoutTests() => _watch = new SupervisorTimeout(_robot, TimeSpan.FromSeconds(2));

    [Fact]
    public void Look_SupervisorStandsStill_HasTheDriverStopTheRobot()
    {
        _watch.Beat(10 * Second);
        _watch.Look(commands: true, 12 * Second);
        Assert.Equal(StopLevel.None, _robot.Stop.Requested);
        _watch.Look(commands: true, (12 * Second) + 1);
        Assert.Equal(StopLevel.ControlledStop, _robot.Stop.Requested);
    }

    [Fact]
    public void Look_ArmingHeldItUp_CountsFromTheFirstCommandOn()
    {
        _watch.Beat(1 * Second);
        _watch.Look(commands: false, 30 * Second);
        _watch.Look(commands: true, 31 * Second);
        Assert.Equal(StopLevel.None, _robot.Stop.Requested);
        _watch.Look(commands: true, 33 * Second);
        Assert.Equal(StopLevel.ControlledStop, _robot.Stop.Requested);
    }

    [Fact]
    public void Look_EveryTick_AllocatesNothing()
    {
        _watch.Look(commands: true, 1);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            _watch.Beat(i);
            _watch.Look(commands: true, i);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
