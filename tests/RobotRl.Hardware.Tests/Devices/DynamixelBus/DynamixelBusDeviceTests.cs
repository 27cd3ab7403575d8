using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices.Calibration;
using RobotRl.Hardware.Devices.DynamixelBus;
using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Protocols.Dynamixel;

namespace RobotRl.Hardware.Tests.Devices.DynamixelBus;

/// <summary>Against emulated servos on a fake clock.</summary>
public sealed class DynamixelBusDeviceTests : IDisposable
{
    private readonly List<DynamixelRig> _rigs = [];

    public void Dispose() => _rigs.ForEach(r => r.Dispose());

    [Fact]
    public void Description_ThreeModes_NamesAndUnitsFollowTheOptionsInOrderOfId()
    {
        DynamixelBusOptions options = DynamixelRig.Of(0);
        options.Servos["wrist"] = new()
        {
            Id = 3,
            Mode = DynamixelCommandMode.Current,
            TorqueConstant = 0.35,
        };
        options.Servos["base"] = new() { Id = 1 };
        options.Servos["wheel"] = new()
        {
            Id = 2,
            Mode = DynamixelCommandMode.Velocity,
            MaxVelocity = 2,
        };
        RobotDescription description = New(options).Device.Description;
        Assert.Equal(["base/position", "wheel/velocity", "wrist/effort"], description.Commands.Select(c => c.Name));
        Assert.Equal(["rad", "rad/s", "N m"], description.Commands.Select(c => c.Unit));
        Assert.Equal(
            ["base/position", "base/velocity", "base/current", "base/voltage", "base/temperature"],
            description.States.Take(5).Select(s => s.Name)
        );
        Assert.Equal(2, description.Commands[1].Maximum);
        Assert.Equal(1.75 * 0.35, description.Commands[2].Maximum, 1e-12);
    }

    [Fact]
    public void Open_ServosThere_FindsThemAndPowersNothing()
    {
        DynamixelRig rig = New();
        rig.Driver.Open();
        Assert.Equal([new("j1", 1, "xl330-m288", 52), new("j2", 2, "xl330-m288", 52), new("j3", 3, "xl330-m288", 52)], rig.Device.Servos);
        Assert.All(rig.Emulator.Servos, s => Assert.False(s.IsTorqueOn));
        Assert.Equal(DeviceState.Readable, rig.Driver.State);
    }

    [Fact]
    public void Exchange_Readable_ReadsWhatIs()
    {
        DynamixelRig rig = New();
        rig.Emulator.Servos[1].Place(0.75);
        rig.Driver.Open();
        Assert.Equal(IoStatus.Ok, rig.Driver.Read(rig.State).Status);
        Assert.Equal(0.75, rig.State[5], DynamixelUnits.RadPerTick);
        Assert.Equal((5.0, 25.0), (rig.State[8], rig.State[9]));
    }

    [Fact]
    public void PowerOn_HangingArm_StaysWhereItIs()
    {
        DynamixelRig rig = New();
        foreach (EmulatedServo servo in rig.Emulator.Servos)
        {
            servo.Place(1.1);
        }

        rig.Power();
        rig.Pass(50);
        Assert.All(rig.Emulator.Servos, s => Assert.True(s.IsTorqueOn));
        Assert.All(rig.Emulator.Servos, s => Assert.Equal(1.1, s.PositionRad, 0.01));
    }

    [Fact]
    public void Write_PositionGoals_ServosGoThere()
    {
        DynamixelRig rig = New();
        rig.Power();
        rig.Pass(200, [0.5, -0.5, 1]);
        Assert.Equal([0.5, -0.5, 1], rig.Emulator.Servos.Select(s => Math.Round(s.PositionRad, 1)));
        rig.Driver.Read(rig.State);
        Assert.Equal(0.5, rig.State[0], 0.02);
    }

    [Fact]
    public void Write_VelocityAndCurrent_ServosFollow()
    {
        DynamixelRig rig = New(
            DynamixelRig.Of(2, s => s.Mode = s.Id == 1 ? DynamixelCommandMode.Velocity : DynamixelCommandMode.Current),
            2
        );
        rig.Power();
        rig.Pass(30, [1.5, 0.3]);
        Assert.Equal(1.5, rig.Emulator.Servos[0].VelocityRadPerSecond, 0.1);
        Assert.True(rig.Emulator.Servos[1].VelocityRadPerSecond > 0.5);
        rig.Driver.Read(rig.State);
        Assert.InRange(rig.State[7], 0.02, 0.31);
    }

