using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices.DynamixelBus;
using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Protocols.Dynamixel;
using static RobotRl.Hardware.Protocols.Dynamixel.DynamixelTable;

namespace RobotRl.Hardware.Tests.Devices.DynamixelBus;

/// <summary>What a servo keeps, and what its volatile registers hold, never cuts, turns or delays a command silently.</summary>
public sealed class DynamixelStoredTests : IDisposable
{
    private readonly List<DynamixelRig> _rigs = [];

    public void Dispose() => _rigs.ForEach(r => r.Dispose());

    [Theory]
    [InlineData(1000, 3000, 0, 0, 1000, 3000)]
    [InlineData(1000, 3000, 500, 0, 500, 2500)]
    [InlineData(1000, 3000, -500, 0, 1500, 3500)]
    [InlineData(0, 4095, 500, 0, 0, 3595)]
    [InlineData(0, 4095, -500, 0, 500, 4095)]
    [InlineData(0, 4095, 2000, 0, 0, 4095)]
    [InlineData(1000, 3000, 2000, 0, 1000, 3000)]
    [InlineData(1000, 3500, 0, 1, 595, 3095)]
    public void Open_PositionLimitsInTheServo_NarrowTheCommandAndItsEndsAreReached(
        int min,
        int max,
        int offset,
        int driveMode,
        int least,
        int greatest
    )
    {
        DynamixelRig rig = New(1);
        Assert.True(
            rig.Set(1, MinPosition, min)
                && rig.Set(1, MaxPosition, max)
                && rig.Set(1, HomingOffset, offset)
                && rig.Set(1, DriveMode, driveMode)
        );
        rig.Driver.Open();
        CommandInterface command = rig.Driver.Description.Commands[0];
        Assert.Equal(DynamixelUnits.PositionRad(least), command.Minimum, 1e-9);
        Assert.Equal(DynamixelUnits.PositionRad(greatest), command.Maximum, 1e-9);
        Assert.Equal(least > 0 || greatest < 4095, command.LimitedBy is not null);
        rig.Driver.PowerOn();
        foreach (double end in (double[])[command.Minimum, command.Maximum])
        {
            rig.Pass(250, [end]);
            Assert.Equal(end, rig.Emulator.Servos[0].PositionRad, 0.02);
        }

        Assert.Equal(IoStatus.Refused, rig.Driver.Write([command.Maximum + 0.01]).Status);
    }

    [Fact]
    public void Open_NothingOfTheRangeLeft_IsRefusedWithTheRegisters()
    {
        DynamixelRig rig = New(1);
        rig.Set(1, MinPosition, 3000);
        rig.Set(1, MaxPosition, 1000);
        Assert.Equal(
            "Robot dynamixel-bus: no goal of j1/position is within the position limits of servo 1 (registers 52 and 48: 3000 "
                + "to 1000 ticks). "
                + "Calibrate the joint with robotrl calibrate, or change the limits with DYNAMIXEL Wizard.",
            Assert.Throws<RobotException>(rig.Driver.Open).Message
        );
    }

    [Fact]
    public void PowerOn_LimitsChangedSinceTheFirstConnection_IsRefused()
    {
        DynamixelRig rig = New(1);
        rig.Driver.Open();
        rig.Set(1, MaxPosition, 3000);
        Assert.Contains(
            "servo 1 (j1) on bus holds 3000 in register 48; it was 4095 when it was first connected",
            Assert.Throws<RobotException>(rig.Driver.PowerOn).Message,
            StringComparison.Ordinal
        );
        Assert.False(rig.Emulator.Servos[0].IsTorqueOn);
    }

    [Theory]
    [InlineData(10, 8, "would switch its torque on by itself at any goal: bit 3 of register 10")]
    [InlineData(60, 1, "switches its torque on by itself when it starts: bit 0 of register 60")]
    [InlineData(12, 2, "obeys what is sent to servo 2 too: that is its secondary id (register 12)")]
    [InlineData(
        36,
        400,
        "gives no more than 45.2% of its voltage (PWM limit, register 36: 400 of 885), where 100% is asked for. Set "
            + "Servos:j1:MaxPwm to 0.451 or less"
    )]
    public void Open_RegisterThatAltersMotion_IsRefusedByName(int address, int value, string message)
    {
        DynamixelRig rig = New(2);
        Assert.True(rig.Set(1, new((ushort)address, (byte)(address == 36 ? 2 : 1)), value));
        string refusal = Assert.Throws<RobotException>(rig.Driver.Open).Message;
        Assert.StartsWith("Robot dynamixel-bus: servo 1 (j1) on bus ", refusal, StringComparison.Ordinal);
        Assert.Contains(message, refusal, StringComparison.Ordinal);
        Assert.Equal(3, rig.Register(1, OperatingMode));
    }

