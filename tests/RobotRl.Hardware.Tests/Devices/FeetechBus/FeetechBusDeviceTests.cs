using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices.Calibration;
using RobotRl.Hardware.Devices.FeetechBus;
using RobotRl.Hardware.Protocols.Feetech;

namespace RobotRl.Hardware.Tests.Devices.FeetechBus;

public sealed class FeetechBusDeviceTests
{
    [Fact]
    public void Description_Joints_AreInTheOrderOfTheirIds()
    {
        using var rig = new FeetechRig();
        Assert.Equal(["shoulder/position", "elbow/position", "wheel/velocity"], rig.Device.Description.Commands.Select(c => c.Name));
        Assert.Equal(
            ["shoulder/position", "shoulder/velocity", "shoulder/current", "shoulder/voltage", "shoulder/temperature", "shoulder/load"],
            rig.Device.Description.States.Take(6).Select(s => s.Name)
        );
        Assert.Equal(5, rig.Device.Description.Commands[2].Maximum);
    }

    [Fact]
    public void Connect_AllThere_SetsTheModesAndLeavesTorqueOff()
    {
        using var rig = new FeetechRig();
        rig.Device.Connect();
        Assert.True(rig.Guardian.Watches);
        Assert.All(rig.Bus.Servos, s => Assert.False(s.IsTorqueOn));
        Assert.Equal(IoStatus.Ok, rig.Cycle().Status);
        Assert.Equal(7.4, rig.State[3], 6);
        Assert.Equal(25, rig.State[4]);
    }

    [Fact]
    public void PowerOn_AnyPose_MovesNothing()
    {
        using var rig = new FeetechRig();
        rig.Bus.Servo(1).Place(0.8);
        rig.Bus.Servo(2).Place(-1.2);
        rig.PoweredOn();
        for (int i = 0; i < 25; i++)
        {
            Assert.Equal(IoStatus.Ok, rig.Cycle().Status);
        }

        Assert.All(rig.Bus.Servos, s => Assert.True(s.IsTorqueOn));
        Assert.Equal([0.8, -1.2, 0], rig.Bus.Servos.Select(s => Math.Round(s.PositionRad, 2)));
    }

    [Fact]
    public void Exchange_Commands_MoveTheJoints()
    {
        using FeetechRig rig = new FeetechRig().PoweredOn();
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(IoStatus.Ok, rig.Cycle(0.5, -0.5, 2).Status);
        }