    [Fact]
    public void Write_CalibratedJoint_CommandsAndReadingsAreInItsOwnAngles()
    {
        string path = Path.Combine(Path.GetTempPath(), $"robotrl-dynamixel-{Guid.NewGuid():N}.json");
        new CalibrationFile
        {
            Robot = DynamixelBusDevice.Kind,
            Joints =
            {
                ["j1"] = new()
                {
                    ZeroTicks = 100,
                    OffsetRad = 0.2,
                    Direction = -1,
                    MinRad = -1,
                    MaxRad = 1,
                },
            },
        }.Save(path);
        try
        {
            DynamixelBusOptions options = DynamixelRig.Of(1);
            options.Calibration = path;
            DynamixelRig rig = New(options, 1);

            // 0.2 rad of the joint at tick 100, the joint's range over the end of the encoder's turn.
            rig.Emulator.Servos[0].Place(DynamixelUnits.PositionRad(100));
            rig.Power();
            rig.Driver.Read(rig.State);
            Assert.Equal(0.2, rig.State[0], 1e-9);
            Assert.Equal((-1, 1), (rig.Driver.Description.Commands[0].Minimum, rig.Driver.Description.Commands[0].Maximum));
            rig.Pass(200, [0.7]);
            rig.Driver.Read(rig.State);
            Assert.Equal(0.7, rig.State[0], 0.02);
            Assert.Equal(DynamixelUnits.PositionRad(100) - 0.5, rig.Emulator.Servos[0].PositionRad, 0.02);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void PowerOn_JointBeyondItsRange_IsRefusedWithoutPower()
    {
        DynamixelBusOptions options = DynamixelRig.Of(1);
        DynamixelRig rig = New(options, 1);
        rig.Driver.Open();
        rig.Driver.Close();
        string path = Path.Combine(Path.GetTempPath(), $"robotrl-dynamixel-{Guid.NewGuid():N}.json");
        new CalibrationFile
        {
            Robot = DynamixelBusDevice.Kind,
            Joints =
            {
                ["j1"] = new() { MinRad = -0.5, MaxRad = 0.5 },
            },
        }.Save(path);
        options.Calibration = path;
        DynamixelRig narrow = New(options, 1);
        File.Delete(path);
        narrow.Emulator.Servos[0].Place(1);
        narrow.Driver.Open();
        Assert.Contains(
            "j1/position is 1 rad, beyond its range (-0.5 to 0.5)",
            Assert.Throws<RobotException>(narrow.Driver.PowerOn).Message,
            StringComparison.Ordinal
        );
        Assert.False(narrow.Emulator.Servos[0].IsTorqueOn);
    }

    [Fact]
    public void PowerOff_Powered_IsReadBack()
    {
        DynamixelRig rig = New();
        rig.Power();
        rig.Pass(5, [0.1, 0.1, 0.1]);
        rig.Driver.RequestStop(StopLevel.PowerOff, "test");
        rig.Driver.Serve();
        Assert.All(rig.Emulator.Servos, s => Assert.False(s.IsTorqueOn));
        Assert.True(rig.Driver.Stop.Confirmed);
    }

    [Fact]
    public void RuntimeGone_Powered_BusWatchdogStopsTheServos()
    {
        DynamixelRig rig = New(DynamixelRig.Of(1, s => s.Mode = DynamixelCommandMode.Velocity), 1);
        rig.Power();
        rig.Pass(30, [2]);
        rig.Clock.Advance(TimeSpan.FromMilliseconds(99));
        rig.Emulator.Serve(TimeSpan.Zero);
        Assert.False(rig.Emulator.Servo(1).HasWatchdogStruck);
        Assert.InRange(rig.Emulator.Servos[0].VelocityRadPerSecond, 1.8, 2.2);
        rig.Clock.Advance(TimeSpan.FromMilliseconds(22));
        rig.Emulator.Serve(TimeSpan.Zero);
        rig.Clock.Advance(TimeSpan.FromMilliseconds(200));
        rig.Emulator.Serve(TimeSpan.Zero);
        Assert.True(rig.Emulator.Servo(1).HasWatchdogStruck);
        Assert.Equal(0, rig.Emulator.Servos[0].VelocityRadPerSecond, 0.05);

        // Back again: it says so, and only arming clears it.
        rig.Pass(3, [2]);
        Assert.Equal(IoStatus.DeviceFault, rig.Driver.Read(rig.State).Status);
        Assert.Contains("its bus watchdog has struck", rig.Device.Fault, StringComparison.Ordinal);
        rig.Driver.RequestStop(StopLevel.PowerOff, "test");
        rig.Pass(1);
        rig.Driver.ClearFault();
        Assert.True(rig.Emulator.Servo(1).HasWatchdogStruck);
        rig.Driver.PowerOn();
        Assert.False(rig.Emulator.Servo(1).HasWatchdogStruck);
        rig.Pass(30, [1]);
        Assert.Equal(1, rig.Emulator.Servos[0].VelocityRadPerSecond, 0.1);
    }

    [Fact]
    public void Exchange_OneReplyLost_KeepsTheOldReadingAndSaysSo()
    {
        DynamixelRig rig = New();
        rig.Power();
        rig.Pass(2, [0, 0, 0]);
        rig.Driver.Read(rig.State);
        double[] before = [.. rig.State];
        rig.Emulator.Faults.SetDead(2, true);
        rig.Pass(1, [1, 1, 1]);
        ReadResult read = rig.Driver.Read(rig.State);
        Assert.Equal(IoStatus.NotFresh, read.Status);
        Assert.Equal(before, rig.State);
        Assert.True(read.Age > DynamixelRig.Period);
        rig.Emulator.Faults.SetDead(2, false);
        rig.Pass(1, [1, 1, 1]);
        Assert.Equal(IoStatus.Ok, rig.Driver.Read(rig.State).Status);
    }

    [Fact]
    public void Exchange_CorruptedAndLostReplies_NothingFalseComesThrough()
    {
        DynamixelRig rig = New();
        rig.Power();
        rig.Pass(100, [0.5, 0.5, 0.5]);
        (rig.Emulator.Faults.CorruptedReplies, rig.Emulator.Faults.LostReplies) = (0.05, 0.02);
        int fresh = 0;
        for (int i = 0; i < 1000; i++)
        {
            rig.Pass(1, [0.5, 0.5, 0.5]);
            fresh += rig.Driver.Read(rig.State).Status == IoStatus.Ok ? 1 : 0;
            Assert.All([0, 5, 10], at => Assert.Equal(0.5, rig.State[at], 0.02));
        }

        Assert.Equal(DeviceState.Powered, rig.Driver.State);
        Assert.InRange(fresh, 700, 950);
    }

    [Fact]
    public void Exchange_OverAndOver_AllocatesNothing()
    {
        DynamixelRig rig = New();
        rig.Power();
        double[] command = [0.1, 0.1, 0.1];
        Run();
        Assert.Equal(0, Run());

        long Run()
        {
            long before = GC.GetAllocatedBytesForCurrentThread(),
                emulator = rig.EmulatorAllocated;
            for (int i = 0; i < 100; i++)
            {
                rig.Device.Exchange(command, rig.State);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before - (rig.EmulatorAllocated - emulator);
        }
    }

    [Fact]
    public void TryReadTicks_ConnectedForCalibration_GivesRawTicksWithoutPower()
    {
        DynamixelRig rig = New();
        rig.Emulator.Servos[2].Place(DynamixelUnits.PositionRad(3000));
        rig.Device.ConnectUnpowered();
        int[] ticks = new int[3];
        Assert.True(rig.Device.TryReadTicks(ticks));
        Assert.Equal([2048, 2048, 3000], ticks);
        Assert.Equal(["j1", "j2", "j3"], rig.Device.Joints.Select(j => j.Name));
        Assert.All(rig.Emulator.Servos, s => Assert.False(s.IsTorqueOn));
    }

    /// <summary>
    /// A calibration is in ticks of the encoder itself: nothing that the owner changes in the servo afterwards moves the zero.
    /// </summary>
    [Theory]
    [InlineData(500, 0)]
    [InlineData(-1000, 0)]
    [InlineData(0, 1)]
    [InlineData(300, 1)]
    public void TryReadTicks_OffsetOrDriveModeChangedAfterwards_GivesTheSameTicks(int offset, int driveMode)
    {
        DynamixelRig rig = New();
        rig.Emulator.Servos[0].Place(DynamixelUnits.PositionRad(3000));
        Assert.True(rig.Set(1, DynamixelTable.HomingOffset, offset) && rig.Set(1, DynamixelTable.DriveMode, driveMode));
        rig.Device.ConnectUnpowered();
        int[] ticks = new int[3];
        Assert.True(rig.Device.TryReadTicks(ticks));
        Assert.NotEqual(3000, rig.Register(1, DynamixelTable.PresentPosition));
        Assert.Equal(3000, ticks[0]);
    }

    private DynamixelRig New(DynamixelBusOptions? options = null, int servos = 3, DynamixelModel? model = null)
    {
        var rig = new DynamixelRig(options, servos, model);
        _rigs.Add(rig);
        return rig;
    }
}
