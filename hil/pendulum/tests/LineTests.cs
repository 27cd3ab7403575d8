using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices;
using RobotRl.Hardware.Devices.Mcu;
using RobotRl.Hardware.Protocols.Mcu;
using RobotRl.Hardware.Timing;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hil.Pendulum.Tests;

/// <summary>What the line can do to firmware and driver.</summary>
public sealed class LineTests : RigTest
{
    private static readonly TimeSpan BackWithin = TimeSpan.FromSeconds(8);

    [Fact]
    public void Open_WrongBaudRate_OneClearMessage()
    {
        using var device = McuDevice.Create(
            Options() with
            {
                Serial = new SerialOptions { Port = Rig.Port, BaudRate = 115_200 },
                ConnectTimeout = TimeSpan.FromSeconds(1),
            },
            TimeProvider.System
        );
        string message = Assert.Throws<RobotException>(device.Connect).Message;
        Assert.StartsWith($"Port {Rig.Port} at 115200 baud: ", message, StringComparison.Ordinal);
        Assert.Matches("no answer within 1 s|Check the baud rate \\(115200\\)", message);
        Assert.False(Rig.Control.Status().Enabled);
    }

    [Fact]
    public void Open_AnotherRobotDescribed_ListsTheDifferencesAndPowersNothing()
    {
        McuOptions options = Options() with
        {
            States = new()
            {
                ["pole/position"] = new() { Kind = InterfaceKind.Velocity },
                ["pole/temperature"] = new() { Kind = InterfaceKind.Temperature, Unit = "K" },
            },
            Commands = new()
            {
                ["pole/effort"] = new() { Minimum = -12, Maximum = 12 },
            },
        };
        using var device = McuDevice.Create(options, TimeProvider.System);
        string message = Assert.Throws<RobotException>(device.Connect).Message;
        Assert.EndsWith(
            "the device is not the robot that is described: its state pole/position is a Position, described is Velocity; it "
                + "has no state pole/temperature; "
                + "its command pole/effort takes -3 to 3 V, described is -12 to 12 V; it has pole/velocity, which is not "
                + "described; it has motor/current, which is not described; "
                + "it has motor/voltage, which is not described. Correct Robot:Mcu, or connect the robot that it describes.",
            message,
            StringComparison.Ordinal
        );
        Assert.False(Rig.Control.Status().Enabled);
    }

    [Fact]
    public void Driver_LinkCutAndRestored_ComesBackByItselfUnpoweredUntilRearmed()
    {
        DeviceDriver robot = Open();
        robot.PowerOn();
        Rig.Control.Cut();
        Assert.True(Waiting.Until(() => robot.State == DeviceState.Faulted, Patience));
        Assert.Equal(IoStatus.LinkLost, robot.Read(new double[4]).Status);
        Rig.Control.Restore();
        IsBackUnpoweredAndCanBeRearmed(robot);
    }

    [Fact]
    public void Driver_PlugPulledAndPutBack_ComesBackByItselfUnpoweredUntilRearmed()
    {
        DeviceDriver robot = Open();
        robot.PowerOn();
        Rig.Control.Unplug();
        Assert.True(Waiting.Until(() => robot.State == DeviceState.Faulted, Patience));
        Assert.True(Waiting.Until(() => !Rig.Control.Status().Enabled, Patience));
        Rig.Control.Plug();
        IsBackUnpoweredAndCanBeRearmed(robot);
    }

    [Fact]
    public void Firmware_FloodOfRandomBytes_AcceptsNothingAndLivesOn()
    {
        var random = new Random(17);
        using var line = new TermiosTransport(Rig.Port, 500_000);
        line.Open();
        byte[] noise = new byte[1000];
        for (long end = MonotonicClock.NowNs + 1_500_000_000; MonotonicClock.NowNs < end; )
        {
            random.NextBytes(noise);
            line.Write(noise, TimeSpan.FromMilliseconds(20));
        }

        line.Close();
        McuDevice device = Connect();
        RigStatus status = Rig.Control.Status();
        Assert.Equal((0, 0, false), (status.Commands, status.Resets, status.Enabled));
        double[] state = new double[4];
        Exchange(device, [], state, IsOk);
        Assert.InRange(device.BadFramesAtDevice, 50, ushort.MaxValue);
    }

    [Fact]
    public void Firmware_RepeatedAndOldCommands_NeitherMoveNorRestartTheTimeout()
    {
        using var line = new TermiosTransport(Rig.Port, 500_000);
        line.Open();
        byte[] frame = new byte[McuProtocol.MaxFrameLength];
        Send(McuCodec.PowerOn(frame, 100, 100));
        Assert.True(Waiting.Until(() => Rig.Control.Status().Enabled, Patience));
        int length = McuCodec.Command(frame, 101, 0, [500]);

        // The same frame again and again: only the first counts, so the timeout runs out.
        Assert.True(
            Waiting.Until(
                () =>
                {
                    Send(length);
                    return !Rig.Control.Status().Enabled;
                },
                Patience
            )
        );
        Assert.Equal(1, Rig.Control.Status().Commands);
        RigTrace trace = Rig.ReadTrace();
        TraceEvent off = trace.MotorOffForGood()!;
        Assert.InRange(RigTrace.Between(trace.LastCommandBefore(off)!, off).TotalMilliseconds, 100, 101.1);

        void Send(int count) => line.Write(frame.AsSpan(0, count), TimeSpan.FromMilliseconds(20));
    }

    [Fact]
    public void Device_SomeBytesDamaged_ReadingsThatComeAreTrue()
    {
        McuDevice device = Connect();
        Rig.Control.Corrupt(0.01);
        double[] state = new double[4];
        int good = 0;
        for (int i = 0; i < 100; i++)
        {
            if (IsOk(device.Exchange([], state)))
            {
                good++;
                Assert.Equal(0, state[0]);
                Assert.InRange(state[3], 11.9, 12.1);
            }
        }

        Assert.InRange(good, 20, 99);
        Rig.Control.Corrupt(0);
        Exchange(device, [], state, IsOk);
    }

    private void IsBackUnpoweredAndCanBeRearmed(DeviceDriver robot)
    {
        double[] state = new double[4];
        Assert.True(Waiting.Until(() => robot.Counters.Reconnections == 1, BackWithin), robot.FaultReason);
        Assert.Equal(DeviceState.Faulted, robot.State);
        Assert.False(Rig.Control.Status().Enabled);
        Assert.Throws<RobotException>(robot.PowerOn);
        robot.ClearFault();
        Assert.True(Waiting.Until(() => robot.Read(state).Status == IoStatus.Ok, Patience));
        robot.PowerOn();
        Assert.Equal(DeviceState.Powered, robot.State);
        Assert.True(Rig.Control.Status().Enabled);
    }
}
