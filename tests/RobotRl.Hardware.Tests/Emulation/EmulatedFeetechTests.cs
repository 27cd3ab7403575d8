using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Protocols.Feetech;
using static RobotRl.Hardware.Protocols.Feetech.FeetechTable;

namespace RobotRl.Hardware.Tests.Emulation;

/// <summary>What the registers of an STS3215 do, by the maker's memory table.</summary>
public sealed class EmulatedFeetechTests
{
    private const int Fine = (int)DeliveredPhase,
        Full = Fine | (int)FeetechPhase.FullAngle;

    private readonly FeetechHost _host = new(1);

    private EmulatedFeetech Servo => _host.Bus.Servo(1);

    [Fact]
    public void PowerUp_TorqueIsOnAtItsGoal()
    {
        Servo.Place(0.7);
        _host.Wait(0.5);
        Assert.Equal(1, _host.Read(1, TorqueEnable));
        Assert.Equal(_host.Read(1, PresentPosition), _host.Read(1, GoalPosition));
        Assert.Equal(0.7, Servo.PositionRad, 2);
    }

    [Theory]
    [InlineData(300, 500, Fine, 3896)]
    [InlineData(300, 500, Full, -200)]
    [InlineData(300, -500, Fine, 800)]
    [InlineData(3900, -500, Fine, 304)]
    [InlineData(3900, -500, Full, 4400)]
    [InlineData(300, 0, Fine | 129, 3796)]
    [InlineData(300, 500, Fine | 129, 3296)]
    public void PresentPosition_OffsetAndPhase_WrapsOnlyAsPhaseSays(int raw, int offset, int phase, int present)
    {
        Servo.Place(FeetechUnits.PositionRad(raw));
        Servo.Preset(Phase, phase);
        Servo.Preset(PositionOffset, offset);
        Assert.Equal(present, _host.Read(1, PresentPosition));
        Assert.Equal(present, _host.Read(1, GoalPosition));
        _host.Wait(0.5);
        // Beyond its limits a servo under torque goes to the nearest.
        Assert.Equal(Math.Clamp(present, 0, 4095), _host.Read(1, PresentPosition)!.Value, 2.0);
    }

    [Fact]
    public void PresentPosition_FullAngle_CountsOverTurnsUntilPowerGoes()
    {
        Servo.Preset(Phase, Full);
        Servo.Preset(TorqueEnable, 0);
        Servo.Place(0);
        Servo.Turn(FeetechUnits.PositionRad(2048 + 9000));
        Assert.Equal(11_048, _host.Read(1, PresentPosition));
        Servo.PowerCycle();
        Assert.Equal(11_048 - 8192, _host.Read(1, PresentPosition));
    }

    [Theory]
    [InlineData(1000, 3000, 3500, 3000)]
    [InlineData(1000, 3000, -5, 1000)]
    [InlineData(0, 0, 5000, 5000)]
    [InlineData(0, 4095, 5000, 4095)]
    public void GoalPosition_BeyondTheLimits_IsHeldToThemAndNotWrittenBack(int least, int greatest, int goal, int target)
    {
        Servo.Preset(Phase, Full);
        Servo.Preset(MinAngle, least);
        Servo.Preset(MaxAngle, greatest);
        _host.Write(1, GoalPosition, goal);
        Assert.Equal((goal, target), (_host.Read(1, GoalPosition), _host.Read(1, TargetPosition)));
        _host.Wait(3);
        Assert.Equal(target, _host.Read(1, PresentPosition)!.Value, 2.0);
    }

    [Fact]
    public void GoalPosition_ReadingThatWraps_NeverGoesThroughTheSeam()
    {
        Servo.Place(FeetechUnits.PositionRad(100));
        _host.Write(1, GoalPosition, 4000);
        _host.Wait(0.5);
        Assert.InRange(_host.Read(1, PresentPosition)!.Value, 200, 3900);
        _host.Wait(2);
        Assert.Equal(FeetechUnits.PositionRad(4000), Servo.PositionRad, 2);
    }

    [Fact]
    public void GoalPosition_OnlyTheMotorReversed_RunsAway()
    {
        Servo.Preset(Phase, Fine | (int)FeetechPhase.DriveReversed);
        _host.Write(1, GoalPosition, 2100);
        _host.Wait(1);
        Assert.True(Servo.PositionRad < -0.3, "It must turn away from its goal.");
    }

    [Fact]
    public void GoalPosition_MotorAndEncoderReversed_GoesThere()
    {
        Servo.Preset(Phase, Fine | 129);
        _host.Write(1, GoalPosition, 2400);
        _host.Wait(1);
        Assert.Equal(2400, _host.Read(1, PresentPosition)!.Value, 2.0);
        Assert.Equal(-FeetechUnits.PositionRad(2400), Servo.PositionRad, 2);
    }

    [Fact]
    public void AngleResolution_Two_CountsHalfAsFine()
    {
        Servo.Preset(AngleResolution, 2);
        _host.Write(1, GoalPosition, 1500);
        _host.Wait(1);
        Assert.Equal(FeetechUnits.PositionRad(3000), Servo.PositionRad, 2);
    }

