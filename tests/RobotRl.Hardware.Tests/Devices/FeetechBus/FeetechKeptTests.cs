using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices.FeetechBus;
using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Protocols.Feetech;

namespace RobotRl.Hardware.Tests.Devices.FeetechBus;

/// <summary>
/// What a servo keeps about its motion: it narrows what may be commanded, or the connection is refused; it is never widened, nor
/// written.
/// </summary>
public sealed class FeetechKeptTests
{
    private const int Fine = (int)FeetechTable.DeliveredPhase;

    [Fact]
    public void Connect_PositionLimits_NarrowTheCommand()
    {
        using FeetechRig rig = new FeetechRig().WithoutTorque();
        RobotDescription before = rig.Device.Description;
        rig.Bus.Servo(2).Preset(FeetechTable.MinAngle, 1000);
        rig.Bus.Servo(2).Preset(FeetechTable.MaxAngle, 3000);
        rig.Device.Connect();
        CommandInterface elbow = rig.Device.Description.Commands[1];
        Assert.Equal((FeetechUnits.PositionRad(1000), FeetechUnits.PositionRad(3000)), (elbow.Minimum, elbow.Maximum));
        Assert.Equal("registers 9 and 11 of servo 2 are 1000 and 3000", elbow.LimitedBy);
        Assert.Equal(before.Commands[0], rig.Device.Description.Commands[0]);
    }

    [Fact]
    public void Connect_LimitsAsDelivered_LeaveTheDescriptionAsItWas()
    {
        using FeetechRig rig = new FeetechRig().WithoutTorque();
        RobotDescription before = rig.Device.Description;
        rig.Device.Connect();
        Assert.Same(before, rig.Device.Description);
    }

    [Theory]
    [InlineData(1, 2200, 2600)]
    [InlineData(-1, 1496, 1896)]
    public void Connect_PositionLimitsOfACalibratedJoint_NarrowItInItsOwnAngles(int direction, int least, int greatest)
    {
        using var file = new CalibrationOf(
            "elbow",
            new()
            {
                ZeroTicks = 2048,
                Direction = direction,
                OffsetRad = 1,
                MinRad = 0,
                MaxRad = 2,
            }
        );
        using FeetechRig rig = new FeetechRig(o => o.Calibration = file.Path).WithoutTorque();
        rig.Bus.Servo(2).Preset(FeetechTable.MinAngle, least);
        rig.Bus.Servo(2).Preset(FeetechTable.MaxAngle, greatest);
        rig.Device.Connect();
        CommandInterface elbow = rig.Device.Description.Commands[1];
        Assert.Equal(1 + (152 * FeetechUnits.RadPerTick), elbow.Minimum, 6);
        Assert.Equal(1 + (552 * FeetechUnits.RadPerTick), elbow.Maximum, 6);
    }

    [Fact]
    public void Exchange_AnyCommandWithinTheNarrowedRange_IsReached()
    {
        using FeetechRig rig = new FeetechRig().WithoutTorque();
        rig.Bus.Servo(2).Preset(FeetechTable.MinAngle, 1900);
        rig.Bus.Servo(2).Preset(FeetechTable.MaxAngle, 2300);
        rig.PoweredOn();
        foreach (double aim in new[] { rig.Device.Description.Commands[1].Minimum, rig.Device.Description.Commands[1].Maximum })
        {
            for (int i = 0; i < 60; i++)
            {
                rig.Cycle(0, aim, 0);
            }

            Assert.Equal(aim, rig.State[FeetechJoint.States], 2);
        }
    }

    [Fact]
    public void Connect_FactorySpeedLimit_NarrowsAVelocityCommand()
    {
        using FeetechRig rig = new FeetechRig().WithoutTorque();
        rig.Bus.Servo(3).Preset(FeetechTable.MaxVelocity, 20);
        rig.Device.Connect();
        CommandInterface wheel = rig.Device.Description.Commands[2];
        Assert.Equal(
            (-1000 * FeetechUnits.RadPerTick, 1000 * FeetechUnits.RadPerTick, "register 84 of servo 3 is 20"),
            (wheel.Minimum, wheel.Maximum, wheel.LimitedBy)
        );
    }

    [Theory]
    [InlineData(1, 400, 400)]
    [InlineData(0.3, 400, 300)]
    public void PowerOn_GreatestTorqueKept_IsNeverWidened(double asked, int kept, int expected)
    {
        using FeetechRig rig = new FeetechRig(o => o.Servos["elbow"].TorqueLimit = asked).WithoutTorque();
        rig.Bus.Servo(2).Preset(FeetechTable.MaxTorque, kept);
        rig.PoweredOn();
        Assert.Equal(expected, rig.Bus.Servo(2).Peek(FeetechTable.TorqueLimit));

        // The guardian is told: it sets none above it.
        Assert.Equal([1000, expected, 1000], rig.Guardian.TorqueLimits);
    }

    [Fact]
    public void PowerOn_RamOfAnotherMaster_IsSetAnew()
    {
        using FeetechRig rig = new FeetechRig().WithoutTorque();
        EmulatedFeetech servo = rig.Bus.Servo(2);
        servo.Preset(FeetechTable.TorqueLimit, 10);
        servo.Preset(FeetechTable.Acceleration, 1);
        servo.Preset(FeetechTable.GoalVelocity, 5);
        servo.Preset(FeetechTable.GoalTime, 700);
        rig.PoweredOn();
        int speed = FeetechUnits.VelocityRaw(3);
        Assert.Equal(
            (1000, 0, speed, 0),
            (
                servo.Peek(FeetechTable.TorqueLimit),
                servo.Peek(FeetechTable.Acceleration),
                servo.Peek(FeetechTable.GoalVelocity),
                servo.Peek(FeetechTable.GoalTime)
            )
        );
    }

