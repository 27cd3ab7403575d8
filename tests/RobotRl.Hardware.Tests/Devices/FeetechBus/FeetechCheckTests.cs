using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices.FeetechBus;
using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Tests.Devices.FeetechBus;

/// <summary>What is not as the options describe it: one clear message, nothing powered.</summary>
public sealed class FeetechCheckTests
{
    [Fact]
    public void Connect_ServoMissing_NamesItAndThoseThatAreThere() =>
        Refused(
            rig => rig.Bus.Faults.SetDead(2, true),
            "no answer from servo 2 (elbow); there are 1 (shoulder), 3 (wheel). Check its cable and its id"
        );

    [Fact]
    public void Connect_TwoServosOfOneId_SaysSo() =>
        Refused(rig => rig.Bus.Faults.SetTwin(3, true), "two servos seem to have the id 3 (wheel)");

    [Fact]
    public void Connect_AnotherModel_SaysWhich() =>
        Refused(rig => rig.Bus.Servo(1).SetModelNumber(1029), "servo 1 (shoulder) has the model number 1029; an STS3215 has 777");

    [Fact]
    public void Connect_NobodyAnswers_SaysWhatToCheck() =>
        Refused(
            rig => rig.Bus.PeerBaudRate = () => 9600,
            "no servo answers, at no rate from 38400 to 1000000 baud. Check supply and cables"
        );

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Connect_AdapterEchoes_SaysSo(bool answers)
    {
        using var rig = new FeetechRig();
        rig.Bus.Faults.SetDead(1, !answers);
        using var device = new FeetechBusDevice(rig.Options, new LineTap(rig.Near) { Echoes = true }, rig.Time, rig.Guardian);
        RobotException error = Assert.Throws<RobotException>(device.Connect);
        Assert.Contains(
            "what is sent on bus comes back by itself (an echo): its adapter hears what it sends. Switch the echo off",
            error.Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(0x00)]
    [InlineData(0xFF)]
    public void Connect_AStrayByteBeforeEachReply_IsNoHindrance(byte stray)
    {
        using var rig = new FeetechRig();
        using var device = new FeetechBusDevice(rig.Options, new LineTap(rig.Near) { Stray = [stray] }, rig.Time, rig.Guardian);
        device.Connect();
        Assert.Equal(IoStatus.Ok, device.Exchange([], rig.State).Status);
    }

    [Fact]
    public void Connect_SomeRepliesLost_StillFindsAll()
    {
        using var rig = new FeetechRig();
        rig.Bus.Faults.LostReplies = 0.1;
        rig.Device.Connect();
    }

    [Fact]
    public void Connect_OtherBaudRate_SaysAtWhichOneTheyAnswer()
    {
        using var terminal = new PseudoTerminal();
        using var bus = new FeetechBusEmulator(terminal, 2, TimeProvider.System) { BaudRate = 115_200 };
        bus.PeerBaudRate = () => terminal.PeerBaudRate;
        bus.Start();
        var options = new FeetechBusOptions
        {
            Serial = new() { Port = terminal.SlavePath },
            Servos =
            {
                ["pan"] = new() { Id = 1 },
                ["tilt"] = new() { Id = 2 },
            },
            Guardian = new() { Enabled = false },
        };
        using var device = new FeetechBusDevice(options, SerialTransports.Create(options.Serial), TimeProvider.System);
        RobotException error = Assert.Throws<RobotException>(device.Connect);
        Assert.Contains(
            $"Robot feetech-bus on {terminal.SlavePath} at 1000000 baud: no servo answers, but one does at 115200 baud. Set "
                + $"Robot:FeetechBus:Serial:BaudRate to 115200",
            error.Message,
            StringComparison.Ordinal
        );
        options.Serial.BaudRate = 115_200;
        using var right = new FeetechBusDevice(options, SerialTransports.Create(options.Serial), TimeProvider.System);
        right.Connect();
    }

    [Fact]
    public void Connect_NoSuchPort_SaysSo()
    {
        var options = new FeetechBusOptions
        {
            Serial = new() { Port = "/dev/ttyNOWHERE" },
            Servos = { ["pan"] = new() },
            Guardian = new() { Enabled = false },
        };
        using var device = new FeetechBusDevice(options, SerialTransports.Create(options.Serial), TimeProvider.System);
        Assert.Contains("/dev/ttyNOWHERE", Assert.Throws<RobotException>(device.Connect).Message, StringComparison.Ordinal);
    }

    private static void Refused(Action<FeetechRig> arrange, string expected)
    {
        using FeetechRig rig = new FeetechRig().WithoutTorque();
        arrange(rig);
        RobotException error = Assert.Throws<RobotException>(rig.Device.Connect);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.False(rig.Guardian.Watches);
        Assert.All(rig.Bus.Servos, s => Assert.False(s.IsTorqueOn));
    }
}