        Assert.Equal(0.5, rig.State[FeetechRig.ShoulderPosition], 2);
        Assert.Equal(2, rig.State[FeetechRig.WheelVelocity], 1);
        Assert.True(rig.Guardian.LastPowered);
        Assert.True(rig.Device.PowerOff());
        Assert.All(rig.Bus.Servos, s => Assert.False(s.IsTorqueOn));
        Assert.False(rig.Guardian.LastPowered);
    }

    [Fact]
    public void Exchange_WheelTurnsOn_PositionCountsOverTheWrap()
    {
        using FeetechRig rig = new FeetechRig().PoweredOn();
        for (int i = 0; i < 250; i++)
        {
            rig.Cycle(0, 0, 3);
        }

        Assert.InRange(rig.State[FeetechRig.WheelVelocity - 1], 4 * Math.PI, 16);
        Assert.Equal(rig.Bus.Servo(3).PositionRad, rig.State[FeetechRig.WheelVelocity - 1], 1);
    }

    [Fact]
    public void Exchange_OneReplyLost_IsNotFreshAndTheStateStays()
    {
        using FeetechRig rig = new FeetechRig().PoweredOn();
        rig.Cycle(0.5, 0, 0);
        double[] before = [.. rig.State];
        rig.Bus.Faults.SetDead(2, true);
        Assert.Equal(IoStatus.NotFresh, rig.Cycle(0.5, 0, 0).Status);
        Assert.Equal(before, rig.State);
        Assert.Null(rig.Device.Fault);
        rig.Bus.Faults.Clear();
        Assert.Equal(IoStatus.Ok, rig.Cycle(0.5, 0, 0).Status);
    }

    [Fact]
    public void Exchange_OneServoDead_IsAFaultThatNamesIt()
    {
        using FeetechRig rig = new FeetechRig().PoweredOn();
        rig.Bus.Faults.SetDead(2, true);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(IoStatus.NotFresh, rig.Cycle(0, 0, 0).Status);
        }

        Assert.Equal(IoStatus.DeviceFault, rig.Cycle(0, 0, 0).Status);
        Assert.Equal("Robot feetech-bus: servo 2 (elbow) does not answer, others do. Check its cable.", rig.Device.Fault);

        // The others lose their torque; that one has none confirmed.
        Assert.False(rig.Device.PowerOff());
        Assert.Equal([false, true, false], rig.Bus.Servos.Select(s => s.IsTorqueOn));
        Assert.Throws<RobotException>(rig.Device.ClearFault);
        rig.Bus.Faults.Clear();
        Assert.True(rig.Device.PowerOff());
        rig.Device.ClearFault();
        Assert.Equal(IoStatus.Ok, rig.Cycle().Status);
    }

    [Fact]
    public void Exchange_AllServosSilent_IsTheLinksMatter()
    {
        using FeetechRig rig = new FeetechRig().PoweredOn();
        rig.Bus.Faults.LostReplies = 1;
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(IoStatus.NotFresh, rig.Cycle(0, 0, 0).Status);
        }

        Assert.Null(rig.Device.Fault);
    }

    [Fact]
    public void Exchange_CorruptedReplies_NeverGiveAPositionThatIsNone()
    {
        using FeetechRig rig = new FeetechRig().PoweredOn();
        rig.Bus.Faults.CorruptedReplies = 0.3;
        int read = 0;
        for (int i = 0; i < 4000; i++)
        {
            if (rig.Cycle(0, 0, 0).Status == IoStatus.Ok)
            {
                read++;
                // The allowed jump: what a servo can turn in the time since the last whole reading, and a margin.
                Assert.InRange(rig.State[FeetechRig.ShoulderPosition], -1.5, 1.5);
            }
        }

        Assert.InRange(read, 1000, 1900);
    }

    [Fact]
    public void Exchange_ServoOverheats_IsAFaultUntilItsCauseIsGone()
    {
        using FeetechRig rig = new FeetechRig().PoweredOn();
        rig.Bus.Faults.SetOverheated(2, true);
        rig.Cycle(0, 0, 0);
        Assert.Contains("servo 2 (elbow) reports Overheating", rig.Device.Fault, StringComparison.Ordinal);
        Assert.True(rig.Device.PowerOff());
        RobotException refused = Assert.Throws<RobotException>(rig.Device.ClearFault);
        Assert.Contains("still reports Overheating", refused.Message, StringComparison.Ordinal);
        rig.Bus.Faults.Clear();
        rig.Cycle();
        Assert.NotNull(rig.Device.Fault);
        rig.Device.ClearFault();
        Assert.Null(rig.Device.Fault);
    }

    [Fact]
    public void Exchange_EncoderLost_IsAFault()
    {
        using FeetechRig rig = new FeetechRig().PoweredOn();
        rig.Bus.Faults.SetLostEncoder(1, true);
        rig.Cycle(0, 0, 0);
        Assert.Contains("servo 1 (shoulder) reports Sensor", rig.Device.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Exchange_LinkCut_IsLost()
    {
        using FeetechRig rig = new FeetechRig().PoweredOn();
        rig.Near.Cut();
        Assert.Equal(IoStatus.LinkLost, rig.Cycle(0, 0, 0).Status);
        Assert.False(rig.Device.PowerOff());
        rig.Device.Disconnect();
        // Torque could not be taken away: that is the guardian's now.
        Assert.False(rig.Guardian.EndedInOrder);
    }

    [Fact]
    public void Disconnect_WithoutPower_EndsTheGuardianInOrder()
    {
        using FeetechRig rig = new FeetechRig().PoweredOn();
        rig.Device.PowerOff();
        rig.Device.Disconnect();
        Assert.True(rig.Guardian.EndedInOrder);
    }

    [Fact]
    public void Exchange_GuardianGone_IsAFaultAndNothingIsCommanded()
    {
        using FeetechRig rig = new FeetechRig().PoweredOn();
        rig.Guardian.IsGone = true;
        for (int i = 0; i < 20; i++)
        {
            rig.Cycle(1, 0, 0);
        }

        Assert.Contains("its guardian has ended", rig.Device.Fault, StringComparison.Ordinal);
        Assert.Equal(0, rig.Bus.Servo(1).PositionRad, 2);
        Assert.True(rig.Device.PowerOff());
        rig.Guardian.IsGone = false;
        rig.Device.ClearFault();
        Assert.Null(rig.Device.Fault);
        Assert.True(rig.Guardian.Watches);
        rig.Cycle();
        rig.Device.PowerOn(rig.State);
        rig.Cycle(0.1, 0, 0);
        Assert.Null(rig.Device.Fault);
    }

    [Fact]
    public void Exchange_ProcessStoodStill_IsAFaultAndNothingIsCommanded()
    {
        using FeetechRig rig = new FeetechRig().PoweredOn();
        rig.Cycle(0, 0, 0);
        rig.Time.Advance(TimeSpan.FromMilliseconds(150));
        rig.Cycle(1, 0, 0);
        Assert.Contains("stood still for 170 ms", rig.Device.Fault, StringComparison.Ordinal);
        rig.Cycle(1, 0, 0);
        rig.Cycle(1, 0, 0);
        Assert.Equal(0, rig.Bus.Servo(1).PositionRad, 2);
    }

    [Fact]
    public void Exchange_ProcessStoodStillOnItsWayToAGoal_HoldsWhereTheJointIs()
    {
        using FeetechRig rig = new FeetechRig().PoweredOn();
        rig.Cycle(1.5, 0, 3);
        rig.Time.Advance(TimeSpan.FromMilliseconds(150));
        rig.Cycle(1.5, 0, 3);
        double found = rig.Bus.Servo(1).PositionRad;
        for (int i = 0; i < 50; i++)
        {
            rig.Cycle(1.5, 0, 3);
        }

        Assert.InRange(found, 0.05, 1.3);
        Assert.Equal(found, rig.Bus.Servo(1).PositionRad, 0.1);
        Assert.Equal(0, rig.State[FeetechRig.WheelVelocity], 2);
    }

    [Fact]
    public void PowerOn_GuardianGone_Throws()
    {
        using var rig = new FeetechRig();
        rig.Device.Connect();
        rig.Cycle();
        rig.Guardian.IsGone = true;
        Assert.Throws<RobotException>(() => rig.Device.PowerOn(rig.State));
        Assert.All(rig.Bus.Servos, s => Assert.False(s.IsTorqueOn));
    }

    [Fact]
    public void Calibration_DirectionAndOffset_AreInTheReadingAndTheGoal()
    {
        string path = Path.Combine(Path.GetTempPath(), $"feetech-calibration-{Environment.ProcessId}.json");
        try
        {
            new CalibrationFile
            {
                Robot = FeetechBusDevice.Kind,
                Joints =
                {
                    ["shoulder"] = new()
                    {
                        Direction = -1,
                        ZeroTicks = 2500,
                        OffsetRad = 0.2,
                        MinRad = -1,
                        MaxRad = 1,
                    },
                    ["elbow"] = new(),
                    ["wheel"] = new(),
                },
            }.Save(path);
            using FeetechRig rig = new(o => o.Calibration = path);
            Assert.Equal((-1, 1), (rig.Device.Description.Commands[0].Minimum, rig.Device.Description.Commands[0].Maximum));
            rig.PoweredOn();
            for (int i = 0; i < 100; i++)
            {
                rig.Cycle(0.5, 0, 0);
            }

            Assert.Equal(0.5, rig.State[FeetechRig.ShoulderPosition], 2);
            Assert.Equal(((2500 - 2048) * FeetechUnits.RadPerTick) - 0.3, rig.Bus.Servo(1).PositionRad, 2);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Connect_CalibrationThroughTheSeam_IsRefusedForWorkAndNotForCalibrating()
    {
        string path = Path.Combine(Path.GetTempPath(), $"feetech-seam-{Environment.ProcessId}.json");
        try
        {
            // Of an earlier version, or written by hand: tick 4000 is 0 rad, and 1 rad lies behind the end of the turn.
            new CalibrationFile
            {
                Robot = FeetechBusDevice.Kind,
                Joints =
                {
                    ["shoulder"] = new(),
                    ["elbow"] = new()
                    {
                        ZeroTicks = 4000,
                        MinRad = -1,
                        MaxRad = 1,
                    },
                    ["wheel"] = new()
                    {
                        ZeroTicks = 4000,
                        MinRad = -1,
                        MaxRad = 1,
                    },
                },
            }.Save(path);
            using FeetechRig rig = new(o => o.Calibration = path);
            string message = Assert.Throws<RobotException>(rig.Device.Connect).Message;
            Assert.Contains(
                $"joint elbow of {path}: its range of -1 to 1 rad goes through the end of the encoder's turn at 0.146 rad",
                message,
                StringComparison.Ordinal
            );
            Assert.Equal(0, rig.Bus.Requests);
            rig.Device.ConnectUnpowered();
            Assert.Equal([true, true, false], rig.Device.Joints.Select(j => j.HasSeam));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void TryReadTicks_ConnectedUnpowered_ReadsWithoutAGuardian()
    {
        using var rig = new FeetechRig();
        rig.Bus.Servo(2).Place(0.5);
        rig.Device.ConnectUnpowered();
        var ticks = new int[3];
        Assert.True(rig.Device.TryReadTicks(ticks));
        Assert.Equal([2048, 2374, 2048], ticks);
        Assert.False(rig.Guardian.Watches);
        Assert.Equal(["shoulder", "elbow", "wheel"], rig.Device.Joints.Select(j => j.Name));
    }

    [Fact]
    public void Exchange_Running_AllocatesNothing()
    {
        using FeetechRig rig = new FeetechRig().PoweredOn();
        double[] command = [0, 0, 0];
        for (int i = 0; i < 100; i++)
        {
            rig.Device.Exchange(command, rig.State);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            rig.Device.Exchange(command, rig.State);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
