using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices;
using RobotRl.Hardware.Devices.DynamixelBus;
using RobotRl.Hardware.Devices.FeetechBus;
using RobotRl.Hardware.Devices.Mcu;
using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Safety;

namespace RobotRl.Runtime.Tests.Safety;

/// <summary>What the drivers' own descriptions have watched, with default options.</summary>
public sealed class DeviceRangesTests
{
    [Theory]
    [InlineData("xl330-m288", 5, 70, 7.1, 3.4, 71)]
    [InlineData("xl330-m077", 5, 70, 7.1, 3.4, 71)]
    [InlineData("xl430-w250", 12.1, 72, 14.1, 5.9, 73)]
    [InlineData("sts3215", 7.4, 70, 14.1, 3.9, 71)]
    [InlineData("sts3215", 12.6, 70, 14.1, 3.9, 71)]
    public void Look_DescriptionOfAServo_FiresOutsideOfItsLimitsOnly(
        string model,
        double volts,
        double celsius,
        double tooHigh,
        double tooLow,
        double tooHot
    )
    {
        RobotDescription robot = Describe(model);
        var watch = new RangeWatch(robot, new SafetyOptions());
        double[] state = new double[robot.States.Length];
        Assert.Equal((false, false), Look(volts, celsius));
        Assert.Equal((true, false), Look(tooHigh, 25));
        Assert.Equal((true, false), Look(tooLow, 25));
        Assert.Equal((false, true), Look(volts, tooHot));

        (bool Voltage, bool Temperature) Look(double voltage, double temperature)
        {
            (state[robot.StateIndex("j1/voltage")], state[robot.StateIndex("j1/temperature")]) = (voltage, temperature);
            watch.Look(state);
            return (watch.IsOutside(FailsafeCause.VoltageOutOfRange), watch.IsOutside(FailsafeCause.TemperatureOutOfRange));
        }
    }

    [Theory]
    [InlineData(10, -3, false, false)]
    [InlineData(14.5, 3, false, false)]
    [InlineData(9.9, 0, true, false)]
    [InlineData(14.6, 0, true, false)]
    [InlineData(12, 3.1, false, true)]
    [InlineData(12, -3.1, false, true)]
    public void Look_DescriptionOfThePendulumRig_FiresOutsideOfTheFirmwaresLimitsOnly(
        double volts,
        double amperes,
        bool voltage,
        bool current
    )
    {
        RobotDescription robot = new McuOptions().Describe();
        var watch = new RangeWatch(robot, new SafetyOptions());
        double[] state = new double[robot.States.Length];
        (state[robot.StateIndex("motor/voltage")], state[robot.StateIndex("motor/current")]) = (volts, amperes);
        watch.Look(state);
        Assert.Equal(
            (voltage, current),
            (watch.IsOutside(FailsafeCause.VoltageOutOfRange), watch.IsOutside(FailsafeCause.CurrentOutOfRange))
        );
    }

    private static RobotDescription Describe(string model)
    {
        using DeviceDriver driver =
            model == "sts3215"
                ? FeetechBusDevice.CreateRobot(new() { Servos = { ["j1"] = new() } }, TimeProvider.System)
                : DynamixelBusDevice.CreateRobot(new() { Servos = { ["j1"] = new() { Model = model } } }, TimeProvider.System);
        return driver.Description;
    }
}
