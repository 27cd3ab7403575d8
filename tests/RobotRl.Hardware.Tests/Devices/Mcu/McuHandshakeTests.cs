using Microsoft.Extensions.Time.Testing;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices.Mcu;
using RobotRl.Hardware.Protocols.Mcu;

namespace RobotRl.Hardware.Tests.Devices.Mcu;

public sealed class McuHandshakeTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedMcu _mcu;

    public McuHandshakeTests() => _mcu = new(_time, _time.Advance);

    [Fact]
    public void Connect_SilentPort_SaysSoAfterTheConnectTimeout()
    {
        _mcu.Ignores = _ => true;
        long before = _time.GetTimestamp();
        Assert.Equal(
            "Port memory: no answer within 3 s. Check that it is the right port, that the device has its supply and the "
                + "firmware, and that 500000 baud is the firmware's rate; "
                + "a device of another protocol stays silent too.",
            Refusal()
        );
        Assert.Equal(3, _time.GetElapsedTime(before).TotalSeconds, 1);
    }

    [Fact]
    public void Connect_OtherProtocolOrBaudRate_SaysWhatCame()
    {
        // A Dynamixel status packet.
        _mcu.Noise = [0xFF, 0xFF, 0xFD, 0x00, 0x01, 0x07, 0x00, 0x55, 0x00, 0x06, 0x04, 0x26, 0x65, 0x5D];
        string message = Refusal();
        Assert.Matches(
            "^Port memory: [0-9]+ bytes came within 3 s, but no frame of the MCU protocol. Check the baud rate \\(500000\\), "
                + "and that the device speaks this protocol.$",
            message
        );
    }

    [Fact]
    public void Connect_DeviceStartsLate_IsWaitedFor()
    {
        _mcu.Ignores = _ => _time.GetElapsedTime(0).TotalSeconds < 1.2;
        using var device = new McuDevice(new(), _mcu.Port, _time);
        device.Connect();
        Assert.Equal("robotrl-pendulum", device.Capabilities!.Name);
    }

    [Fact]
    public void Connect_OtherProtocolVersion_SaysFlash()
    {
        _mcu.Capabilities = _mcu.Capabilities with { ProtocolVersion = 2 };
        Assert.Equal(
            "Port memory: the device speaks another version of the MCU protocol, not 1. Flash the firmware that belongs to this program.",
            Refusal()
        );
    }

    [Fact]
    public void Connect_AnotherRobot_ListsEveryDifferenceInOneMessage()
    {
        _mcu.Capabilities = _mcu.Capabilities with
        {
            Name = "other-robot",
            DeviceKind = 9,
            FirmwareVersion = 0x0203,
            LeastTimeoutMs = 100,
            States = 4,
        };
        _mcu.Interfaces[1] = _mcu.Interfaces[1] with { Kind = McuInterfaceKind.Current };
        _mcu.Interfaces[2] = _mcu.Interfaces[2] with { Name = "motor/heat" };
        _mcu.Interfaces[4] = _mcu.Interfaces[4] with { LeastRaw = -1000, GreatestRaw = 1000 };
        Assert.Equal(
            "Port memory: the device is not the robot that is described: its name is \"other-robot\", described is \"robotrl-pendulum\"; "
                + "its kind is 9, described is 1; its firmware has version 2.3, described is 1.x; it takes a command timeout "
                + "of 100 to 500 ms, described is 60 ms; "
                + "its state pole/velocity is a Current, described is Velocity; it has no state motor/current; "
                + "its command pole/effort takes -1 to 1 V, described is -3 to 3 V; it has motor/heat, which is not described. "
                + "Correct Robot:Mcu, or connect the robot that it describes.",
            Refusal()
        );
        Assert.DoesNotContain(McuMessage.PowerOn, _mcu.Requests);
    }

    [Fact]
    public void Connect_NarrowerCommandRangeDescribed_IsAllowed()
    {
        var options = new McuOptions
        {
            Commands = new()
            {
                ["pole/effort"] = new()
                {
                    Minimum = -1,
                    Maximum = 1,
                    VelocityState = "pole/velocity",
                },
            },
        };
        using var device = new McuDevice(options, _mcu.Port, _time);
        device.Connect();
        Assert.Equal(1, device.Description.Commands[0].Maximum);
    }

    [Fact]
    public void Connect_InterfaceIsNotDescribed_SaysWhichOne()
    {
        _mcu.Ignores = type => type == McuMessage.Describe;
        Assert.Equal("Port memory: the device does not describe its interface 0. Check the cable and the firmware.", Refusal());
    }

    [Fact]
    public void Connect_Failed_LeavesThePortFree()
    {
        _mcu.Capabilities = _mcu.Capabilities with { Name = "other-robot" };
        Refusal();
        _mcu.Capabilities = _mcu.Capabilities with { Name = "robotrl-pendulum" };
        using var device = new McuDevice(new(), _mcu.Port, _time);
        device.Connect();
    }

    private string Refusal()
    {
        using var device = new McuDevice(new(), _mcu.Port, _time);
        return Assert.Throws<RobotException>(device.Connect).Message;
    }
}