    [Fact]
    public void Open_CurrentLimitOfTheServoTooLow_NamesRegisterAndOption()
    {
        DynamixelRig rig = New(1, s => s.Mode = DynamixelCommandMode.Current);
        rig.Set(1, CurrentLimit, 300);
        Assert.Contains(
            "permits goals up to 300 (register 38); Servos:j1:MaxCurrent needs 1750",
            Assert.Throws<RobotException>(rig.Driver.Open).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Open_TurnedRoundInVelocityMode_IsRefused()
    {
        DynamixelRig rig = New(1, s => s.Mode = DynamixelCommandMode.Velocity);
        rig.Set(1, DriveMode, 1);
        Assert.Contains(
            "is turned round by bit 0 of register 10",
            Assert.Throws<RobotException>(rig.Driver.Open).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void PowerOn_LeftoversOfAnotherProgram_AreReset()
    {
        DynamixelRig rig = New(1);
        rig.Set(1, ProfileVelocity, 3);
        rig.Set(1, ProfileAcceleration, 1);
        rig.Set(1, GoalPwm, 50);
        rig.Set(1, GoalCurrent, 5);
        rig.Power();
        Assert.Equal((0, 0, 885), (rig.Register(1, ProfileVelocity), rig.Register(1, ProfileAcceleration), rig.Register(1, GoalPwm)));
        rig.Pass(60, [1]);
        Assert.Equal(1, rig.Emulator.Servos[0].PositionRad, 0.05);
    }

    [Fact]
    public void PowerOn_MaxPwm_IsSetAndBoundsTheServo()
    {
        DynamixelRig rig = New(1, s => s.MaxPwm = 0.45);
        rig.Set(1, PwmLimit, 400);
        rig.Power();
        Assert.Equal(398, rig.Register(1, GoalPwm));
    }

    [Fact]
    public void PowerOn_GainOfZero_IsRefused()
    {
        DynamixelRig rig = New(1);
        rig.Driver.Open();
        rig.Set(1, PositionPGain, 0);
        Assert.Contains(
            "servo 1 (j1) on bus has a proportional gain of 0 (register 84)",
            Assert.Throws<RobotException>(rig.Driver.PowerOn).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(112, 4, 5, "its register 112 holds 5 instead of 0")]
    [InlineData(108, 4, 7, "its register 108 holds 7 instead of 0")]
    [InlineData(100, 2, 200, "its register 100 holds 200 instead of 885")]
    [InlineData(98, 1, 100, "its register 98 holds 100 instead of 5")]
    [InlineData(84, 2, 20, "its gains (registers 76 to 91) are not those that it was armed with")]
    [InlineData(64, 1, 0, "its torque is off, which this runtime did not order")]
    public void Exchange_AnotherMasterWrites_IsAFaultThatNamesTheRegister(int address, int size, int value, string cause)
    {
        DynamixelRig rig = New(3);
        rig.Power();
        rig.Pass(10, [0, 0, 0]);
        Assert.Null(rig.Device.Fault);
        Assert.True(rig.Set(2, new((ushort)address, (byte)size), value));
        rig.Pass(10, [0, 0, 0]);
        Assert.StartsWith("Joint j2 (servo 2 on bus): " + cause, rig.Device.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Exchange_ServoRestartsWhileReadingsGoOn_IsNamed()
    {
        DynamixelRig rig = New(3);
        rig.Power();
        rig.Pass(10, [0, 0, 0]);
        rig.Emulator.Servo(2).RestartTime = TimeSpan.Zero;
        rig.Emulator.Servo(2).Reboot();
        rig.Pass(10, [0, 0, 0]);
        Assert.StartsWith("Joint j2 (servo 2 on bus): it has restarted", rig.Driver.FaultReason, StringComparison.Ordinal);
        Assert.Equal(IoStatus.DeviceFault, rig.Driver.Read(rig.State).Status);
    }

    [Fact]
    public void Exchange_ServoRestartsAndIsAwayMeanwhile_IsNamedFirstAsSilentThenAsRestarted()
    {
        DynamixelRig rig = New(3);
        rig.Power();
        rig.Pass(10, [0, 0, 0]);
        rig.Emulator.Servo(2).Reboot();
        rig.Pass(6, [0, 0, 0]);
        Assert.Contains(
            "Check cable and supply of servo 2 (j2), which does not answer while others do",
            rig.Driver.FaultReason,
            StringComparison.Ordinal
        );
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        while (rig.Driver.Counters.Reconnections == 0)
        {
            Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30), "never");
            rig.Pass(1);
            Thread.Yield();
        }

        Assert.StartsWith("Joint j2 (servo 2 on bus): it has restarted", rig.Device.Fault, StringComparison.Ordinal);
        Assert.Throws<RobotException>(rig.Driver.PowerOn);
        rig.Driver.ClearFault();
        rig.Driver.PowerOn();
        rig.Pass(5, [0.1, 0.1, 0.1]);
        Assert.Null(rig.Device.Fault);
    }

    [Fact]
    public void Exchange_RestartInExtendedMode_NoReadingIsATurnAway()
    {
        string file = Path.Combine(Path.GetTempPath(), $"robotrl-dynamixel-{Guid.NewGuid():N}.json");
        new RobotRl.Hardware.Devices.Calibration.CalibrationFile
        {
            Robot = DynamixelBusDevice.Kind,
            Joints =
            {
                ["j1"] = new()
                {
                    ZeroTicks = 0,
                    MinRad = -2,
                    MaxRad = 2,
                },
            },
        }.Save(file);
        var rig = new DynamixelRig(DynamixelRig.Of(1) with { Calibration = file }, 1);
        _rigs.Add(rig);
        File.Delete(file);
        rig.Emulator.Servos[0].Place(DynamixelUnits.PositionRad(100));
        rig.Emulator.Servos[0].Turn(DynamixelUnits.PositionRad(100 + (3 * 4096)));
        rig.Power();
        rig.Pass(5);
        rig.Driver.Read(rig.State);
        double before = rig.State[0];
        EmulatedDynamixel servo = rig.Emulator.Servo(1);
        servo.RestartTime = TimeSpan.Zero;
        servo.Reboot();
        for (int i = 0; i < 4; i++)
        {
            rig.Pass(1);
            rig.Driver.Read(rig.State);
            Assert.Equal(before, rig.State[0], 0.01);
        }

        Assert.Contains("it has restarted", rig.Device.Fault, StringComparison.Ordinal);
    }

    private DynamixelRig New(int servos, Action<DynamixelServoOptions>? change = null)
    {
        var rig = new DynamixelRig(DynamixelRig.Of(servos, change), servos);
        _rigs.Add(rig);
        return rig;
    }
}
