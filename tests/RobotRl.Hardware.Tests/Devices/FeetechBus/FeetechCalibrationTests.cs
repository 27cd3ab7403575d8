using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices.Calibration;
using RobotRl.Hardware.Protocols.Feetech;

namespace RobotRl.Hardware.Tests.Devices.FeetechBus;

/// <summary>What a servo keeps is part of its calibration: a later change moves the zero.</summary>
public sealed class FeetechCalibrationTests
{
    [Theory]
    [InlineData(0, 500, "keeps 500 in register 31 (offset); it kept 0 when it was calibrated")]
    [InlineData(500, 0, "keeps 0 in register 31 (offset); it kept 500 when it was calibrated")]
    [InlineData(-85, 85, "keeps 85 in register 31 (offset); it kept -85 when it was calibrated")]
    public void Connect_OffsetChangedAfterTheCalibration_IsRefusedForWorkAndNotForCalibrating(int then, int now, string expected)
    {
        using var file = new CalibrationOf("elbow", Calibrated(then));
        using FeetechRig rig = new FeetechRig(o => o.Calibration = file.Path).WithoutTorque();
        rig.Bus.Servo(2).Preset(FeetechTable.PositionOffset, now);
        AssertRefused(rig, file, expected);

        // Put back it works.
        rig.Bus.Servo(2).Preset(FeetechTable.PositionOffset, then);
        rig.Device.Connect();
    }

    [Theory]
    [InlineData(FeetechPhase.FullAngle)]
    [InlineData(FeetechPhase.DriveReversed | FeetechPhase.FeedbackReversed)]
    public void Connect_PhaseChangedAfterTheCalibration_IsRefusedForWorkAndNotForCalibrating(FeetechPhase changed)
    {
        int then = (int)FeetechTable.DeliveredPhase,
            now = (int)(FeetechTable.DeliveredPhase ^ changed);
        using var file = new CalibrationOf("elbow", Calibrated(0));
        using FeetechRig rig = new FeetechRig(o => o.Calibration = file.Path).WithoutTorque();
        rig.Bus.Servo(2).Preset(FeetechTable.Phase, now);
        AssertRefused(rig, file, $"keeps {now} in register 18 (phase); it kept {then} when it was calibrated");
    }

    [Fact]
    public void Unrecorded_FileOfBefore_IsSaidAndLoads()
    {
        using var file = new CalibrationOf("elbow", Calibrated(0));
        using FeetechRig rig = new FeetechRig(o => o.Calibration = file.Path).WithoutTorque();
        Assert.StartsWith(
            $"Calibration file {file.Path} does not record what the servos of shoulder, wheel kept when it was made "
                + $"(registers 31, offset, and 18, phase)",
            rig.Device.Unrecorded,
            StringComparison.Ordinal
        );
        rig.Bus.Servo(1).Preset(FeetechTable.PositionOffset, 77);
        rig.Device.Connect();
        using var none = new FeetechRig();
        Assert.Null(none.Device.Unrecorded);
    }

    private static void AssertRefused(FeetechRig rig, CalibrationOf file, string expected)
    {
        string message = Assert.Throws<RobotException>(rig.Device.Connect).Message;
        Assert.Contains("servo 2 (elbow) " + expected, message, StringComparison.Ordinal);
        Assert.Contains(file.Path, message, StringComparison.Ordinal);
        Assert.False(rig.Guardian.Watches);

        // Whoever calibrates again records what is there now.
        rig.Device.ConnectUnpowered();
        JointCalibration anew = rig.Device.AddKept(1, new());
        Assert.Equal(
            (rig.Bus.Servo(2).Peek(FeetechTable.PositionOffset), rig.Bus.Servo(2).Peek(FeetechTable.Phase)),
            (anew.KeptOffset!.Value, anew.KeptPhase!.Value)
        );
        rig.Device.Disconnect();
    }

    private static JointCalibration Calibrated(int offset) =>
        new()
        {
            KeptOffset = offset,
            KeptPhase = (int)FeetechTable.DeliveredPhase,
            MinRad = -1,
            MaxRad = 1,
        };
}
