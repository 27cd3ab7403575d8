using RobotRl.Conformance.Suite;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices;
using RobotRl.Hardware.Devices.FeetechBus;
using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Protocols.Feetech;
using RobotRl.Hardware.Transports;

namespace RobotRl.Conformance.Devices;

/// <summary>Feetech servos, by position and by velocity, emulated at the other end of a link in memory.</summary>
public sealed class FeetechBusConformanceTests : RealTimeConformance
{
    protected override TimeSpan ControlPeriod => TimeSpan.FromMilliseconds(20);

    protected override IRobot Create(TimeProvider clock)
    {
        var options = new FeetechBusOptions
        {
            Servos =
            {
                ["shoulder"] = new() { Id = 1 },
                ["wheel"] = new() { Id = 2, Mode = FeetechCommandMode.Velocity },
            },
            Guardian = { Enabled = false },
        };
        (MemoryTransport near, MemoryTransport far) = MemoryTransport.CreatePair("bus");
        var bus = new FeetechBusEmulator(far, 2, clock);
        foreach (EmulatedServo servo in bus.Servos)
        {
            // Otherwise each connection lets torque down over two seconds first.
            bus.Servo(servo.Id).Preset(FeetechTable.TorqueEnable, 0);
        }

        far.Open();

        // Served within each write, so that no third thread is needed.
        near.Written = () => bus.Serve(TimeSpan.Zero);
        return new DeviceDriver(new FeetechBusDevice(options, near, clock), DriverSettings.Patient(ControlPeriod), clock);
    }
}
