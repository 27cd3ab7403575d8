using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Protocols.Dynamixel;
using static RobotRl.Hardware.Protocols.Dynamixel.DynamixelTable;

namespace RobotRl.Hardware.Tests.Emulation;

/// <summary>
/// What the ROBOTIS e-manual says of modes, offsets, turns, profiles, watchdog and errors of XL330-M288-T and XL430-W250-T
/// (https://emanual.robotis.com/docs/en/dxl/x/xl330-m288/, .../xl430-w250/); the section is named at each test.
/// </summary>
public sealed class DynamixelRulesTests
{
    private readonly DynamixelHost _host = new(2);

    [Theory]
    [InlineData(3, 1000, 4600, 4600)]
    [InlineData(3, 1024, 4624, 4624)]
    [InlineData(3, -1024, 2576, 2576)]
    [InlineData(3, 1025, 3600, 3600)]
    [InlineData(3, -2000, 3600, 3600)]
    [InlineData(4, 1000, 4600, 4600)]
    [InlineData(4, 5000, 8600, 8600)]
    [InlineData(1, 5000, 8600, 8600)]
    public void HomingOffset_EveryMode_IsAddedButInPositionModeOnlyWithin1024(int mode, int offset, int unpowered, int powered)
    {
        // "Homing Offset(20)".
        _host.Bus.Servo(1).Place(DynamixelUnits.PositionRad(3600));
        _host.Write(1, OperatingMode, mode);
        _host.Write(1, HomingOffset, offset);
        Assert.Equal(unpowered, _host.Read(1, PresentPosition));
        _host.Write(1, TorqueEnable, 1);
        Assert.Equal(powered, _host.Read(1, PresentPosition));
    }

    [Theory]
    [InlineData(3, 3600)]
    [InlineData(4, 11_792)]
    [InlineData(1, 11_792)]
    [InlineData(5, 11_792)]
    public void PresentPosition_TurnedTwiceByHand_CountsOnAndBeginsAnewWithTorqueInPositionModeAlone(int mode, int powered)
    {
        // "Present Position(132)": continuous without torque in every mode; anew with torque on in Position Control Mode.
        _host.Write(1, OperatingMode, mode);
        _host.Bus.Servo(1).Turn(DynamixelUnits.PositionRad(3600 + (2 * 4096)));
        Assert.Equal(11_792, _host.Read(1, PresentPosition));
        _host.Write(1, TorqueEnable, 1);
        Assert.Equal(powered, _host.Read(1, PresentPosition));
        _host.Write(1, TorqueEnable, 0);
        _host.Write(1, OperatingMode, mode == 3 ? 4 : 3);
        Assert.Equal(3600, _host.Read(1, PresentPosition));
    }

    [Fact]
    public void DriveMode_Reverse_TurnsPositionVelocityAndCurrentRoundButNotTheOffset()
    {
        // "Drive Mode(10)", "Homing Offset(20)".
        _host.Bus.Servo(1).Place(DynamixelUnits.PositionRad(3600));
        _host.Write(1, DriveMode, (int)DynamixelDriveModes.Reverse);
        _host.Write(1, HomingOffset, 100);
        Assert.Equal(4095 - 3600 + 100, _host.Read(1, PresentPosition));
        _host.Write(1, TorqueEnable, 1);
        _host.Write(1, GoalPosition, 1000);
        _host.Wait(1.5);
        Assert.InRange(_host.Read(1, PresentPosition)!.Value, 998, 1002);
        Assert.Equal(DynamixelUnits.PositionRad(4095 - 900), _host.Bus.Servo(1).PositionRad, 2);
        _host.Write(1, TorqueEnable, 0);
        _host.Write(1, OperatingMode, (int)DynamixelMode.Velocity);
        _host.Write(1, TorqueEnable, 1);
        _host.Write(1, GoalVelocity, 100);
        _host.Wait(0.5);
        Assert.True(_host.Bus.Servo(1).VelocityRadPerSecond < -1);
        Assert.InRange(_host.Read(1, PresentVelocity)!.Value, 98, 102);
    }

