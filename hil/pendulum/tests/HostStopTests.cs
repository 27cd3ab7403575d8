namespace RobotRl.Hil.Pendulum.Tests;

/// <summary>Every cause for which the host stops the rig: read from the rig's trace, from the crossed threshold on.</summary>
public sealed class HostStopTests(ITestOutputHelper output)
{
    private const int Runs = 5;

    public static TheoryData<string> Scenarios { get; } = [.. HostStopScenario.All.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Motor_ThresholdCrossed_IsOffInTimeAndReadBack(string name)
    {
        if (RealPortStops.Port is not null)
        {
            Assert.Skip("The moment is read from the emulated rig's trace.");
        }

        StopMeasurement[] measured = [.. Enumerable.Range(0, Runs).Select(run => HostStops.Measure(HostStopScenario.Named(name), run))];
        output.WriteLine(StopTable.Format(measured));
        Assert.All(measured, m =>
            Assert.True(m.InTime, $"{m.Scenario}: {m.Counts.TotalMilliseconds} ms; allowed: {m.Bound.TotalMilliseconds} ms")
        );
    }
}
