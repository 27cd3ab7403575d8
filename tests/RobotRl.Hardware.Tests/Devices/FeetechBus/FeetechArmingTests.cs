using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices;
using RobotRl.Hardware.Devices.Calibration;
using RobotRl.Hardware.Devices.FeetechBus;
using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Protocols.Feetech;

namespace RobotRl.Hardware.Tests.Devices.FeetechBus;

/// <summary>
/// No first goal ever differs from the reading at power on, whatever the registers of a servo hold: looked at on the wire, in every state
/// that they allow, from the first byte of the connection to half a second after torque on.
/// </summary>
public sealed class FeetechArmingTests
{
    private const int Fine = (int)FeetechTable.DeliveredPhase,
        Full = Fine | (int)FeetechPhase.FullAngle,
        Reversed = Fine | 129;

    // The dead zone, the servo's rounding, and the noise that a limit allows for.
    private const int SlackTicks = 6;

    public static TheoryData<int, bool, int> States { get; } =
    [
        .. from phase in new[] { Fine, Full, Reversed, Full | 129 }
        from torque in new[] { false, true }
        from mode in new[] { 0, 1, 3 }
        select (phase, torque, mode),
    ];

    [Theory]
    [MemberData(nameof(States))]
    public void PowerOn_AnyRawPositionAndOffset_MovesNothingOrIsRefused(int phase, bool torque, int mode)
    {
        int armed = 0,
            refused = 0;
        foreach (int raw in new[] { 0, 1, 300, 1024, 2047, 2048, 3000, 3600, 4094, 4095 })
        {
            foreach (int offset in new[] { -2047, -1000, -1, 0, 1, 500, 2047 })
            {
                foreach ((int least, int greatest) in new[] { (0, 4095), (0, 0), (1000, 3000) })
                {
                    bool went = Arm(servo =>
                    {
                        servo.Place(FeetechUnits.PositionRad(raw));
                        servo.Preset(FeetechTable.Phase, phase);
                        servo.Preset(FeetechTable.PositionOffset, offset);
                        servo.Preset(FeetechTable.MinAngle, least);
                        servo.Preset(FeetechTable.MaxAngle, greatest);
                        servo.Preset(FeetechTable.OperatingMode, mode);
                        servo.Preset(FeetechTable.GoalVelocity, 0);
                        servo.Preset(FeetechTable.TorqueEnable, torque ? 1 : 0);
                    });
                    armed += went ? 1 : 0;
                    refused += went ? 0 : 1;
                }
            }
        }

        // One that is under torque has gone within its limits before we come.
        Assert.True(armed > 60 && (torque || refused > 20), $"{armed} armed, {refused} refused.");
    }