    [Fact]
    public void DriveMode_TorqueOnByGoal_AGoalSwitchesTorqueOn()
    {
        // "Drive Mode(10)", bit 3.
        Assert.True(_host.Write(1, GoalPosition, 2500));
        Assert.Equal(0, _host.Read(1, TorqueEnable));
        _host.Write(1, DriveMode, (int)DynamixelDriveModes.TorqueOnByGoal);
        _host.Write(1, ProfileVelocity, 10);
        Assert.Equal(0, _host.Read(1, TorqueEnable));
        _host.Write(1, GoalPosition, 2500);
        Assert.Equal(1, _host.Read(1, TorqueEnable));
    }

    [Fact]
    public void DriveMode_TimeBasedProfile_TheMoveTakesThatTime()
    {
        // "Profile Velocity(112)": milliseconds; "Profile Acceleration(108)": at most half of them.
        _host.Write(1, DriveMode, (int)DynamixelDriveModes.TimeBasedProfile);
        _host.Write(1, ProfileVelocity, 1000);
        Assert.False(_host.Write(1, ProfileAcceleration, 501));
        Assert.True(_host.Write(1, ProfileAcceleration, 500));
        Assert.False(_host.Write(1, ProfileVelocity, 32_738));
        _host.Write(1, TorqueEnable, 1);
        _host.Write(1, GoalPosition, 3072);
        _host.Wait(0.5);
        Assert.InRange(_host.Read(1, PresentPosition)!.Value, 2460, 2700);
        _host.Wait(0.8);
        Assert.InRange(_host.Read(1, PresentPosition)!.Value, 3060, 3075);
    }

    [Fact]
    public void Profile_VelocityBased_BoundsVelocityAndAcceleration()
    {
        // "Profile Velocity(112)", "Profile Acceleration(108)".
        _host.Write(1, ProfileVelocity, 50);
        _host.Write(1, ProfileAcceleration, 10);
        _host.Write(1, TorqueEnable, 1);
        _host.Write(1, GoalPosition, 4000);
        double fastest = 0,
            before = 0,
            hardest = 0;
        for (int i = 0; i < 4000; i++)
        {
            _host.Wait(0.001);
            double velocity = _host.Bus.Servo(1).VelocityRadPerSecond;

            // Friction stops it at the end, harder than the profile would.
            hardest = velocity > 0.3 ? Math.Max(hardest, Math.Abs(velocity - before) * 1000) : hardest;
            (fastest, before) = (Math.Max(fastest, velocity), velocity);
        }

        Assert.InRange(fastest, 1.1, 50 * DynamixelUnits.RadPerSecondPerUnit * 1.01);
        Assert.InRange(hardest, 3, 10 * DynamixelUnits.RadPerSecondSquaredPerUnit * 1.5);
        Assert.InRange(_host.Read(1, PresentPosition)!.Value, 3990, 4010);
    }

    [Fact]
    public void OperatingMode_Changed_ResetsProfileGoalsAndGains()
    {
        // "Operating Mode(11)", note.
        foreach (
            (DynamixelRegister register, int value, int reset) in ((DynamixelRegister, int, int)[])
                [
                    (ProfileVelocity, 7, 0),
                    (ProfileAcceleration, 3, 0),
                    (GoalPwm, 100, 885),
                    (GoalCurrent, 50, 1750),
                    (PositionPGain, 1, 400),
                ]
        )
        {
            Assert.True(_host.Write(1, register, value));
            _host.Write(1, OperatingMode, _host.Read(1, OperatingMode) == 3 ? 4 : 3);
            Assert.Equal(reset, _host.Read(1, register));
        }
    }

    [Fact]
    public void Reboot_RegistersWithoutMemory_AreResetAndTheTurnBeginsAnew()
    {
        // "Control Table": RAM is restored to initial values; "Present Position(132)": reset by a reboot.
        foreach (
            (DynamixelRegister register, int value) in ((DynamixelRegister, int)[])
                [
                    (ProfileVelocity, 7),
                    (ProfileAcceleration, 3),
                    (GoalPwm, 100),
                    (BusWatchdog, 9),
                    (PositionPGain, 1),
                    (Led, 1),
                    (HomingOffset, 5),
                ]
        )
        {
            _host.Write(1, register, value);
        }

        _host.Bus.Servo(1).Turn(DynamixelUnits.PositionRad(9000));
        _host.Write(1, TorqueEnable, 1);
        _host.Reboot(1);
        _host.Wait(0.31);
        DynamixelRegister[] read =
        [
            ProfileVelocity,
            ProfileAcceleration,
            GoalPwm,
            BusWatchdog,
            PositionPGain,
            Led,
            HomingOffset,
            TorqueEnable,
        ];
        Assert.Equal([0, 0, 885, 0, 400, 0, 5, 0], read.Select(r => _host.Read(1, r)!.Value));
        Assert.InRange(_host.Read(1, PresentPosition)!.Value, 0, 4100);
    }

