using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using RobotRl.Hardware.Contracts;
using RobotRl.Sim.Faults;
using RobotRl.Sim.Robots.CartPole;
using RobotRl.Sim.Robots.Pendulum;

namespace RobotRl.Sim.Tests;

/// <summary>By hand on a fake clock where possible; with the thread where it is the thread that is tested.</summary>
public sealed class RealTimeSimulationTests
{
    private static readonly TimeSpan Period = PendulumRobot.RobotDescription.ControlPeriod;
    private readonly FakeTimeProvider _clock = new();
    private readonly double[] _state = new double[2];

    [Fact]
    public void Serve_OneReadAndWriteAPeriod_IsTheLockstepTrajectory()
    {
        using RealTimeSimulation robot = Powered(new PendulumRobot());
        using var lockstep = new PendulumRobot();
        lockstep.Open();
        lockstep.PowerOn();
        double[] expected = new double[2];
        for (int i = 0; i < 100; i++)
        {
            double torque = Math.Sin(0.3 * i);
            Assert.Equal(IoStatus.Ok, robot.Write([torque]).Status);
            lockstep.Write([torque]);
            Pass(robot, Period);
            lockstep.Advance();
            lockstep.Read(expected);
            Assert.Equal(IoStatus.Ok, robot.Read(_state).Status);
            Assert.Equal(expected, _state);
        }
    }

    [Fact]
    public void Serve_FirstCommandAfterPowerOn_PhasesReadingsBeforeTheTick()
    {
        using RealTimeSimulation robot = Powered(new PendulumRobot());
        Pass(robot, Period * 0.37);
        robot.Write([0]);
        for (int tick = 0; tick < 5; tick++)
        {
            Pass(robot, Period * 0.5);
            Pass(robot, Period * 0.3);
            Pass(robot, Period * 0.2);
            ReadResult reading = robot.Read(_state);
            Assert.Equal(IoStatus.Ok, reading.Status);
            Assert.InRange(reading.Age - (Period * RealTimeSimulation.Lead), TimeSpan.FromMicroseconds(-1), TimeSpan.FromMicroseconds(1));
        }
    }

    [Fact]
    public void Serve_LongPause_MakesUpStepsThenDropsAndCounts()
    {
        using RealTimeSimulation robot = Powered(new PendulumRobot());
        Pass(robot, Period * 10);
        Assert.Equal(0, robot.MissedSteps);
        Pass(robot, Period * 50);
        Assert.Equal(50 - RealTimeSimulation.MaxCatchUpSteps, robot.MissedSteps);
        Pass(robot, Period * 0.99);
        robot.Read(_state);
        Pass(robot, Period * 0.01);
        Assert.Equal(IoStatus.Ok, robot.Read(_state).Status);
    }

    [Fact]
    public void Read_BetweenSteps_IsNotFreshAndAges()
    {
        using RealTimeSimulation robot = Powered(new PendulumRobot());
        Pass(robot, Period);
        Assert.Equal((IoStatus.Ok, TimeSpan.Zero), (robot.Read(_state).Status, robot.Read(_state).Age));
        Pass(robot, Period / 2);
        ReadResult late = robot.Read(_state);
        Assert.Equal((IoStatus.NotFresh, Period / 2), (late.Status, late.Age));
    }

    [Fact]
    public void Teleport_BesideTheReadingThread_NothingOlderComesAfterAPlace()
    {
        // The clock stands, so that every reading is of a place that it was put to.
        using var robot = new RealTimeSimulation(new PendulumRobot(), _clock);
        robot.Open();
        const int Places = 300_000;
        bool done = false;
        var resets = new Thread(() =>
        {
            for (int i = 1; i <= Places; i++)
            {
                double place = i / (double)Places;
                robot.Teleport([place, place]);
            }

            Volatile.Write(ref done, true);
        });
        resets.Start();
        double newest = 0;
        int older = 0,
            torn = 0;
        robot.Read(_state);
        _state.AsSpan().Clear();
        while (!Volatile.Read(ref done))
        {
            if (robot.Read(_state).Status == IoStatus.Ok && _state[0] != Math.PI)
            {
                older += _state[0] < newest ? 1 : 0;
                torn += _state[0] != _state[1] ? 1 : 0;
                newest = _state[0];
            }
        }

        resets.Join();
        Assert.Equal((0, 0), (older, torn));
    }

    [Fact]
    public void Teleport_ThenRead_IsFreshThereAndNothingOlderComes()
    {
        using RealTimeSimulation robot = Powered(new PendulumRobot());
        Pass(robot, Period);
        robot.Teleport([0.5, 0.25]);
        Assert.Equal(IoStatus.Ok, robot.Read(_state).Status);
        Assert.Equal([0.5, 0.25], _state);
        Pass(robot, Period);
        Assert.Equal(IoStatus.Ok, robot.Read(_state).Status);
        Assert.InRange(_state[0], 0.5, 0.6);
        Assert.Throws<ArgumentOutOfRangeException>(() => robot.Teleport([double.NaN, 0]));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(2.1)]
    public void Write_BadValue_IsRefused(double torque)
    {
        using RealTimeSimulation robot = Powered(new PendulumRobot());
        Assert.Equal(IoStatus.Refused, robot.Write([torque]).Status);
    }