    [Theory]
    [InlineData(Fine, 500)]
    [InlineData((int)FeetechPhase.ZeroIsFastest, 10)]
    public void GoalVelocity_Unit_IsThatOfThePhase(int phase, int value)
    {
        Servo.Preset(Phase, phase);
        _host.Write(1, OperatingMode, (int)FeetechMode.Velocity);
        _host.Write(1, GoalVelocity, value);
        _host.Wait(0.5);
        Assert.Equal(500 * FeetechUnits.RadPerTick, Servo.VelocityRadPerSecond, 2);
        Assert.Equal(value, _host.Read(1, PresentVelocity)!.Value, 1.0);
    }

    [Theory]
    [InlineData(Fine, true)]
    [InlineData((int)FeetechPhase.FineVelocity, false)]
    public void GoalVelocity_ZeroInPositionMode_IsFastestOrNoMotion(int phase, bool moves)
    {
        Servo.Preset(Phase, phase);
        _host.Write(1, GoalVelocity, 0);
        _host.Write(1, GoalPosition, 2500);
        _host.Wait(1);
        Assert.Equal(moves ? 2500 : 2048, _host.Read(1, PresentPosition)!.Value, 2.0);
    }

    [Fact]
    public void Torque_Two_Brakes()
    {
        Servo.Preset(OperatingMode, (int)FeetechMode.Velocity);
        _host.Write(1, GoalVelocity, 2000);
        _host.Wait(0.5);
        Assert.True(Servo.VelocityRadPerSecond > 2);
        _host.Write(1, TorqueEnable, 2);
        _host.Wait(0.2);
        Assert.Equal(0, Servo.VelocityRadPerSecond, 2);
        Assert.False(Servo.IsTorqueOn);
    }

    [Fact]
    public void StepMode_Goal_IsAStepFromWhereItIs()
    {
        Servo.Preset(OperatingMode, (int)FeetechMode.Step);
        Servo.Place(0.5);
        _host.Write(1, GoalPosition, 300);
        _host.Wait(1);
        Assert.Equal(0.5 + (300 * FeetechUnits.RadPerTick), Servo.PositionRad, 2);
    }

    [Fact]
    public void RegWrite_UntilAction_ChangesNothing()
    {
        Assert.Single(_host.RegWrite(1, GoalPosition, 2300));
        Assert.Equal((2048, 1), (_host.Read(1, GoalPosition), _host.Read(1, AsyncFlag)));
        Assert.Empty(_host.Action(FeetechProtocol.BroadcastId));
        Assert.Equal((2300, 0), (_host.Read(1, GoalPosition), _host.Read(1, AsyncFlag)));
        _host.Write(1, GoalPosition, 2000);
        Assert.Single(_host.Action(1));
        Assert.Equal(2000, _host.Read(1, GoalPosition));
    }

    [Fact]
    public void StatusReturnLevel_Zero_AnswersReadsAndPingsOnly()
    {
        Assert.True(_host.Write(1, MinVoltage, 41));
        _host.Write(1, StatusReturnLevel, 0);
        Assert.False(_host.Write(1, MinVoltage, 42));
        Assert.Equal(42, _host.Read(1, MinVoltage));
        Assert.Single(_host.Ping(1));
        Assert.Empty(_host.RegWrite(1, MinVoltage, 43));
    }

    [Fact]
    public void MaxTorque_Stored_IsTheLimitAtPowerUpAndNoMore()
    {
        Servo.Preset(MaxTorque, 400);
        Servo.PowerCycle();
        Assert.Equal(400, _host.Read(1, TorqueLimit));
        _host.Write(1, TorqueLimit, 900);
        Assert.Equal(0.9, Servo.TorqueLimit, 6);
    }

    [Fact]
    public void Overload_LastsTooLong_LeavesTheProtectiveTorqueUntilItTurnsBack()
    {
        var host = new FeetechHost(1, new() { GravityNm = 1.85, CoulombNm = 0 });
        EmulatedFeetech servo = host.Bus.Servo(1);
        servo.Place(Math.PI / 2);
        host.Wait(1.8);
        Assert.Equal(FeetechErrors.None, servo.Errors);
        host.Wait(0.4);
        Assert.Equal((FeetechErrors.Overload, 0.2, true), (servo.Errors, servo.TorqueLimit, servo.IsTorqueOn));
        host.Write(1, GoalPosition, 4095);
        host.Wait(0.1);
        Assert.Equal((FeetechErrors.None, 1), (servo.Errors, servo.TorqueLimit));
    }

    [Fact]
    public void Lock_Open_KeepsWhatIsWrittenOverTheSupply()
    {
        _host.Write(1, PositionOffset, 100);
        Servo.PowerCycle();
        Assert.Equal(0, _host.Read(1, PositionOffset));
        _host.Write(1, FeetechTable.Lock, 0);
        _host.Write(1, PositionOffset, -100);
        Servo.PowerCycle();
        Assert.Equal((-100, 1), (_host.Read(1, PositionOffset), _host.Read(1, FeetechTable.Lock)));
    }
}
