using RobotRl.Hardware.Contracts;
using RobotRl.Sim.Faults;
using RobotRl.Sim.Robots.Pendulum;

namespace RobotRl.Sim.Tests.Faults;

public sealed class FaultyRobotTests
{
    private static readonly TimeSpan Period = PendulumRobot.RobotDescription.ControlPeriod;

    [Fact]
    public void Read_NoFaultActive_IsTheWrappedRobotsOwn()
    {
        using FaultyRobot faulty = Powered(new RobotFault(RobotFaultKind.LinkLost, FromStep: 100));
        using var plain = new PendulumRobot();
        plain.Open();
        plain.PowerOn();
        double[] a = new double[2],
            b = new double[2];
        for (int i = 0; i < 90; i++)
        {
            faulty.Write([1]);
            plain.Write([1]);
            faulty.Advance();
            plain.Advance();
            Assert.Equal(plain.Read(b), faulty.Read(a));
            Assert.Equal(b, a);
        }
    }

    [Fact]
    public void StaleReadings_WhileActive_AgeGrowsAndValuesStay()
    {
        using FaultyRobot robot = Powered(new RobotFault(RobotFaultKind.StaleReadings, FromStep: 3, Steps: 100));
        robot.Write([2]);
        double[] before = new double[2],
            state = new double[2];
        robot.Advance();
        robot.Advance();
        Assert.Equal(IoStatus.Ok, robot.Read(before).Status);
        for (int late = 1; late <= 100; late++)
        {
            robot.Advance();
            ReadResult reading = robot.Read(state);
            Assert.Equal((IoStatus.NotFresh, Period * late), (reading.Status, reading.Age));
            Assert.Equal(before, state);
        }

        robot.Advance();
        Assert.Equal((IoStatus.Ok, TimeSpan.Zero), (robot.Read(state).Status, robot.Read(state).Age));
        Assert.NotEqual(before, state);
    }

    [Fact]
    public void NaNReadings_WhileActive_AreFreshAndNaN()
    {
        using FaultyRobot robot = Powered(new RobotFault(RobotFaultKind.NaNReadings, FromStep: 1, Steps: 1));
        double[] state = new double[2];
        robot.Advance();
        Assert.Equal(IoStatus.Ok, robot.Read(state).Status);
        Assert.All(state, v => Assert.True(double.IsNaN(v)));
        robot.Advance();
        robot.Read(state);
        Assert.All(state, v => Assert.True(double.IsFinite(v)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    public void DelayedReadings_WhileActive_ComeThatManyStepsLate(int delay)
    {
        using FaultyRobot robot = Powered(new RobotFault(RobotFaultKind.DelayedReadings, FromStep: 0, DelaySteps: delay));
        double[] state = new double[2];
        var seen = new List<double>();
        robot.Write([2]);
        for (int i = 1; i <= 150; i++)
        {
            robot.Advance();
            double[] exact = new double[2];
            robot.CopyPhysicalState(exact);
            seen.Add(exact[0]);
            ReadResult reading = robot.Read(state);
            if (i > delay)
            {
                Assert.Equal((IoStatus.Ok, Period * delay), (reading.Status, reading.Age));
                Assert.Equal(seen[i - 1 - delay], state[0]);
            }
        }
    }

    [Fact]
    public void LinkLost_WhileActive_NeitherReadsNorWritesNorConfirms()
    {
        using FaultyRobot robot = Powered(new RobotFault(RobotFaultKind.LinkLost, FromStep: 1, Steps: 2));
        robot.Advance();
        double[] state = [7, 7];
        Assert.Equal((IoStatus.LinkLost, IoStatus.LinkLost), (robot.Read(state).Status, robot.Write([0]).Status));
        Assert.Equal([7, 7], state);
        robot.RequestStop(StopLevel.PowerOff, "lost");
        Assert.Equal((DeviceState.Faulted, false), (robot.State, robot.Stop.Confirmed));
        robot.Advance();
        robot.Advance();
        Assert.True(robot.Stop.Confirmed);
    }

    [Fact]
    public void DeviceError_WhileActive_FaultsAndCannotBeCleared()
    {
        using FaultyRobot robot = Powered(new RobotFault(RobotFaultKind.DeviceError, FromStep: 2, Steps: 1));
        robot.Advance();
        Assert.Equal(DeviceState.Powered, robot.State);
        robot.Advance();
        Assert.Equal((DeviceState.Faulted, IoStatus.DeviceFault), (robot.State, robot.Read(new double[2]).Status));
        Assert.Contains("step 2", robot.FaultReason, StringComparison.Ordinal);
        Assert.Throws<RobotException>(robot.ClearFault);
        robot.Advance();
        robot.ClearFault();
        Assert.Equal(DeviceState.Readable, robot.State);
    }

    [Fact]
    public void StopUnconfirmed_WhileActive_StopsButDoesNotSaySo()
    {
        using FaultyRobot robot = Powered(new RobotFault(RobotFaultKind.StopUnconfirmed, FromStep: 0));
        robot.RequestStop(StopLevel.PowerOff, "stop");
        Assert.Equal(new StopStatus(StopLevel.PowerOff, false, TimeSpan.Zero), robot.Stop);
        Assert.Equal(DeviceState.Faulted, robot.State);
    }

    [Fact]
    public void InternalState_Restored_KeepsTheScheduleInStep()
    {
        var fault = new RobotFault(RobotFaultKind.LinkLost, FromStep: 5);
        using FaultyRobot first = Powered(fault),
            second = Powered(fault);
        double[] state = new double[2];
        for (int i = 0; i < 3; i++)
        {
            first.Advance();
        }

        first.CopyPhysicalState(state);
        second.Teleport(state);
        second.InternalState = first.InternalState;
        second.Advance();
        Assert.Equal(IoStatus.Ok, second.Read(state).Status);
        second.Advance();
        Assert.Equal(IoStatus.LinkLost, second.Read(state).Status);
    }

    [Fact]
    public void Constructor_DelayTooLong_Throws() =>
        Assert.Throws<ArgumentException>(() =>
            new FaultyRobot(new PendulumRobot(), new RobotFault(RobotFaultKind.DelayedReadings, 0, DelaySteps: 64))
        );

    private static FaultyRobot Powered(params RobotFault[] faults)
    {
        var robot = new FaultyRobot(new PendulumRobot(), [.. faults]);
        robot.Open();
        robot.PowerOn();
        robot.Read(new double[2]);
        return robot;
    }
}