    [Theory]
    [InlineData(2, 30, 2, "servo 2 (elbow) counts positions in units of 2 ticks (register 30, angle resolution, is 2); allowed: 1.")]
    [InlineData(2, 18, Fine | 1, "servo 2 (elbow) would run away, because its motor turns against its encoder (register 18, phase, is 13)")]
    [InlineData(
        2,
        18,
        Fine | 128,
        "servo 2 (elbow) would run away, because its motor turns against its encoder (register 18, phase, is 140)"
    )]
    [InlineData(
        2,
        18,
        8,
        "servo 2 (elbow) counts velocities in units of 50 ticks/s (register 18, phase, is 8); allowed: bit 2 set, ticks/s. Set it to 12"
    )]
    [InlineData(3, 18, Fine | 16, "servo 3 (wheel) counts its position over turns (register 18, phase, is 28)")]
    [InlineData(2, 11, 0, "servo 2 (elbow) has position limits that leave nothing (register 9 is 100, register 11 is 0)")]
    [InlineData(2, 16, 0, "servo 2 (elbow) may give no torque (register 16, greatest torque, is 0)")]
    [InlineData(2, 21, 0, "servo 2 (elbow) does not move, because register 21, gain of its position loop, is 0")]
    public void Connect_ServoThatCannotBeDrivenAsItIs_IsRefusedAndLeftAlone(byte id, byte address, int value, string expected)
    {
        using FeetechRig rig = new FeetechRig().WithoutTorque();
        EmulatedFeetech servo = rig.Bus.Servo(id);
        servo.Preset(FeetechTable.MinAngle, address == FeetechTable.MaxAngle.Address ? 100 : 0);
        servo.Preset(new FeetechRegister(address, (byte)(address is 11 or 16 ? 2 : 1)), value);
        byte[] before = Memory(servo);
        RobotException error = Assert.Throws<RobotException>(rig.Device.Connect);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal(before, Memory(servo));
        Assert.False(rig.Guardian.Watches);
    }

    [Fact]
    public void Connect_PositionLimitsBesideTheCalibratedRange_IsRefused()
    {
        using var file = new CalibrationOf("elbow", new() { MinRad = 0.5, MaxRad = 1 });
        using FeetechRig rig = new FeetechRig(o => o.Calibration = file.Path).WithoutTorque();
        rig.Bus.Servo(2).Preset(FeetechTable.MaxAngle, 2000);
        Assert.Contains(
            "registers 9 and 11 of servo 2 are 0 and 2000 (4096 ticks a turn), which leaves nothing of the range of elbow, "
                + "0.5 to 1 rad. Correct the limits",
            Assert.Throws<RobotException>(rig.Device.Connect).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Connect_LimitsChangedSinceTheFirstTime_IsRefused()
    {
        using FeetechRig rig = new FeetechRig().WithoutTorque();
        rig.Device.Connect();
        rig.Device.Disconnect();
        rig.Bus.Servo(2).Preset(FeetechTable.MaxAngle, 2500);
        Assert.Contains(
            "limits or turns kept in servo 2 have changed",
            Assert.Throws<RobotException>(rig.Device.Connect).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(FeetechMode.Step)]
    [InlineData(FeetechMode.Velocity)]
    [InlineData(FeetechMode.Pwm)]
    public void Connect_FoundUnderTorqueInAnotherMode_IsLetDownWithoutAPositionGoal(FeetechMode mode)
    {
        using var rig = new FeetechRig();
        EmulatedFeetech servo = rig.Bus.Servo(2);
        servo.Preset(FeetechTable.GoalVelocity, mode == FeetechMode.Velocity ? 300 : 0);
        servo.Preset(FeetechTable.GoalTime, mode == FeetechMode.Pwm ? 200 : 0);
        servo.Preset(FeetechTable.OperatingMode, (int)mode);
        servo.Preset(FeetechTable.GoalPosition, 77);
        double was = servo.PositionRad;
        rig.Device.Connect();
        // A wheel that was turning may turn until it is told to stop, at most 0.1 s.
        Assert.InRange(servo.PositionRad - was, -0.01, mode == FeetechMode.Step ? 0.01 : 0.4);
        Assert.False(servo.IsTorqueOn);
        Assert.Equal(77, servo.Peek(FeetechTable.GoalPosition));
        Assert.Equal((int)FeetechMode.Position, servo.Peek(FeetechTable.OperatingMode));
    }

    [Fact]
    public void Connect_OwnersEeprom_IsLeftAsItIsButForTheMode()
    {
        using var rig = new FeetechRig();
        EmulatedFeetech servo = rig.Bus.Servo(2);
        servo.Preset(FeetechTable.PositionOffset, -700);
        servo.Preset(FeetechTable.MinAngle, 500);
        servo.Preset(FeetechTable.MaxTorque, 500);
        servo.Preset(FeetechTable.OverloadTorque, 25);
        servo.Preset(FeetechTable.OperatingMode, (int)FeetechMode.Velocity);
        servo.Preset(FeetechTable.Lock, 0);
        servo.Preset(FeetechTable.GoalVelocity, 0);
        byte[] before = Memory(servo);
        rig.PoweredOn();
        rig.Cycle(0, rig.State[FeetechJoint.States], 0);
        Assert.True(rig.Device.PowerOff());
        servo.PowerCycle();
        before[FeetechTable.OperatingMode.Address] = (byte)FeetechMode.Position;
        Assert.Equal(before, Memory(servo));
    }

    private static byte[] Memory(EmulatedFeetech servo) =>
        [.. Enumerable.Range(0, 40).Select(a => (byte)servo.Peek(new FeetechRegister((byte)a, 1)))];
}
