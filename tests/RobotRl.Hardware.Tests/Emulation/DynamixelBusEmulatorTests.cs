using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Protocols.Dynamixel;
using static RobotRl.Hardware.Protocols.Dynamixel.DynamixelTable;

namespace RobotRl.Hardware.Tests.Emulation;

public sealed class DynamixelBusEmulatorTests
{
    [Fact]
    public void Ping_All_EachAnswersWithItsModel()
    {
        List<(byte Id, byte[] Data)> answers = new DynamixelHost(3).Ping(DynamixelProtocol.BroadcastId);
        Assert.Equal([1, 2, 3], answers.Select(a => (int)a.Id));
        Assert.All(answers, a => Assert.Equal(1200, a.Data[0] | (a.Data[1] << 8)));
    }

    [Fact]
    public void Ping_NobodyOfThatId_IsSilent() => Assert.Empty(new DynamixelHost(3).Ping(4));

    [Fact]
    public void Write_TorqueOn_HoldsWhereItIs()
    {
        var host = new DynamixelHost();
        host.Bus.Servo(1).Place(1);
        Assert.True(host.Write(1, TorqueEnable, 1));
        host.Wait(0.5);
        Assert.Equal(1, host.Bus.Servo(1).PositionRad, 2);
        Assert.True(host.Bus.Servo(1).IsTorqueOn);
    }

    [Fact]
    public void Write_GoalPosition_MovesThereWithinTheModelsSpeed()
    {
        var host = new DynamixelHost();
        host.Write(1, TorqueEnable, 1);
        host.Write(1, GoalPosition, 3072);
        double fastest = 0;
        for (int i = 0; i < 1500; i++)
        {
            host.Wait(0.001);
            fastest = Math.Max(fastest, Math.Abs(host.Bus.Servo(1).VelocityRadPerSecond));
        }

        Assert.InRange(host.Read(1, PresentPosition)!.Value, 3070, 3074);
        Assert.InRange(fastest, 3, DynamixelModel.Xl330M288.VelocityLimit * DynamixelUnits.RadPerSecondPerUnit);
        Assert.Equal(0, host.Read(1, PresentVelocity));
    }

    [Fact]
    public void Write_GoalVelocity_TurnsAtThatSpeed()
    {
        var host = new DynamixelHost();
        host.Write(1, OperatingMode, (int)DynamixelMode.Velocity);
        host.Write(1, TorqueEnable, 1);
        host.Write(1, GoalVelocity, -100);
        host.Wait(0.5);
        Assert.InRange(host.Read(1, PresentVelocity)!.Value, -101, -99);
    }

    [Fact]
    public void Write_GoalCurrent_GivesThatCurrent()
    {
        var host = new DynamixelHost();
        host.Write(1, OperatingMode, (int)DynamixelMode.Current);
        host.Write(1, TorqueEnable, 1);
        host.Write(1, GoalCurrent, 100);
        host.Wait(0.01);
        Assert.InRange(host.Read(1, PresentCurrent)!.Value, 99, 101);
        Assert.True(host.Bus.Servo(1).VelocityRadPerSecond > 0);
    }

    [Fact]
    public void Write_CurrentModeToAnXl430_IsRefused()
    {
        var host = new DynamixelHost(1, DynamixelModel.Xl430W250);
        Assert.False(host.Write(1, OperatingMode, (int)DynamixelMode.Current));
        Assert.Equal(DynamixelError.DataRange, host.Error);
    }

    [Fact]
    public void Write_EepromUnderTorque_IsRefused()
    {
        var host = new DynamixelHost();
        host.Write(1, TorqueEnable, 1);
        Assert.False(host.Write(1, OperatingMode, (int)DynamixelMode.Velocity));
        Assert.Equal(DynamixelError.Access, host.Error);
        Assert.False(host.Write(1, PresentPosition, 0));
        Assert.Equal(DynamixelError.Access, host.Error);
    }

