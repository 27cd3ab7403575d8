namespace RobotRl.Hil.Pendulum.Tests;

public sealed class RigTraceTests : IDisposable
{
    private const string Heading = "monotonic_ns,cycle,event,value\n";
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Read_LineIsStillBeingWritten_EndsBeforeIt()
    {
        RigTrace trace = Trace("1,10,enable,1\n2,20,fault,corrupt 0.3\n3,30,com");
        Assert.Equal([new TraceEvent(1, 10, "enable", "1"), new(2, 20, "fault", "corrupt 0.3")], trace.Events);
    }

    [Fact]
    public void MotorOffForGood_DrivenAgainAtTheEnd_IsNull() =>
        Assert.Null(Trace("1,10,enable,1\n2,20,pwm,100\n3,30,command,1\n4,40,pwm,0\n5,50,command,2\n6,60,pwm,-90\n").MotorOffForGood());

    [Fact]
    public void MotorOffForGood_SeveralStops_IsTheLast()
    {
        RigTrace trace = Trace("1,10,enable,1\n2,20,pwm,100\n4,40,pwm,0\n6,60,pwm,-90\n7,70,command,3\n8,80,enable,0\n9,90,pwm,0\n");
        TraceEvent off = trace.MotorOffForGood()!;
        Assert.Equal((80, "3"), (off.Cycle, trace.LastCommandBefore(off)!.Value));
        Assert.Equal(0.625, RigTrace.Between(trace.LastCommandBefore(off)!, off).TotalMicroseconds, 0.05);
    }

    [Theory]
    [InlineData(1, 40)]
    [InlineData(4, 40)]
    [InlineData(5, 40)]
    [InlineData(6, 80)]
    [InlineData(7, 80)]
    [InlineData(20, 80)]
    public void MotorOffAfter_Moment_IsTheFirstOffFromThereOn(long ns, long cycle) =>
        Assert.Equal(
            cycle,
            Trace("1,10,enable,1\n2,20,pwm,100\n4,40,pwm,0\n6,60,pwm,-90\n8,80,enable,0\n9,90,pwm,0\n").MotorOffAfter(ns)!.Cycle
        );

    [Fact]
    public void MotorOffAfter_RunsOnOrNeverRan_IsNull()
    {
        Assert.Null(Trace("1,10,enable,1\n2,20,pwm,100\n").MotorOffAfter(1));
        Assert.Null(Trace("1,10,enable,1\n").MotorOffAfter(0));
    }

    private RigTrace Trace(string lines)
    {
        File.WriteAllText(_path, Heading + lines);
        return RigTrace.Read(_path);
    }
}
