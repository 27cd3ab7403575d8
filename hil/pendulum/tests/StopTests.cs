namespace RobotRl.Hil.Pendulum.Tests;

/// <summary>Every way in which commands cease to come: the motor is off in time, by the MCU alone.</summary>
public sealed class StopTests(ITestOutputHelper output)
{
    private const int Runs = 5;

    public static TheoryData<string> Scenarios { get; } = [.. StopScenario.All.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Motor_CommandsCease_IsOffInTime(string name)
    {
        var scenario = StopScenario.Named(name);
        if (RealPortStops.Port is not null && scenario.NotOnRealPort is { } reason)
        {
            Assert.Skip(reason);
        }

        StopMeasurement[] measured =
        [
            .. Enumerable
                .Range(0, Runs)
                .Select(run =>
                    RealPortStops.Port is { } port ? RealPortStops.Measure(scenario, port) : EmulatedStops.Measure(scenario, run)
                ),
        ];
        output.WriteLine(StopTable.Format(measured));
        Assert.All(measured, m =>
            Assert.True(m.InTime, $"{m.Scenario}: {m.Counts.TotalMilliseconds} ms; allowed: {m.Bound.TotalMilliseconds} ms")
        );
        Assert.All(measured, m => Assert.True(m.SinceFault >= TimeSpan.Zero));
    }

    [Theory]
    [InlineData("sigkill")]
    [InlineData("sigstop")]
    public void Motor_ReadBackByASecondHandle_ReportsItsCommandTimeout(string name)
    {
        if (RealPortStops.Port is not null)
        {
            Assert.Skip("The real port is measured this way by the test above.");
        }

        // What runs on a real rig, here on the emulated one, so that it is known to work. This measure counts the host's own delays
        // too, which only add to it, so the shortest of some runs is judged; the test above reads the rig's clock.
        var measured = new List<StopMeasurement>();
        for (int run = 0; run < Runs && !measured.Exists(m => m.InTime); run++)
        {
            using PendulumRig rig = PendulumRig.Start();
            measured.Add(RealPortStops.Measure(StopScenario.Named(name), rig.Port));
        }

        Assert.True(
            measured.Exists(m => m.InTime),
            $"{string.Join(", ", measured.Select(m => m.Counts.TotalMilliseconds))} ms; allowed: {measured[0].Bound.TotalMilliseconds} ms"
        );
        Assert.All(measured, m => Assert.Null(m.SinceLastCommand));
    }
}
