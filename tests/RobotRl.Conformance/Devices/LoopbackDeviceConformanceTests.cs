using RobotRl.Conformance.Suite;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices;
using RobotRl.Hardware.Tests.Devices;

namespace RobotRl.Conformance.Devices;

/// <summary>The driver over a device in memory that damps.</summary>
public sealed class LoopbackDeviceConformanceTests : RealTimeConformance
{
    protected override TimeSpan ControlPeriod => TimeSpan.FromMilliseconds(10);

    protected override IRobot Create(TimeProvider clock) =>
        new DeviceDriver(new LoopbackDevice(clock), DriverSettings.Patient(ControlPeriod), clock);
}
