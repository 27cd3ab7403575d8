using RobotRl.Conformance.Suite;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices;
using RobotRl.Hardware.Tests.Devices;

namespace RobotRl.Conformance.Devices;

/// <summary>The driver over a device in memory whose effort command has no damping: a hold removes power.</summary>
public sealed class UndampedDeviceConformanceTests : RealTimeConformance
{
    protected override TimeSpan ControlPeriod => TimeSpan.FromMilliseconds(10);

    protected override IRobot Create(TimeProvider clock) =>
        new DeviceDriver(new LoopbackDevice(clock, damping: false), DriverSettings.Patient(ControlPeriod), clock);
}