    [Fact]
    public void Write_GoalBeyondItsLimit_IsRefusedAndTheOldOneStays()
    {
        var host = new DynamixelHost();
        host.Write(1, TorqueEnable, 1);
        host.Write(1, GoalPosition, 2100);
        Assert.False(host.Write(1, GoalPosition, 4096));
        Assert.Equal(DynamixelError.DataLimit, host.Error);
        Assert.Equal(2100, host.Read(1, GoalPosition));
    }

    [Fact]
    public void SyncWrite_SeveralServos_EachGetsItsOwn()
    {
        var host = new DynamixelHost();
        Assert.Empty(host.SyncWrite(GoalPosition, [1, 3], [2000, 2200]));
        List<(byte Id, byte[] Data)> read = host.SyncRead(GoalPosition, 3, 2, 1);
        Assert.Equal([3, 2, 1], read.Select(a => (int)a.Id));
        Assert.Equal([2200, 2048, 2000], read.Select(a => GoalPosition.Decode(a.Data)));
    }

    [Fact]
    public void BusWatchdog_NoInstruction_StopsAndLocksTheGoalsUntilZeroIsWritten()
    {
        var host = new DynamixelHost();
        host.Write(1, OperatingMode, (int)DynamixelMode.Velocity);
        host.Write(1, TorqueEnable, 1);
        host.Write(1, BusWatchdog, 3);
        host.Write(1, GoalVelocity, 100);
        host.Wait(0.055);
        Assert.True(host.Bus.Servo(1).VelocityRadPerSecond > 1);
        host.Wait(0.25);
        Assert.Equal(0, host.Bus.Servo(1).VelocityRadPerSecond, 3);
        Assert.Equal(DynamixelUnits.WatchdogExpired, host.Read(1, BusWatchdog));
        Assert.True(host.Bus.Servo(1).IsTorqueOn);
        Assert.False(host.Write(1, GoalVelocity, 150));
        Assert.Equal(DynamixelError.DataRange, host.Error);
        host.Wait(0.1);
        Assert.Equal(0, host.Bus.Servo(1).VelocityRadPerSecond, 3);
        Assert.True(host.Write(1, BusWatchdog, 0));
        Assert.True(host.Write(1, GoalVelocity, 150));
        host.Wait(0.3);
        Assert.True(host.Bus.Servo(1).VelocityRadPerSecond > 2);
    }

    [Fact]
    public void BusWatchdog_InstructionsGoOn_NeverStrikes()
    {
        var host = new DynamixelHost();
        host.Write(1, BusWatchdog, 1);
        for (int i = 0; i < 50; i++)
        {
            host.Wait(0.015);
            host.SyncRead(PresentPosition, 1, 2, 3);
        }

        Assert.Equal(1, host.Read(1, BusWatchdog));
    }

    [Fact]
    public void Overheated_TorqueGoesAndOnlyARebootClearsIt()
    {
        var host = new DynamixelHost();
        host.Write(2, TorqueEnable, 1);
        host.Bus.Faults.SetOverheated(2, true);
        host.Wait(0.01);
        Assert.Equal((int)DynamixelHardwareErrors.Overheating, host.Read(2, HardwareErrorStatus));
        Assert.True(host.Alert);
        Assert.False(host.Bus.Servo(2).IsTorqueOn);
        Assert.Equal(85, host.Read(2, PresentTemperature));
        host.Bus.Faults.Clear();
        host.Wait(0.01);
        Assert.False(host.Write(2, TorqueEnable, 1));
        host.Reboot(2);
        Assert.Empty(host.Ping(2));
        host.Wait(0.31);
        Assert.Equal(0, host.Read(2, HardwareErrorStatus));
        Assert.True(host.Write(2, TorqueEnable, 1));
    }

    [Fact]
    public void Voltage_OutOfRange_IsAHardwareError()
    {
        var host = new DynamixelHost();
        host.Bus.Faults.SupplyVolts = 3;
        host.Wait(0.01);
        Assert.Equal(30, host.Read(1, PresentVoltage));
        Assert.Equal((int)DynamixelHardwareErrors.InputVoltage, host.Read(1, HardwareErrorStatus));
    }