    [Fact]
    public void StartupConfiguration_TorqueOn_ItStartsUnderTorque()
    {
        // "Startup Configuration(60)", bit 0.
        _host.Write(1, StartupConfiguration, 1);
        _host.Reboot(1);
        _host.Wait(0.31);
        Assert.Equal((1, true), (_host.Read(1, TorqueEnable), _host.Bus.Servo(1).IsTorqueOn));
    }

    [Fact]
    public void BusWatchdog_WithoutTorque_DoesNotCount()
    {
        // "Bus Watchdog(98)": monitors the interval while Torque Enable is 1.
        _host.Write(1, BusWatchdog, 1);
        _host.Wait(1);
        Assert.Equal(1, _host.Read(1, BusWatchdog));
        _host.Write(1, TorqueEnable, 1);
        _host.Wait(0.015);
        Assert.Equal(1, _host.Read(1, BusWatchdog));
        _host.Wait(0.025);
        Assert.Equal(-1, _host.Read(1, BusWatchdog));
    }

    [Fact]
    public void BusWatchdog_Strikes_ZeroesTheProfileAndLocksGoalsAlone()
    {
        // "Bus Watchdog(98)", example.
        _host.Write(1, ProfileVelocity, 7);
        _host.Write(1, ProfileAcceleration, 3);
        _host.Write(1, BusWatchdog, 2);
        _host.Write(1, TorqueEnable, 1);
        _host.Wait(0.05);
        Assert.Equal((0, 0), (_host.Read(1, ProfileVelocity), _host.Read(1, ProfileAcceleration)));
        foreach (DynamixelRegister goal in (DynamixelRegister[])[GoalPwm, GoalCurrent, GoalVelocity, GoalPosition])
        {
            Assert.False(_host.Write(1, goal, 1));
            Assert.Equal(DynamixelError.DataRange, _host.Error);
        }

        Assert.True(_host.Write(1, ProfileVelocity, 5));
        Assert.True(_host.Write(1, TorqueEnable, 0));
        Assert.False(_host.Bus.Servo(1).IsTorqueOn);
    }

    [Fact]
    public void HardwareError_OutsideTheShutdownMask_IsReportedAndRefusesNothing()
    {
        // "Shutdown(63)": 52 on the XL430, which is without the voltage; 53 on the XL330.
        var host = new DynamixelHost(1, DynamixelModel.Xl430W250);
        host.Write(1, TorqueEnable, 1);
        host.Bus.Faults.SupplyVolts = 5;
        host.Wait(0.05);
        Assert.Equal((int)DynamixelHardwareErrors.InputVoltage, host.Read(1, HardwareErrorStatus));
        Assert.True(host.Alert);
        Assert.True(host.Bus.Servo(1).IsTorqueOn);
        Assert.True(host.Write(1, GoalPosition, 2100));
        host.Write(1, TorqueEnable, 0);
        Assert.True(host.Write(1, TorqueEnable, 1));
        _host.Write(1, TorqueEnable, 1);
        _host.Bus.Faults.SupplyVolts = 3;
        _host.Wait(0.05);
        Assert.False(_host.Bus.Servo(1).IsTorqueOn);
        Assert.False(_host.Write(1, TorqueEnable, 1));
    }

    [Fact]
    public void GoalPwm_BelowFull_BoundsWhatTheLoopsGive()
    {
        // "Goal PWM(100)": a final limiter in every other mode.
        _host.Write(1, GoalPwm, 0);
        _host.Write(1, TorqueEnable, 1);
        _host.Write(1, GoalPosition, 3000);
        _host.Wait(0.5);
        Assert.Equal(2048, _host.Read(1, PresentPosition));
        _host.Write(1, GoalPwm, 300);
        double fastest = 0;
        for (int i = 0; i < 500; i++)
        {
            _host.Wait(0.001);
            fastest = Math.Max(fastest, _host.Bus.Servo(1).VelocityRadPerSecond);
        }

        Assert.InRange(fastest, 1, 300.0 / 885 * 445 * DynamixelUnits.RadPerSecondPerUnit);
    }

