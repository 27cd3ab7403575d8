using RobotRl.Conformance.Suite;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices.Mcu;
using RobotRl.Hil.Pendulum;

namespace RobotRl.Conformance.Devices;

/// <summary>The driver of motor controllers over the pendulum rig's real firmware, in real time.</summary>
public sealed class PendulumRigConformanceTests : RobotConformance, IDisposable
{
    private static readonly TimeSpan ControlPeriod = TimeSpan.FromMilliseconds(20);

    private readonly List<PendulumRig> _rigs = [];
    private readonly AutoResetEvent _never = new(false);

    void IDisposable.Dispose()
    {
        base.Dispose();
        _rigs.ForEach(r => r.Dispose());
        _never.Dispose();
    }

    protected override IRobot Create()
    {
        var rig = PendulumRig.Start(new RigOptions { Trace = false });
        _rigs.Add(rig);
        McuOptions options = rig.McuOptions with
        {
            ControlPeriod = ControlPeriod,
            CommandTimeout = TimeSpan.FromMilliseconds(500),
            ReplyTimeout = ControlPeriod * 0.75,
            Driver = DriverSettings.Patient(ControlPeriod),
        };
        return McuDevice.CreateRobot(options, TimeProvider.System);
    }

    protected override void Pass(IRobot robot) => _never.WaitOne(ControlPeriod);
}
