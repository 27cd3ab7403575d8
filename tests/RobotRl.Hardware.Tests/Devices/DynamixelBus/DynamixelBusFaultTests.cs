using System.Diagnostics;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices.DynamixelBus;
using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Protocols.Dynamixel;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Tests.Devices.DynamixelBus;

/// <summary>Bad input and failing servos: one clear message each, nothing powered, nothing cleared by itself.</summary>
public sealed class DynamixelBusFaultTests : IDisposable
{
    private readonly DynamixelRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Open_NobodyAnswers_SaysWhatToCheck()
    {
        for (byte id = 1; id <= 3; id++)
        {
            _rig.Emulator.Faults.SetDead(id, true);
        }

        AssertRefused(
            "Robot dynamixel-bus: no servo answers on bus. Check supply, cable and baud rate (servos are delivered with "
                + "57600), and that these are servos of Dynamixel protocol 2.0."
        );
    }

    [Fact]
    public void Open_OneMissing_NamesItAndThoseThatAreThere()
    {
        _rig.Emulator.Faults.SetDead(2, true);
        AssertRefused("Robot dynamixel-bus: servo 2 (j2) on bus does not answer; 1 (j1), 3 (j3) do. Check its cable, id and baud rate.");
    }

    [Fact]
    public void Open_TwoServosOfOneId_SaysSo()
    {
        _rig.Emulator.Faults.SetTwin(3, true);
        AssertRefused("Robot dynamixel-bus: two servos answer as servo 3 (j3) on bus. Connect one alone and give it an id of its own.");
    }

    [Fact]
    public void Open_OtherModel_SaysWhichItIs()
    {
        using var rig = new DynamixelRig(DynamixelRig.Of(1), 1, DynamixelModel.Xl430W250);
        Assert.Equal(
            "Robot dynamixel-bus: servo 1 (j1) on bus is a xl430-w250; Model says xl330-m288. Correct the model or the id.",
            Assert.Throws<RobotException>(rig.Driver.Open).Message
        );
    }