    /// <summary>The hold command is within the range, the joint beside it: all joints were driven to where their ranges begin.</summary>
    [Fact]
    public void PowerOn_JointBesideItsRange_IsHeldWhereItIsNotWhereItsRangeBegins()
    {
        string file = Path.GetTempFileName();
        try
        {
            new CalibrationFile
            {
                Robot = FeetechBusDevice.Kind,
                Joints =
                {
                    ["shoulder"] = new(),
                    ["wheel"] = new(),
                    ["elbow"] = new() { MinRad = -2, MaxRad = 1 },
                },
            }.Save(file);
            using FeetechRig rig = new FeetechRig(o => o.Calibration = file).WithoutTorque();
            EmulatedFeetech elbow = rig.Bus.Servo(2);
            elbow.Place(1.009);
            int reading = elbow.Peek(FeetechTable.PresentPosition);
            rig.Device.Connect();
            rig.Cycle();
            var hold = new HoldCommand(rig.Device.Description);
            hold.Narrow(rig.Device.Description);
            Assert.Null(hold.OutOfRange(rig.State));
            rig.Device.PowerOn(rig.State);
            hold.StartAt(rig.State);
            for (int i = 0; i < 25; i++)
            {
                Assert.Equal(IoStatus.Ok, rig.Cycle([.. hold.Values]).Status);
                Assert.Equal(reading, elbow.Peek(FeetechTable.GoalPosition));
            }

            double[] command = [.. hold.Values];
            command[Array.FindIndex([.. rig.Device.Description.Commands], c => c.Name == "elbow/position")] = 0.9;
            rig.Cycle(command);
            Assert.NotEqual(reading, elbow.Peek(FeetechTable.GoalPosition));
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>The gate stops a joint that is further outside than its margin: power must not come only to go at once.</summary>
    [Fact]
    public void OutOfRange_JointFurtherOutsideThanTheGateAllows_IsRefused()
    {
        using FeetechRig rig = new FeetechRig().WithoutTorque();
        rig.Device.Connect();
        rig.Cycle();
        var hold = new HoldCommand(rig.Device.Description);
        CommandInterface shoulder = rig.Device.Description.Commands.Single(c => c.Name == "shoulder/position");
        rig.State[FeetechRig.ShoulderPosition] = shoulder.Maximum + 0.012;
        Assert.StartsWith("shoulder/position is ", hold.OutOfRange(rig.State), StringComparison.Ordinal);
        rig.State[FeetechRig.ShoulderPosition] = shoulder.Maximum + 0.008;
        Assert.Null(hold.OutOfRange(rig.State));
    }

    [Fact]
    public void Connect_Raw300Offset500FullAngle_IsRefusedByNameRegisterAndValue()
    {
        using FeetechRig rig = new FeetechRig().WithoutTorque();
        rig.Bus.Servo(2).Place(FeetechUnits.PositionRad(300));
        rig.Bus.Servo(2).Preset(FeetechTable.Phase, Full);
        rig.Bus.Servo(2).Preset(FeetechTable.PositionOffset, 500);
        Assert.Equal(
            "Robot feetech-bus on bus: registers 9 and 11 of servo 2 are 0 and 4095 (4096 ticks a turn), which leaves "
                + "nothing of the range of elbow, -3.142 to 3.14 rad. It counts turns (register 18, phase, is 28; register 31, "
                + "offset, is 500) and stands at tick -200: turn it by hand into those, switch its supply off and on if it was "
                + "turned through whole turns, or clear bit 4 of register 18. Otherwise correct the limits with the maker's "
                + "software, or calibrate the joint again.",
            Assert.Throws<RobotException>(rig.Device.Connect).Message
        );
        rig.Bus.Servo(2).Turn(FeetechUnits.PositionRad(700));
        rig.PoweredOn();
        Assert.Equal(200, rig.Bus.Servo(2).Peek(FeetechTable.GoalPosition));
    }

    [Fact]
    public void PowerOn_BeyondTheLimitsKept_IsRefusedByNameRegisterAndValue()
    {
        using FeetechRig rig = new FeetechRig().WithoutTorque();
        rig.Bus.Servo(2).Place(FeetechUnits.PositionRad(900));
        rig.Bus.Servo(2).Preset(FeetechTable.MinAngle, 1000);
        rig.Device.Connect();
        rig.Cycle();
        Assert.Equal(
            "Robot feetech-bus: servo 2 (elbow) is at tick 900, beyond the positions that the servo goes to (1000 to 4095, "
                + "registers 9 and 11): it would jump there under torque. Move it there by hand, then arm again.",
            Assert.Throws<RobotException>(() => rig.Device.PowerOn(rig.State)).Message
        );
        Assert.All(rig.Bus.Servos, s => Assert.False(s.IsTorqueOn));
    }

    [Fact]
    public void PowerOn_Raw300Offset500ThatWraps_StaysAndIsCommandedInTheSameCount()
    {
        using FeetechRig rig = new FeetechRig().WithoutTorque();
        rig.Bus.Servo(2).Place(FeetechUnits.PositionRad(300));
        rig.Bus.Servo(2).Preset(FeetechTable.PositionOffset, 500);
        rig.PoweredOn();
        Assert.Equal(3896, rig.Bus.Servo(2).Peek(FeetechTable.GoalPosition));
        double at = rig.State[FeetechJoint.States],
            aim = at - 0.5,
            was = rig.Bus.Servo(2).PositionRad;
        for (int i = 0; i < 60; i++)
        {
            rig.Cycle(0, aim, 0);
        }

        Assert.Equal(was - 0.5, rig.Bus.Servo(2).PositionRad, 2);
        Assert.Equal(aim, rig.State[FeetechJoint.States], 2);
    }

    [Fact]
    public void Connect_TurnedTwoTurnsByHandWhereItCountsThem_StaysWhereTheLimitsAllowIt()
    {
        using FeetechRig rig = new FeetechRig().WithoutTorque();
        EmulatedFeetech servo = rig.Bus.Servo(2);
        servo.Preset(FeetechTable.Phase, Full);
        servo.Preset(FeetechTable.MaxAngle, 0);
        servo.Turn((4 * Math.PI) + 0.3);
        rig.PoweredOn();
        Assert.Equal(0.3, rig.State[FeetechJoint.States], 2);
        for (int i = 0; i < 60; i++)
        {
            rig.Cycle(0, 0.8, 0);
        }

        Assert.Equal((4 * Math.PI) + 0.8, servo.PositionRad, 2);
    }

    [Fact]
    public void Exchange_CountThatBeginsAnew_IsAFaultAndNoWrap()
    {
        using FeetechRig rig = new FeetechRig().WithoutTorque();
        EmulatedFeetech servo = rig.Bus.Servo(2);
        servo.Preset(FeetechTable.Phase, Full);
        servo.Preset(FeetechTable.MaxAngle, 0);
        servo.Turn((2 * Math.PI) + 0.3);
        rig.Device.Connect();
        Assert.Equal(IoStatus.Ok, rig.Cycle().Status);
        servo.PowerCycle();
        servo.Preset(FeetechTable.TorqueEnable, 0);
        for (int i = 0; i < 8; i++)
        {
            Assert.NotEqual(IoStatus.Ok, rig.Cycle().Status);
        }

        Assert.Contains("the position of servo 2 (elbow) jumps as no joint can", rig.Device.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Connect_TurnedTwoTurnsByHandBeyondTheLimits_IsRefused()
    {
        using FeetechRig rig = new FeetechRig().WithoutTorque();
        rig.Bus.Servo(2).Preset(FeetechTable.Phase, Full);
        rig.Bus.Servo(2).Turn(4 * Math.PI);
        RobotException error = Assert.Throws<RobotException>(rig.Device.Connect);
        Assert.Contains("registers 9 and 11 of servo 2 are 0 and 4095", error.Message, StringComparison.Ordinal);
        Assert.Contains(
            "stands at tick 10240: turn it by hand into those, switch its supply off and on if",
            error.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void PowerOn_MovedByHandSinceTheReading_IsRefused()
    {
        using FeetechRig rig = new FeetechRig().WithoutTorque();
        rig.Device.Connect();
        rig.Cycle();
        rig.Bus.Servo(1).Turn(0.1);
        Assert.Contains(
            "servo 1 (shoulder) moves while it is to be armed",
            Assert.Throws<RobotException>(() => rig.Device.PowerOn(rig.State)).Message,
            StringComparison.Ordinal
        );
        Assert.All(rig.Bus.Servos, s => Assert.False(s.IsTorqueOn));
        rig.Cycle();
        rig.Device.PowerOn(rig.State);
        Assert.Equal(0.1, rig.Bus.Servo(1).PositionRad, 2);
    }

    [Fact]
    public void PowerOn_JointBeyondTheSeamOfItsRange_IsRefused()
    {
        // Range of ticks 100 to 1000; at tick 4000 the short way is through the seam, and the servo takes the long one.
        using var file = new CalibrationOf(
            "elbow",
            new()
            {
                ZeroTicks = 100,
                MinRad = 0,
                MaxRad = 900 * FeetechUnits.RadPerTick,
            }
        );
        using FeetechRig rig = new FeetechRig(o => o.Calibration = file.Path).WithoutTorque();
        rig.Bus.Servo(2).Place(FeetechUnits.PositionRad(4000));
        rig.Device.Connect();
        rig.Cycle();
        Assert.Contains(
            "servo 2 (elbow) is at tick 4000, beyond the seam of its encoder",
            Assert.Throws<RobotException>(() => rig.Device.PowerOn(rig.State)).Message,
            StringComparison.Ordinal
        );
    }

    /// <summary>Connects and arms. Whether it was armed; either way no servo may have moved, nor a goal have been another place.</summary>
    private static bool Arm(Action<EmulatedFeetech> arrange)
    {
        using var rig = new FeetechRig(o => o.LetDown = TimeSpan.FromMilliseconds(60));
        EmulatedFeetech servo = rig.Bus.Servo(2);
        arrange(servo);
        // What is beyond its limits under torque has moved there before we came.
        for (int i = 0; i < 400 && servo.IsTorqueOn; i++)
        {
            rig.Time.Advance(TimeSpan.FromMilliseconds(10));
            rig.Bus.Serve(TimeSpan.Zero);
        }

        double was = servo.PositionRad;
        Action serve = rig.Near.Written!;
        bool wasOn = servo.IsTorqueOn;
        rig.Near.Written = () =>
        {
            serve();
            if (servo.IsTorqueOn && !wasOn)
            {
                Assert.Equal(servo.Peek(FeetechTable.PresentPosition), servo.Peek(FeetechTable.GoalPosition));
                Assert.Equal(servo.Peek(FeetechTable.GoalPosition), servo.Peek(FeetechTable.TargetPosition), (double)SlackTicks);
            }

            wasOn = servo.IsTorqueOn;
            Assert.Equal(was, servo.PositionRad, SlackTicks * FeetechUnits.RadPerTick);
        };
        try
        {
            rig.Device.Connect();
            Assert.Equal(IoStatus.Ok, rig.Cycle().Status);
            var hold = new HoldCommand(rig.Device.Description);
            if (hold.OutOfRange(rig.State) is not null)
            {
                return false;
            }

            rig.Device.PowerOn(rig.State);
            hold.StartAt(rig.State);
            for (int i = 0; i < 25; i++)
            {
                Assert.Equal(IoStatus.Ok, rig.Cycle([.. hold.Values]).Status);
            }

            return true;
        }
        catch (RobotException error)
        {
            Assert.Contains("servo 2", error.Message, StringComparison.Ordinal);
            return false;
        }
    }
}