    [Fact]
    public void GoalsBeyondStoredLimits_AreRefusedInTheirMode()
    {
        // "Min/Max Position Limit(48, 52)" (not used in Extended Position Control Mode), "Velocity Limit(44)", "PWM Limit(36)",
        // "Current Limit(38)".
        foreach (
            (DynamixelRegister limit, int value, DynamixelRegister goal) in ((DynamixelRegister, int, DynamixelRegister)[])
                [
                    (MaxPosition, 3000, GoalPosition),
                    (VelocityLimit, 100, GoalVelocity),
                    (PwmLimit, 400, GoalPwm),
                    (CurrentLimit, 500, GoalCurrent),
                ]
        )
        {
            _host.Write(1, limit, value);
            Assert.True(_host.Write(1, goal, value));
            Assert.False(_host.Write(1, goal, value + 1));
            Assert.Equal(DynamixelError.DataLimit, _host.Error);
        }

        _host.Write(1, MinPosition, 1000);
        Assert.False(_host.Write(1, GoalPosition, 999));
        _host.Write(1, OperatingMode, (int)DynamixelMode.ExtendedPosition);
        Assert.True(_host.Write(1, GoalPosition, -5000));
        Assert.True(_host.Write(1, GoalPosition, 1_048_575));
        Assert.False(_host.Write(1, GoalPosition, 1_048_576));
    }

    [Fact]
    public void SecondaryId_Written_IsObeyedWithoutAnAnswerAndNotInTheEeprom()
    {
        // "Secondary(Shadow) ID(12)".
        _host.Write(1, SecondaryId, 2);
        Assert.True(_host.Write(2, Led, 1));
        Assert.Equal(1, _host.Read(1, Led));
        Assert.True(_host.Write(2, ReturnDelay, 7));
        Assert.Equal(250, _host.Read(1, ReturnDelay));
        _host.Write(1, SecondaryId, 100);
        Assert.Empty(_host.Ask(100, DynamixelInstruction.Write, 65, 0, 0));
        Assert.Equal((0, 1), (_host.Read(1, Led), _host.Read(2, Led)));
    }

    [Fact]
    public void BulkRead_OtherRegistersOfEach_AnswersInTheOrderOfTheRequest()
    {
        // Protocol 2.0, "Bulk Read".
        List<(byte Id, byte[] Data)> answers = _host.Ask(
            DynamixelProtocol.BroadcastId,
            DynamixelInstruction.BulkRead,
            2,
            144,
            0,
            2,
            0,
            1,
            146,
            0,
            1,
            0
        );
        Assert.Equal([2, 1], answers.Select(a => (int)a.Id));
        Assert.Equal([50, 0], answers[0].Data);
        Assert.Equal([25], answers[1].Data);
    }

    [Fact]
    public void BulkWrite_OtherRegistersOfEach_NobodyAnswers()
    {
        // Protocol 2.0, "Bulk Write".
        Assert.Empty(_host.Ask(DynamixelProtocol.BroadcastId, DynamixelInstruction.BulkWrite, 1, 32, 0, 2, 0, 60, 0, 2, 31, 0, 1, 0, 65));
        Assert.Equal((60, 65), (_host.Read(1, MaxVoltage), _host.Read(2, TemperatureLimit)));
    }

    [Fact]
    public void IndirectData_Written_GoesWhereItsAddressPointsTo()
    {
        // "Indirect Address", "Indirect Data".
        for (int i = 0; i < 4; i++)
        {
            _host.Write(1, new((ushort)(168 + (2 * i)), 2), GoalPosition.Address + i);
        }

        Assert.Equal(DynamixelError.None, _host.WriteBytes(1, 208, [0xC4, 0x09, 0, 0]));
        Assert.Equal(2500, _host.Read(1, GoalPosition));
        Assert.Equal(2500, _host.Read(1, new(208, 4)));
    }
}
