using RobotRl.Hardware.Contracts;

namespace RobotRl.Conformance.Suite;

/// <summary>The rules for a robot with an I/O thread of its own, on a clock that makes a control period last 2 ms.</summary>
public abstract class RealTimeConformance : RobotConformance
{
    private static readonly TimeSpan RealPeriod = TimeSpan.FromMilliseconds(2);

    private readonly AutoResetEvent _never = new(false);
    private TimeProvider? _clock;

    /// <summary>Makes a robot, Closed, that takes its time from <paramref name="clock"/>.</summary>
    protected abstract IRobot Create(TimeProvider clock);

    /// <summary>The robot's nominal control period.</summary>
    protected abstract TimeSpan ControlPeriod { get; }

    /// <inheritdoc/>
    protected override IRobot Create() => Create(_clock ??= new QuickClock(ControlPeriod / RealPeriod));

    /// <inheritdoc/>
    protected override void Pass(IRobot robot) => _never.WaitOne(RealPeriod);

    [Fact]
    public void Read_AnotherThreadAsksForAStopMeanwhile_NeverBlocks()
    {
        IRobot robot = New();
        Power(robot);
        double[] state = Vector(robot, 0),
            command = Safe(robot);
        var stopper = new Thread(() =>
        {
            for (int i = 0; i < 200; i++)
            {
                robot.RequestStop(i % 2 == 0 ? StopLevel.Hold : StopLevel.ControlledStop, "again and again");
            }
        });
        stopper.Start();
        while (stopper.IsAlive)
        {
            Assert.True(robot.Read(state).Status is IoStatus.Ok or IoStatus.NotFresh);
            Assert.True(robot.Write(command).Status is IoStatus.Ok or IoStatus.WrongState);
        }

        stopper.Join();
        Assert.Equal(IoStatus.WrongState, robot.Write(command).Status);
    }
}
