using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices;
using RobotRl.Hardware.Devices.Calibration;
using RobotRl.Hardware.Devices.DynamixelBus;
using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Protocols.Dynamixel;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Tests.Devices.DynamixelBus;

/// <summary>In real time over a pseudo-terminal, as with a real port: driver thread here, emulator thread there.</summary>
public sealed class DynamixelBusPtyTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly string _link = Path.Combine(Path.GetTempPath(), $"robotrl-bus-{Guid.NewGuid():N}");
    private readonly PseudoTerminal _port;
    private readonly DynamixelBusEmulator _emulator;

    public DynamixelBusPtyTests()
    {
        _port = new(_link);
        _emulator = new(_port, 6, DynamixelModel.Xl330M288, TimeProvider.System);
        _emulator.Start();
    }

    public void Dispose()
    {
        _emulator.Dispose();
        _port.Dispose();
    }

    [Fact]
    public void SixServos_MovePulledAndArmedAgain_GoOn()
    {
        DynamixelBusOptions options = DynamixelRig.Of(6);
        options.ControlPeriod = TimeSpan.FromMilliseconds(20);
        options.BusWatchdog = TimeSpan.FromSeconds(2);

        // A busy machine pauses for longer than a robot's driver should put up with.
        options.Driver = new() { CommandLossStop = TimeSpan.FromSeconds(5), LinkLossAfter = TimeSpan.FromSeconds(1) };
        options.Serial.Port = _link;
        using DeviceDriver robot = DynamixelBusDevice.CreateRobot(options, TimeProvider.System);
        robot.Open();
        robot.PowerOn();
        double[] goal = [0.3, -0.3, 0.2, -0.2, 0.1, -0.1];
        AssertGoes(robot, goal);

        _emulator.Dispose();
        _port.Close();
        Assert.True(SpinWait.SpinUntil(() => robot.State == DeviceState.Faulted, Limit));
        Assert.Contains("the link is lost", robot.FaultReason, StringComparison.Ordinal);
        using var again = new DynamixelBusEmulator(_port, 6, DynamixelModel.Xl330M288, TimeProvider.System);
        again.Servos[0].Place(0.5);
        again.Start();
        Assert.True(SpinWait.SpinUntil(() => robot.Counters.Reconnections > 0, Limit), robot.FaultReason);
        Assert.All(again.Servos, s => Assert.False(s.IsTorqueOn));
        robot.ClearFault();
        robot.PowerOn();
        Assert.All(again.Servos, s => Assert.True(s.IsTorqueOn));
        Assert.Equal(0.5, again.Servos[0].PositionRad, 0.05);
        AssertGoes(robot, goal);
        robot.RequestStop(StopLevel.ControlledStop, "test");
        Assert.True(SpinWait.SpinUntil(() => robot.Stop.Confirmed, Limit));
        Assert.All(again.Servos, s => Assert.False(s.IsTorqueOn));
    }

    [Fact]
    public void CreateForCalibration_FileNotMadeYet_RecordsJointsThatDriveTheRobotAfterwards()
    {
        DynamixelBusOptions options = DynamixelRig.Of(6);
        options.Serial.Port = _link;
        options.Calibration = _link + ".json";
        Assert.Contains(
            "Make it with robotrl calibrate",
            Assert.Throws<RobotException>(() => DynamixelBusDevice.CreateRobot(options, TimeProvider.System)).Message,
            StringComparison.Ordinal
        );
        var file = new CalibrationFile { Robot = DynamixelBusDevice.Kind };
        using (ICalibratable bus = DynamixelBusDevice.CreateForCalibration(options, TimeProvider.System))
        {
            bus.ConnectUnpowered();
            int[] ticks = new int[6];
            Assert.True(SpinWait.SpinUntil(() => bus.TryReadTicks(ticks), Limit));
            for (int i = 0; i < ticks.Length; i++)
            {
                // As if it had been moved by 500 ticks either way.
                var recorder = new JointRecorder(bus.Joints[i]);
                foreach (int at in new[] { -500, 500, 0 })
                {
                    recorder.Observe(ticks[i] + at);
                }

                recorder.Mark(0.25);
                file.Joints[bus.Joints[i].Name] = recorder.Build(direction: -1, gearRatio: 1, marginRad: 0.1);
            }
        }

        file.Save(options.Calibration);
        try
        {
            using DeviceDriver robot = DynamixelBusDevice.CreateRobot(options, TimeProvider.System);
            robot.Open();
            double[] state = new double[robot.Description.States.Length];
            Assert.True(SpinWait.SpinUntil(() => robot.Read(state).Status == IoStatus.Ok, Limit));
            Assert.Equal(0.25, state[0], 0.01);
            Assert.Equal(0.25 + (500 * DynamixelUnits.RadPerTick) - 0.1, robot.Description.Commands[0].Maximum, 0.01);
        }
        finally
        {
            File.Delete(options.Calibration);
        }
    }

    private static void AssertGoes(DeviceDriver robot, double[] goal)
    {
        double[] state = new double[robot.Description.States.Length];
        Assert.True(
            SpinWait.SpinUntil(
                () =>
                {
                    robot.Write(goal);
                    robot.Read(state);
                    return Enumerable.Range(0, goal.Length).All(i => Math.Abs(state[i * 5] - goal[i]) < 0.03);
                },
                Limit
            ),
            $"{robot.State} {robot.FaultReason} {string.Join(' ', state)}"
        );
    }
}