    [Fact]
    public void Write_LeftFromBeforePowerOn_MovesNothing()
    {
        using RealTimeSimulation robot = Powered(new PendulumRobot());
        robot.Write([2]);
        robot.PowerOff();
        robot.PowerOn();
        Pass(robot, Period);
        robot.Read(_state);
        Assert.Equal(0, _state[1], 1e-9);
    }

    [Fact]
    public void RequestStop_PowerOff_RefusesCommandsAtOnceAndIsConfirmedByTheNextPass()
    {
        using RealTimeSimulation robot = Powered(new PendulumRobot());
        robot.RequestStop(StopLevel.PowerOff, "button");
        Assert.Equal(new StopStatus(StopLevel.PowerOff, false, TimeSpan.Zero), robot.Stop);
        Assert.Equal(IoStatus.WrongState, robot.Write([0]).Status);
        Pass(robot, TimeSpan.Zero);
        Assert.True(robot.Stop.Confirmed);
        Assert.Equal((DeviceState.Faulted, "button"), (robot.State, robot.FaultReason));
        robot.ClearFault();
        robot.PowerOn();
        Assert.Equal((IoStatus.Ok, StopLevel.None), (robot.Write([0]).Status, robot.Stop.Requested));
    }

    [Fact]
    public void RequestStop_HoldWithoutDamping_IsShownAsThePowerOffThatItBecomes()
    {
        using RealTimeSimulation robot = Powered(new CartPoleRobot());
        robot.RequestStop(StopLevel.Hold, "wait");
        Pass(robot, TimeSpan.Zero);
        Assert.Equal((StopLevel.PowerOff, true, DeviceState.Faulted), (robot.Stop.Requested, robot.Stop.Confirmed, robot.State));
    }

    [Fact]
    public void RequestStop_Closed_IsConfirmedAndOpensFaulted()
    {
        using var robot = new RealTimeSimulation(new PendulumRobot(), _clock, ownThread: false);
        robot.RequestStop(StopLevel.PowerOff, "early");
        Assert.True(robot.Stop.Confirmed);
        robot.Open();
        Assert.Equal((DeviceState.Faulted, "early"), (robot.State, robot.FaultReason));
    }

    [Fact]
    public void Read_LinkLostThenBack_ShowsTheStatusAndRecovers()
    {
        var fault = new RobotFault(RobotFaultKind.LinkLost, FromStep: 2, Steps: 2);
        using RealTimeSimulation robot = Powered(new FaultyRobot(new PendulumRobot(), fault));
        Pass(robot, Period * 2);
        Assert.Equal(IoStatus.LinkLost, robot.Read(_state).Status);
        Pass(robot, Period * 2);
        Assert.Equal(IoStatus.Ok, robot.Read(_state).Status);
    }

    [Fact]
    public void ReadWriteTeleport_ManyTimes_AllocateNothing()
    {
        using RealTimeSimulation robot = Powered(new PendulumRobot());
        double[] command = [0.5],
            place = [1, 0];
        long before = 0;
        for (int i = 0; i < 2000; i++)
        {
            if (i == 1000)
            {
                before = GC.GetAllocatedBytesForCurrentThread();
            }

            robot.Read(_state);
            robot.Write(command);
            robot.Teleport(place);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Thread_RealClock_StepsStopsAndCloses()
    {
        using var robot = new RealTimeSimulation(new PendulumRobot(), TimeProvider.System);
        robot.Open();
        robot.PowerOn();
        robot.Read(_state);
        Assert.True(Eventually(() => robot.Read(_state).Status == IoStatus.Ok));
        robot.Write([1]);
        Assert.True(Eventually(() => robot.Read(_state).Status == IoStatus.Ok && _state[1] != 0));
        robot.RequestStop(StopLevel.PowerOff, "button");
        Assert.True(Eventually(() => robot.Stop.Confirmed && robot.State == DeviceState.Faulted));
        robot.ClearFault();
        Assert.Equal(DeviceState.Readable, robot.State);
        robot.Close();
        robot.Close();
        Assert.Equal(DeviceState.Closed, robot.State);
        robot.Open();
        Assert.Equal(DeviceState.Readable, robot.State);
    }

    [Fact]
    public void Thread_FakeClock_FollowsIt()
    {
        using var robot = new RealTimeSimulation(new PendulumRobot(), _clock);
        robot.Open();
        robot.Read(_state);
        Assert.Equal(IoStatus.NotFresh, robot.Read(_state).Status);
        _clock.Advance(Period);
        Assert.True(Eventually(() => robot.Read(_state).Status == IoStatus.Ok));
    }

    [Fact]
    public void PowerOn_WhileFaulted_ThrowsTheRobotsOwnWords()
    {
        using var robot = new RealTimeSimulation(new PendulumRobot(), TimeProvider.System);
        robot.Open();
        robot.RequestStop(StopLevel.PowerOff, "button");
        Assert.Contains("button", Assert.Throws<RobotException>(robot.PowerOn).Message, StringComparison.Ordinal);
    }

    private static bool Eventually(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(20))
            {
                return false;
            }

            Thread.Yield();
        }

        return true;
    }

    private RealTimeSimulation Powered(ILockstepRobot inner)
    {
        var robot = new RealTimeSimulation(inner, _clock, ownThread: false);
        robot.Open();
        robot.PowerOn();
        return robot;
    }

    private void Pass(RealTimeSimulation robot, TimeSpan time)
    {
        _clock.Advance(time);
        robot.Serve();
    }
}