    [Fact]
    public void Open_OtherProtocolOrBaudRate_SaysSo()
    {
        (MemoryTransport near, MemoryTransport far) = MemoryTransport.CreatePair("bus", _rig.Clock.Advance);
        far.Open();
        near.Written = () => far.Write([0x00, 0x07, 0xFE, 0x80, 0xF8], TimeSpan.Zero);
        using var device = new DynamixelBusDevice(DynamixelRig.Of(2), near, _rig.Clock);
        Assert.Equal(
            "Robot dynamixel-bus: what comes on bus is not Dynamixel protocol 2.0. Check the baud rate, and that these are "
                + "servos of that protocol.",
            Assert.Throws<RobotException>(device.Connect).Message
        );
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Open_AdapterEchoes_SaysSo(bool answers)
    {
        using var rig = new DynamixelRig(between: (line, _) => new LineTap(line) { Echoes = true });
        for (byte id = 1; id <= 3; id++)
        {
            rig.Emulator.Faults.SetDead(id, !answers);
        }

        Assert.Equal(
            "Robot dynamixel-bus: what is sent on bus comes back by itself (an echo): its adapter hears what it sends. "
                + "Switch the echo off, or use an adapter that switches its receiver off while it sends.",
            Assert.Throws<RobotException>(rig.Driver.Open).Message
        );
    }

    [Theory]
    [InlineData(0x00)]
    [InlineData(0xFF)]
    [InlineData(0xFD)]
    public void Open_AStrayByteBeforeEachReply_IsNoHindrance(byte stray)
    {
        using var rig = new DynamixelRig(between: (line, _) => new LineTap(line) { Stray = [stray] });
        rig.Power();
        rig.Pass(20, [0.1, 0.1, 0.1]);
        Assert.Equal(IoStatus.Ok, rig.Driver.Read(rig.State).Status);
        Assert.Equal(0, rig.Driver.Counters.MissedReplies);
    }

    [Fact]
    public void Open_PortMissing_IsTheTransportsMessage()
    {
        DynamixelBusOptions options = DynamixelRig.Of(1);
        options.Serial.Port = "/dev/ttyNONE9";
        using var robot = DynamixelBusDevice.CreateRobot(options, TimeProvider.System);
        Assert.StartsWith("Port /dev/ttyNONE9 does not exist", Assert.Throws<RobotException>(robot.Open).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_VelocityLimitOfTheServoTooLow_NamesRegisterAndOption()
    {
        using var rig = new DynamixelRig(DynamixelRig.Of(1, s => s.Mode = DynamixelCommandMode.Velocity), 1);
        rig.Device.ConnectUnpowered();
        byte[] request = new byte[32],
            reply = new byte[64];
        int length = DynamixelCodec.Write(request, 1, DynamixelTable.VelocityLimit, 100);
        rig.Link.Write(request.AsSpan(0, length), TimeSpan.Zero);
        rig.Link.Read(reply, TimeSpan.Zero);
        rig.Device.Disconnect();
        Assert.Contains(
            "permits goals up to 100 (register 44); Servos:j1:MaxVelocity needs 445",
            Assert.Throws<RobotException>(rig.Driver.Open).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Overheats_Powered_IsAFaultUntilItHasCooledAndIsClearedByOrder()
    {
        _rig.Power();
        _rig.Pass(5, [0, 0, 0]);
        _rig.Emulator.Faults.SetOverheated(2, true);
        _rig.Pass(2, [0, 0, 0]);
        Assert.Equal(IoStatus.DeviceFault, _rig.Driver.Read(_rig.State).Status);
        Assert.Equal(
            "Joint j2 (servo 2 on bus): it reports overheating. Remove the cause, let it cool down, then arm again, which "
                + "restarts the servo.",
            _rig.Device.Fault
        );
        _rig.Driver.RequestStop(StopLevel.PowerOff, "DeviceError");
        _rig.Pass(1);
        Assert.True(_rig.Driver.Stop.Confirmed);
        Assert.Contains("overheating", Assert.Throws<RobotException>(_rig.Driver.ClearFault).Message, StringComparison.Ordinal);
        Assert.Equal(DeviceState.Faulted, _rig.Driver.State);
        _rig.Emulator.Faults.SetOverheated(2, false);
        _rig.Pass(100);
        Assert.NotNull(_rig.Device.Fault);
        _rig.Driver.ClearFault();
        Assert.Null(_rig.Device.Fault);
        _rig.Driver.PowerOn();
        _rig.Pass(50, [0.2, 0.2, 0.2]);
        Assert.Equal(IoStatus.Ok, _rig.Driver.Read(_rig.State).Status);
        Assert.Equal(0.2, _rig.Emulator.Servos[1].PositionRad, 0.05);
    }

    [Fact]
    public void LosesItsEncoder_Powered_NoGarbageIsReadAsAPosition()
    {
        _rig.Power();
        _rig.Pass(5, [0, 0, 0]);
        _rig.Driver.Read(_rig.State);
        double before = _rig.State[0];
        _rig.Emulator.Faults.SetLostEncoder(1, true);
        _rig.Pass(3, [0, 0, 0]);
        ReadResult read = _rig.Driver.Read(_rig.State);
        Assert.Equal(IoStatus.DeviceFault, read.Status);
        Assert.Equal(before, _rig.State[0]);
        Assert.True(read.Age > 2 * DynamixelRig.Period, $"{read.Age}");
        Assert.Contains("a failed encoder", _rig.Device.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void StopsAnswering_Powered_LinkIsLostTheOthersAreSwitchedOffAndTheMessageNamesIt()
    {
        _rig.Power();
        _rig.Pass(5, [0, 0, 0]);
        _rig.Emulator.Faults.SetDead(2, true);
        _rig.Pass(5, [0, 0, 0]);
        Assert.Equal((DeviceState.Faulted, IoStatus.LinkLost), (_rig.Driver.State, _rig.Driver.Read(_rig.State).Status));
        Assert.False(_rig.Emulator.Servos[0].IsTorqueOn);
        Assert.False(_rig.Emulator.Servos[2].IsTorqueOn);
        Until(() => _rig.Driver.FaultReason!.Contains("servo 2 (j2) on bus does not answer", StringComparison.Ordinal));
        _rig.Emulator.Faults.SetDead(2, false);
        Until(() => _rig.Driver.Counters.Reconnections == 1);
        Assert.All(_rig.Emulator.Servos, s => Assert.False(s.IsTorqueOn));
    }

    [Fact]
    public void PowerOff_OneDoesNotConfirm_IsNamed()
    {
        _rig.Power();
        _rig.Pass(5, [0, 0, 0]);
        _rig.Emulator.Faults.SetDead(2, true);
        _rig.Driver.PowerOff();
        Assert.Equal(DeviceState.Faulted, _rig.Driver.State);
        Assert.Contains(
            "it does not confirm that it is without power; switching off is tried again. Check cable and supply of servo 2 (j2)",
            _rig.Driver.FaultReason,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void PlugPulled_Powered_IsBackUnpoweredAndArmsFromTheMeasuredPose()
    {
        _rig.Power();
        _rig.Pass(100, [0.6, 0, 0]);
        _rig.Link.Cut();
        _rig.Pass(1, [0.6, 0, 0]);
        Assert.Equal(DeviceState.Faulted, _rig.Driver.State);
        _rig.Mend();
        Until(() => _rig.Driver.Counters.Reconnections == 1);
        Assert.All(_rig.Emulator.Servos, s => Assert.False(s.IsTorqueOn));
        _rig.Driver.ClearFault();
        _rig.Driver.PowerOn();
        _rig.Pass(50);
        Assert.Equal(0.6, _rig.Emulator.Servos[0].PositionRad, 0.02);
    }

    private void AssertRefused(string message)
    {
        Assert.Equal(message, Assert.Throws<RobotException>(_rig.Driver.Open).Message);
        Assert.Equal(DeviceState.Closed, _rig.Driver.State);
        Assert.All(_rig.Emulator.Servos, s => Assert.False(s.IsTorqueOn));
    }

    private void Until(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30), "never");
            _rig.Pass(1);
            Thread.Yield();
        }
    }
}
