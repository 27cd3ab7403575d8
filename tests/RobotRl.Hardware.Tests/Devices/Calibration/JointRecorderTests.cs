using RobotRl.Hardware.Devices.Calibration;

namespace RobotRl.Hardware.Tests.Devices.Calibration;

public sealed class JointRecorderTests
{
    [Fact]
    public void Build_MovedOverTheWrap_HasItsRangeAndZero()
    {
        var recorder = new JointRecorder(new("elbow", 4096, Wraps: true));
        foreach (int ticks in new[] { 3900, 4090, 100, 600, 100, 4000, 3500 })
        {
            recorder.Observe(ticks);
            if (ticks == 100)
            {
                recorder.Mark(0.25);
            }
        }

        JointCalibration made = recorder.Build(direction: -1, gearRatio: 1, marginRad: 0);
        Assert.Equal((CalibrationMethod.Absolute, 0.25), (made.Method, made.OffsetRad));
        Assert.Equal(0.25 - (500 * 2 * Math.PI / 4096), made.MinRad!.Value, 1e-12);
        Assert.Equal(0.25 + (696 * 2 * Math.PI / 4096), made.MaxRad!.Value, 1e-12);
        var encoder = new JointEncoder(made, wraps: true);
        encoder.TryFindTurn(100, out double angle);
        Assert.Equal(0.25, angle, 1e-12);
    }

    [Theory]
    [InlineData(3900, 4090, 100, 600)]
    [InlineData(600, 100, 4000, 3500)]
    public void Build_MovedThroughASeam_IsRefusedWithTheJointAndItsAngle(params int[] sweep)
    {
        var recorder = new JointRecorder(new("elbow", 4096, Wraps: true) { HasSeam = true });
        recorder.Observe(sweep[0]);
        recorder.Mark(0);
        Array.ForEach(sweep, recorder.Observe);
        string message = Assert
            .Throws<InvalidOperationException>(() => recorder.Build(direction: 1, gearRatio: 1, marginRad: 0.05))
            .Message;
        double seam = (sweep[0] > 2048 ? 4095.5 - sweep[0] : -0.5 - sweep[0]) * 2 * Math.PI / 4096;
        Assert.StartsWith("Joint elbow: its range of ", message, StringComparison.Ordinal);
        Assert.Contains(
            FormattableString.Invariant($"the end of the encoder's turn at {seam:0.###} rad (tick 4095 to 0)"),
            message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(0, 4095)]
    [InlineData(100, 3900)]
    [InlineData(4090, 2100)]
    public void Build_MovedWithinATurnThatHasASeam_IsAccepted(int first, int last)
    {
        var recorder = new JointRecorder(new("elbow", 4096, Wraps: true) { HasSeam = true });
        recorder.Observe(first);
        recorder.Mark(0.3);
        for (int at = first; at != last; at += Math.Sign(last - first) * Math.Min(1500, Math.Abs(last - at)))
        {
            recorder.Observe(at);
        }

        recorder.Observe(last);
        Assert.Null(recorder.Build(direction: -1, gearRatio: 1, marginRad: 0).SeamProblem("it"));
    }

    [Fact]
    public void Build_SeamWithinTheMargin_IsAccepted()
    {
        var recorder = new JointRecorder(new("elbow", 4096, Wraps: true) { HasSeam = true });
        foreach (int ticks in new[] { 2000, 3500, 4090, 5, 4090 })
        {
            recorder.Observe(ticks);
            if (ticks == 2000)
            {
                recorder.Mark(0);
            }
        }

        Assert.True(recorder.Build(1, 1, marginRad: 0.05).MaxRad < 4095.5 - 2000);
    }

    [Fact]
    public void Build_SeveralTurns_IsHoming()
    {
        var recorder = new JointRecorder(new("lift", 4096, Wraps: false));
        recorder.Observe(0);
        recorder.Mark(0);
        recorder.Observe(9000);
        Assert.Equal(CalibrationMethod.Homing, recorder.Build(1, 5, 0.01).Method);
    }

    [Fact]
    public void Build_NotMarkedOrNotMoved_SaysWhatToDo()
    {
        var recorder = new JointRecorder(new("elbow", 4096, Wraps: true));
        Assert.Throws<InvalidOperationException>(() => recorder.Mark(0));
        recorder.Observe(5);
        Assert.Contains(
            "mark it",
            Assert.Throws<InvalidOperationException>(() => recorder.Build(1, 1, 0)).Message,
            StringComparison.Ordinal
        );
        recorder.Mark(0);
        Assert.Contains(
            "Move it from end to end",
            Assert.Throws<InvalidOperationException>(() => recorder.Build(1, 1, 0.1)).Message,
            StringComparison.Ordinal
        );
    }
}
