using RobotRl.Hardware.Contracts;

namespace RobotRl.Conformance.Suite;

// The rules of RequestStop.
public abstract partial class RobotConformance
{
    [Theory]
    [InlineData(StopLevel.ControlledStop)]
    [InlineData(StopLevel.PowerOff)]
    public void RequestStop_Powered_EndsFaultedConfirmedWithTheReasonUntilCleared(StopLevel level)
    {
        IRobot robot = New();
        Power(robot);
        robot.Write(Safe(robot));
        robot.RequestStop(level, "the operator's wish");
        Assert.Equal(level, robot.Stop.Requested);
        Until(robot, () => robot.State == DeviceState.Faulted && robot.Stop.Confirmed);
        Assert.Equal(level, robot.Stop.Requested);
        Assert.True(robot.Stop.ConfirmedAt >= TimeSpan.Zero);
        Assert.Contains("the operator's wish", robot.FaultReason, StringComparison.Ordinal);
        robot.PowerOff();
        robot.Open();
        for (int i = 0; i < 10; i++)
        {
            Pass(robot);
        }

        Assert.Equal(DeviceState.Faulted, robot.State);
        robot.ClearFault();
        Assert.Equal((DeviceState.Readable, null, default(StopStatus)), (robot.State, robot.FaultReason, robot.Stop));
        robot.PowerOn();
        Assert.Equal(IoStatus.Ok, robot.Write(Safe(robot)).Status);
    }

    [Fact]
    public void RequestStop_Hold_StaysPoweredWhereTheDriverCanDampElseRemovesPower()
    {
        IRobot robot = New();
        Power(robot);
        bool effort = robot.Description.Commands.Any(c => c.Kind == InterfaceKind.Effort);
        robot.RequestStop(StopLevel.Hold, "wait");
        Until(robot, () => robot.Stop.Confirmed);
        if (robot.Description.HasDamping || !effort)
        {
            Assert.Equal((DeviceState.Powered, StopLevel.Hold), (robot.State, robot.Stop.Requested));
            Assert.Null(robot.FaultReason);
        }
        else
        {
            Assert.Equal((DeviceState.Faulted, StopLevel.PowerOff), (robot.State, robot.Stop.Requested));
        }
    }

    [Fact]
    public void RequestStop_MilderAfterHarder_ChangesNothing()
    {
        IRobot robot = New();
        Power(robot);
        robot.RequestStop(StopLevel.PowerOff, "first");
        robot.RequestStop(StopLevel.ControlledStop, "second");
        robot.RequestStop(StopLevel.Hold, "third");
        robot.RequestStop(StopLevel.None, "fourth");
        Assert.Equal(StopLevel.PowerOff, robot.Stop.Requested);
        Until(robot, () => robot.State == DeviceState.Faulted && robot.Stop.Confirmed);
        Assert.Contains("first", robot.FaultReason, StringComparison.Ordinal);
        robot.RequestStop(StopLevel.Hold, "fifth");
        Assert.Equal((DeviceState.Faulted, StopLevel.PowerOff), (robot.State, robot.Stop.Requested));
        Assert.Contains("first", robot.FaultReason, StringComparison.Ordinal);
    }

    [Fact]
    public void RequestStop_HarderAfterMilder_Overrides()
    {
        IRobot robot = New();
        Power(robot);
        robot.RequestStop(StopLevel.Hold, "first");
        robot.RequestStop(StopLevel.ControlledStop, "second");
        robot.RequestStop(StopLevel.PowerOff, "third");
        Assert.Equal(StopLevel.PowerOff, robot.Stop.Requested);
        Until(robot, () => robot.State == DeviceState.Faulted && robot.Stop.Confirmed);
        Assert.Equal(StopLevel.PowerOff, robot.Stop.Requested);
    }

    [Fact]
    public void RequestStop_ClosedOrReadable_EndsFaultedWhenOpen()
    {
        IRobot closed = New(),
            readable = New();
        closed.RequestStop(StopLevel.PowerOff, "before opening");
        Assert.Equal(DeviceState.Closed, closed.State);
        closed.Open();
        readable.Open();
        readable.RequestStop(StopLevel.ControlledStop, "unpowered");
        foreach (IRobot robot in new[] { closed, readable })
        {
            Until(robot, () => robot.State == DeviceState.Faulted && robot.Stop.Confirmed);
            Assert.NotNull(robot.FaultReason);
            robot.ClearFault();
            Assert.Equal(DeviceState.Readable, robot.State);
        }
    }

    [Fact]
    public void RequestStop_AnotherThread_IsExecuted()
    {
        IRobot robot = New();
        Power(robot);
        var thread = new Thread(() => robot.RequestStop(StopLevel.PowerOff, "from elsewhere"));
        thread.Start();
        thread.Join();
        Until(robot, () => robot.State == DeviceState.Faulted && robot.Stop.Confirmed);
        Assert.Contains("from elsewhere", robot.FaultReason, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_AfterAnyStop_IsNotTaken()
    {
        foreach (StopLevel level in new[] { StopLevel.Hold, StopLevel.ControlledStop, StopLevel.PowerOff })
        {
            IRobot robot = New();
            Power(robot);
            robot.RequestStop(level, "test");
            Assert.NotEqual(IoStatus.Ok, robot.Write(Safe(robot)).Status);
            Until(robot, () => robot.Stop.Confirmed);
            Assert.NotEqual(IoStatus.Ok, robot.Write(Safe(robot)).Status);
        }
    }
}