    [Fact]
    public void LostEncoder_PositionIsGarbageAndTheErrorBitIsSet()
    {
        var host = new DynamixelHost();
        host.Bus.Faults.SetLostEncoder(1, true);
        host.Wait(0.01);
        Assert.True(Enumerable.Range(0, 20).Select(_ => host.Read(1, PresentPosition)).Distinct().Count() > 10);
        Assert.Equal((int)DynamixelHardwareErrors.Encoder, host.Read(1, HardwareErrorStatus));
    }

    [Fact]
    public void Dead_NeitherAnswersNorObeys_AndComesBack()
    {
        var host = new DynamixelHost();
        host.Bus.Faults.SetDead(2, true);
        Assert.Null(host.Read(2, PresentPosition));
        Assert.Equal([1, 3], host.SyncRead(PresentPosition, 1, 2, 3).Select(a => (int)a.Id));
        host.SyncWrite(TorqueEnable, [1, 2], [1, 1]);
        host.Bus.Faults.SetDead(2, false);
        Assert.Equal(0, host.Read(2, TorqueEnable));
    }

    [Fact]
    public void Replies_LostLateAndCorrupted_AtTheirRates()
    {
        var host = new DynamixelHost();
        host.Bus.Faults.LostReplies = 0.1;
        Assert.InRange(Answers(), 850, 950);
        host.Bus.Faults.LostReplies = 0;
        host.Bus.Faults.CorruptedReplies = 0.1;
        Assert.InRange(Answers(), 850, 950);
        host.Bus.Faults.CorruptedReplies = 0;
        Assert.Equal(1000, Answers());
        host.Bus.Faults.LateReplies = 1;
        host.Bus.Faults.LateBy = TimeSpan.FromMilliseconds(30);
        Assert.Null(host.Read(1, PresentPosition));
        host.Time.Advance(TimeSpan.FromMilliseconds(29));
        host.Bus.Serve(TimeSpan.Zero);
        Assert.Empty(host.Collect());
        host.Time.Advance(TimeSpan.FromMilliseconds(1));
        host.Bus.Serve(TimeSpan.Zero);
        Assert.Single(host.Collect());

        int Answers() => Enumerable.Range(0, 1000).Count(_ => host.Read(1, PresentPosition) is not null);
    }

    [Fact]
    public void Twin_SameId_GivesDoubleOrGarbledAnswers()
    {
        var host = new DynamixelHost();
        host.Bus.Faults.SetTwin(2, true);
        int[] answers = [.. Enumerable.Range(0, 200).Select(_ => host.Ping(2).Count)];
        Assert.DoesNotContain(1, answers);
        Assert.Contains(0, answers);
        Assert.Contains(2, answers);
        Assert.Single(host.Ping(1));
    }

    [Fact]
    public void Gravity_TorqueOff_TheLinkFalls()
    {
        var host = new DynamixelHost(1, load: new() { GravityNm = 0.1 });
        host.Bus.Servo(1).Place(0.3);
        host.Write(1, TorqueEnable, 1);
        host.Wait(0.5);
        Assert.Equal(0.3, host.Bus.Servo(1).PositionRad, 2);
        host.Write(1, TorqueEnable, 0);
        host.Wait(0.5);
        Assert.True(host.Bus.Servo(1).PositionRad > 1);
    }

    [Fact]
    public void Serve_LongPause_MovesAtMostTheCatchUp()
    {
        var host = new DynamixelHost();
        host.Write(1, OperatingMode, (int)DynamixelMode.Velocity);
        host.Write(1, TorqueEnable, 1);
        host.Write(1, GoalVelocity, 100);
        host.Time.Advance(TimeSpan.FromHours(1));
        host.Bus.Serve(TimeSpan.Zero);
        Assert.InRange(host.Bus.Servo(1).PositionRad, 1.5, 2.5);
    }
}
