using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Protocols.Feetech;
using RobotRl.Hardware.Transports;
using static RobotRl.Hardware.Protocols.Feetech.FeetechTable;

namespace RobotRl.Hardware.Tests.Emulation;

public sealed class FeetechBusEmulatorTests
{
    [Fact]
    public void Read_Model_IsAnSts3215() => Assert.Equal(Sts3215ModelNumber, new FeetechHost().Read(2, ModelNumber));

    [Fact]
    public void Write_GoalPosition_MovesThereWithinSpeedAndAcceleration()
    {
        var host = new FeetechHost();
        host.Write(1, TorqueEnable, 1);
        host.Write(1, GoalVelocity, 1000);
        host.Write(1, Acceleration, 50);
        host.Write(1, GoalPosition, 3072);
        double fastest = 0,
            hardest = 0,
            last = 0;
        for (int i = 0; i < 2000; i++)
        {
            host.Wait(0.001);
            double velocity = host.Bus.Servo(1).VelocityRadPerSecond;
            (fastest, hardest, last) = (Math.Max(fastest, velocity), Math.Max(hardest, (velocity - last) / 0.001), velocity);
        }

        Assert.InRange(host.Read(1, PresentPosition)!.Value, 3071, 3073);
        Assert.InRange(fastest, 1.4, 1000 * FeetechUnits.RadPerTick * 1.01);
        Assert.InRange(hardest, 5, 50 * 100 * FeetechUnits.RadPerTick * 1.1);
    }

    [Fact]
    public void Write_NoMoreRequests_GoesOnForEver()
    {
        // The reason for a guardian: the servo has no command timeout.
        var host = new FeetechHost();
        host.Write(1, OperatingMode, (int)FeetechMode.Velocity);
        host.Write(1, TorqueEnable, 1);
        host.Write(1, GoalVelocity, 500);
        host.Wait(10);
        Assert.Equal(500 * FeetechUnits.RadPerTick, host.Bus.Servo(1).VelocityRadPerSecond, 2);
    }

    [Fact]
    public void SyncRead_Block_ComesInTheOrderOfTheRequest()
    {
        var host = new FeetechHost();
        host.Bus.Servo(2).Place(0.5);
        List<(byte Id, byte[] Data)> answers = host.SyncRead(FeetechReading.FirstAddress, FeetechReading.Length, 3, 2, 1);
        Assert.Equal([3, 2, 1], answers.Select(a => (int)a.Id));
        Assert.True(FeetechReading.TryDecode(answers[1].Data, out FeetechReading reading));
        Assert.Equal(0.5, reading.PositionRad, 2);
        Assert.Equal(7.4, reading.Volts, 6);
    }

    [Fact]
    public void TorqueLimit_LowerThanTheLoad_LetsTheArmSinkSlowly()
    {
        var host = new FeetechHost(1, new() { GravityNm = 0.5, CoulombNm = 0.1 });
        host.Bus.Servo(1).Place(0.6);
        host.Write(1, TorqueEnable, 1);
        host.Wait(0.5);
        Assert.Equal(0.6, host.Bus.Servo(1).PositionRad, 2);
        host.Write(1, TorqueLimit, 50);
        host.Wait(1);
        Assert.True(host.Bus.Servo(1).PositionRad > 1);
        Assert.Equal(0.05, host.Bus.Servo(1).TorqueLimit, 6);
    }

    [Fact]
    public void Write_Torque128_MakesThisThePlace2048()
    {
        var host = new FeetechHost();
        host.Write(1, TorqueEnable, 0);
        host.Bus.Servo(1).Place(0.4);
        host.Write(1, TorqueEnable, 128);
        Assert.Equal(2048, host.Read(1, PresentPosition));
        Assert.Equal(0.4, FeetechUnits.RadPerTick * host.Read(1, PositionOffset)!.Value, 2);
        Assert.False(host.Bus.Servo(1).IsTorqueOn);
    }

    [Fact]
    public void Faults_HotDeadBlindAndVoltage_ShowInTheStatus()
    {
        var host = new FeetechHost();
        host.SyncWrite(TorqueEnable, [1, 2, 3], [1, 1, 1]);
        host.Bus.Faults.SetOverheated(1, true);
        host.Bus.Faults.SetLostEncoder(2, true);
        host.Bus.Faults.SetDead(3, true);
        host.Bus.Faults.SupplyVolts = 9;
        host.Wait(0.01);
        host.Read(1, PresentTemperature);
        Assert.Equal(FeetechErrors.Overheating | FeetechErrors.Voltage, host.Errors);
        Assert.False(host.Bus.Servo(1).IsTorqueOn);
        host.Read(2, PresentPosition);
        Assert.Equal(FeetechErrors.Sensor | FeetechErrors.Voltage, host.Errors);
        Assert.Empty(host.Ping(3));
        host.Bus.Faults.Clear();
        host.Wait(0.01);
        host.Read(1, PresentTemperature);
        Assert.Equal(FeetechErrors.None, host.Errors);
    }

    [Fact]
    public void TorqueChangedAt_TorqueOff_IsTheTimeOfIt()
    {
        var host = new FeetechHost();
        host.Write(1, TorqueEnable, 1);
        host.Wait(0.2);
        host.Write(1, TorqueEnable, 0);
        Assert.Equal(200, host.Bus.Servo(1).TorqueChangedAt.TotalMilliseconds, 3);
    }

    [Fact]
    public void Baud_PeerHasAnotherRate_NothingIsUnderstood()
    {
        var host = new FeetechHost();
        host.Bus.PeerBaudRate = () => 115_200;
        Assert.Empty(host.Ping(1));
        host.Bus.PeerBaudRate = () => 1_000_000;
        Assert.Single(host.Ping(1));
    }

    [Fact]
    public void Requests_GarbageBetween_AreUnderstoodAgain()
    {
        var host = new FeetechHost();
        var (near, far) = MemoryTransport.CreatePair();
        using var bus = new FeetechBusEmulator(far, 1, host.Time);
        far.Open();
        near.Open();
        // A false header that announces 250 bytes, then silence.
        near.Write([0xFF, 0xFF, 0x01, 0xFA, 0x02], TimeSpan.Zero);
        bus.Serve(TimeSpan.Zero);
        bus.Serve(TimeSpan.Zero);
        var packet = new byte[16];
        near.Write(packet.AsSpan(0, FeetechCodec.Ping(packet, 1)), TimeSpan.Zero);
        bus.Serve(TimeSpan.Zero);
        Assert.Equal(6, near.Read(new byte[16], TimeSpan.Zero).Count);
    }
}
