using RobotRl.Conformance.Suite;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices;
using RobotRl.Hardware.Devices.DynamixelBus;
using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Protocols.Dynamixel;
using RobotRl.Hardware.Transports;

namespace RobotRl.Conformance.Devices;

/// <summary>Two emulated servos, one by position and one by velocity, that answer within the device's own writes.</summary>
public sealed class DynamixelBusConformanceTests : RealTimeConformance
{
    protected override TimeSpan ControlPeriod => TimeSpan.FromMilliseconds(10);

    protected override IRobot Create(TimeProvider clock)
    {
        (MemoryTransport near, MemoryTransport far) = MemoryTransport.CreatePair("bus");
        far.Open();
        var emulator = new DynamixelBusEmulator(far, 2, DynamixelModel.Xl330M288, clock);
        near.Written = () => emulator.Serve(TimeSpan.Zero);
        var options = new DynamixelBusOptions
        {
            ControlPeriod = ControlPeriod,

            // A pause of the machine must not look like a runtime that died.
            BusWatchdog = TimeSpan.FromSeconds(2.54),
            Servos =
            {
                ["elbow"] = new() { Id = 1 },
                ["wheel"] = new() { Id = 2, Mode = DynamixelCommandMode.Velocity },
            },
        };
        return new DeviceDriver(new DynamixelBusDevice(options, near, clock), DriverSettings.Patient(ControlPeriod), clock);
    }
}
