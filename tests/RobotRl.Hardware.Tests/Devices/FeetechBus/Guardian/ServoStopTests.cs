using Microsoft.Extensions.Time.Testing;
using RobotRl.Hardware.Devices.FeetechBus;
using RobotRl.Hardware.Devices.FeetechBus.Guardian;
using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Protocols.Feetech;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Tests.Devices.FeetechBus.Guardian;

public sealed class ServoStopTests
{
    private static readonly GuardianSettings Settings = new("/dev/ttyUSB0", 1_000_000, [1, 2], [3], TimeSpan.FromMilliseconds(100), GuardianManner.LowerTorque, 0.3);

    private readonly FakeTimeProvider _time = new();
    private readonly MemoryTransport _near;
    private readonly FeetechBusEmulator _bus;

    public ServoStopTests()
    {
        (_near, MemoryTransport far) = MemoryTransport.CreatePair("bus", _time.Advance);
        _bus = new(far, 3, _time);
        far.Open();
        _near.Open();
        _near.Written = () => _bus.Serve(TimeSpan.Zero);
        var link = new FeetechLink(_near, _time, TimeSpan.FromMilliseconds(10));
        link.TryWrite(3, FeetechTable.OperatingMode, (int)FeetechMode.Velocity);
        link.TrySyncWrite(FeetechTable.TorqueEnable, [1, 2, 3], [1, 1, 1]);
        link.TrySyncWrite(FeetechTable.GoalPosition, [1, 2], [3500, 500]);
        link.TrySyncWrite(FeetechTable.GoalVelocity, [3], [1000]);
        Wait(100);
    }

    [Fact]
    public void Run_LowerTorque_EveryServoStaysWhereItIs()
    {
        Assert.All(_bus.Servos, s => Assert.True(Math.Abs(s.VelocityRadPerSecond) > 1));
        Assert.Equal(3, Stop(GuardianManner.LowerTorque));
        double[] at = [.. _bus.Servos.Select(s => s.PositionRad)];
        Wait(1000);
        for (int i = 0; i < 3; i++)
        {
            EmulatedServo servo = _bus.Servos[i];
            Assert.Equal(0, servo.VelocityRadPerSecond, 2);
            Assert.InRange(Math.Abs(servo.PositionRad - at[i]), 0, 0.5);
            Assert.Equal(0.3, servo.TorqueLimit, 6);
            Assert.True(servo.IsTorqueOn);
        }
    }

    [Fact]
    public void Run_TorqueOff_NoServoCarriesPower()
    {
        Assert.Equal(3, Stop(GuardianManner.TorqueOff));
        Assert.All(_bus.Servos, s => Assert.False(s.IsTorqueOn));
    }

    [Theory]
    [InlineData(GuardianManner.LowerTorque)]
    [InlineData(GuardianManner.TorqueOff)]
    public void Run_ManyRepliesLost_TriesUntilAllHaveConfirmed(GuardianManner manner)
    {
        _bus.Faults.LostReplies = 0.6;
        Assert.Equal(3, Stop(manner));
    }

    [Theory]
    [InlineData(GuardianManner.LowerTorque)]
    [InlineData(GuardianManner.TorqueOff)]
    public void Run_OneServoDead_StopsTheOthersAndSaysHowMany(GuardianManner manner)
    {
        _bus.Faults.SetDead(1, true);
        Assert.Equal(2, Stop(manner));
        Wait(500);
        Assert.Equal(0, _bus.Servo(2).VelocityRadPerSecond, 2);
    }

    [Fact]
    public void ToArguments_Settings_GoOverAsACommandLine()
    {
        Assert.Equal(
            ["guard", "--port", "/dev/ttyUSB0", "--baud", "1000000", "--ids", "1,2", "--velocity-ids", "3", "--timeout-ms", "100", "--manner", "LowerTorque", "--torque", "0.3"],
            Settings.ToArguments());
        Assert.True(GuardianSettings.TryParseIds("1,2", out IReadOnlyList<byte> ids));
        Assert.Equal([1, 2], ids.Select(i => (int)i));
        Assert.True(GuardianSettings.TryParseIds("", out ids));
        Assert.Empty(ids);
        Assert.False(GuardianSettings.TryParseIds("1,300", out _));
    }

    private int Stop(GuardianManner manner) => new ServoStop(Settings with { Manner = manner }, _near, _time, TimeSpan.FromMilliseconds(10)).Run(TimeSpan.FromSeconds(2));

    private void Wait(int ms)
    {
        for (int i = 0; i < ms; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            _bus.Serve(TimeSpan.Zero);
        }
    }
}
