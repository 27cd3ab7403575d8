using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Safety;

namespace RobotRl.Runtime.Tests.Safety;

public sealed class RangeWatchTests
{
    private static readonly RobotDescription s_arm = new(
        "arm",
        [
            new("elbow/position", InterfaceKind.Position, "rad", -3, 3) { AllowedMaximum = 1 },
            new("elbow/temperature", InterfaceKind.Temperature, "°C", -40, 150) { AllowedMaximum = 70 },
            new("elbow/voltage", InterfaceKind.Voltage, "V", 0, 20) { AllowedMinimum = 6.5, AllowedMaximum = 12 },
            new("wrist/temperature", InterfaceKind.Temperature, "°C", -40, 150),
            new("wrist/current", InterfaceKind.Current, "A", -5, 5),
        ],
        [],
        TimeSpan.FromMilliseconds(10)
    );

    [Theory]
    [InlineData(70, 6.5, 500, 5, null, null)]
    [InlineData(70.1, 12.1, 0, 0, "elbow/temperature is 70.1 °C, allowed at most 70 °C", "elbow/voltage is 12.1 V, allowed 6.5 to 12 V")]
    [InlineData(-300, 6.4, 0, 0, null, "elbow/voltage is 6.4 V, allowed 6.5 to 12 V")]
    public void Look_RangesOfTheDevice_NamesStateValueAndRange(
        double elbow,
        double voltage,
        double wrist,
        double current,
        string? temperature,
        string? supply
    )
    {
        var watch = new RangeWatch(s_arm, new SafetyOptions());
        watch.Look([2, elbow, voltage, wrist, current]);
        Assert.Equal(
            (temperature, supply, null),
            (
                watch.Describe(FailsafeCause.TemperatureOutOfRange),
                watch.Describe(FailsafeCause.VoltageOutOfRange),
                watch.Describe(FailsafeCause.CurrentOutOfRange)
            )
        );
        Assert.Equal(
            (temperature is not null, supply is not null),
            (watch.IsOutside(FailsafeCause.TemperatureOutOfRange), watch.IsOutside(FailsafeCause.VoltageOutOfRange))
        );
    }

    [Fact]
    public void Look_RangesOfTheOptions_HoldInstead()
    {
        var options = new SafetyOptions
        {
            Ranges =
            {
                ["elbow/temperature"] = new StateRange { Maximum = 50 },
                ["elbow/voltage"] = new StateRange { Minimum = 9 },
                ["wrist/current"] = new StateRange { Minimum = -1, Maximum = 1 },
            },
        };
        var watch = new RangeWatch(s_arm, options);
        watch.Look([0, 55, 8, 20, -1.5]);
        Assert.Equal("elbow/temperature is 55 °C, allowed at most 50 °C", watch.Describe(FailsafeCause.TemperatureOutOfRange));
        Assert.Equal("elbow/voltage is 8 V, allowed 9 to 12 V", watch.Describe(FailsafeCause.VoltageOutOfRange));
        Assert.Equal("wrist/current is -1.5 A, allowed -1 to 1 A", watch.Describe(FailsafeCause.CurrentOutOfRange));
        watch.Look([0, 45, 10, 20, 0.5]);
        Assert.False(
            watch.IsOutside(FailsafeCause.TemperatureOutOfRange)
                || watch.IsOutside(FailsafeCause.VoltageOutOfRange)
                || watch.IsOutside(FailsafeCause.CurrentOutOfRange)
        );
    }

    [Fact]
    public void Look_AllocatesNothing()
    {
        var watch = new RangeWatch(s_arm, new SafetyOptions());
        double[] state = [0, 80, 5, 20, 0];
        watch.Look(state);
        _ = watch.IsOutside(FailsafeCause.TemperatureOutOfRange);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            watch.Look(state);
            _ = watch.IsOutside(FailsafeCause.TemperatureOutOfRange);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
