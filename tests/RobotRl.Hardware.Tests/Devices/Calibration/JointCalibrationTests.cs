using CsCheck;
using RobotRl.Hardware.Devices.Calibration;

namespace RobotRl.Hardware.Tests.Devices.Calibration;

public sealed class JointCalibrationTests
{
    [Fact]
    public void Validate_Defaults_HaveNoProblem() => Assert.Empty(new JointCalibration().Validate("J"));

    [Fact]
    public void AngleRad_Defaults_AreTheServosOwn()
    {
        var servo = new JointCalibration();
        Assert.Equal(0, servo.AngleRad(2048));
        Assert.Equal(Math.PI / 2, servo.AngleRad(3072), 1e-12);
        Assert.Equal(-Math.PI, servo.LeastRad, 1e-12);
    }

    [Fact]
    public void AngleRad_ReversedGearedWithOffset_FollowsTheFormula()
    {
        var joint = new JointCalibration
        {
            ZeroTicks = 1000,
            OffsetRad = 0.5,
            Direction = -1,
            GearRatio = 4,
            MinRad = -0.2,
            MaxRad = 0.7,
        };

        // A quarter turn of the encoder is a sixteenth of the joint's, backwards.
        Assert.Equal(0.5 - (Math.PI / 8), joint.AngleRad(2024), 1e-12);
        Assert.Equal(2024, joint.Ticks(joint.AngleRad(2024)), 1e-9);
    }

    [Fact]
    public void Goal_OfWhatWasRead_IsTheTicksThemselves() =>
        Gen.Select(Gen.Int[-9000, 9000], Gen.Int[0, 4095], Gen.Double[-3, 3], Gen.Bool, Gen.Double[0.5, 20], Gen.Bool)
            .Sample(
                (zero, ticks, offset, reversed, gear, wraps) =>
                {
                    var calibration = new JointCalibration
                    {
                        ZeroTicks = zero,
                        OffsetRad = offset,
                        Direction = reversed ? -1 : 1,
                        GearRatio = gear,
                    };
                    var encoder = new JointEncoder(calibration, wraps);
                    encoder.TryFindTurn(ticks, out double found);
                    Assert.Equal(found, encoder.Read(ticks), 1e-9);
                    Assert.Equal(ticks, encoder.Goal(found));
                    Assert.Equal(1.5, encoder.Velocity(encoder.EncoderVelocity(1.5)), 1e-12);
                },
                seed: "0N0XIzNsQ0O2",
                iter: 2000
            );

    [Fact]
    public void TryFindTurn_RangeOverTheWrap_TakesTheTurnInTheRange()
    {
        // Zero at tick 100 and a range of a quarter turn either way: half of it lies below the encoder's own zero.
        var calibration = new JointCalibration
        {
            ZeroTicks = 100,
            MinRad = -Math.PI / 2,
            MaxRad = Math.PI / 2,
        };
        var encoder = new JointEncoder(calibration, wraps: true);
        Assert.True(encoder.TryFindTurn(3900, out double angle));
        Assert.Equal(-296 * 2 * Math.PI / 4096, angle, 1e-12);
        Assert.Equal(3900, encoder.Goal(angle));
    }

    [Fact]
    public void Read_OverTheWrapBothWays_IsContinuous()
    {
        var encoder = new JointEncoder(
            new JointCalibration
            {
                ZeroTicks = 0,
                MinRad = -2,
                MaxRad = 2,
            },
            wraps: true
        );
        encoder.TryFindTurn(4000, out double last);
        foreach (int ticks in new[] { 4090, 50, 1000, 30, 4080, 3000, 4095, 0 })
        {
            double angle = encoder.Read(ticks);
            Assert.True(Math.Abs(angle - last) < Math.PI);
            last = angle;
        }

        Assert.Equal(0, last, 1e-12);
    }

    [Fact]
    public void Read_RegisterCountsOn_HasNoTurnsOfItsOwn()
    {
        var encoder = new JointEncoder(
            new JointCalibration
            {
                MinRad = -100,
                MaxRad = 100,
                Method = CalibrationMethod.Homing,
            },
            wraps: false
        );
        encoder.TryFindTurn(2048, out _);
        Assert.Equal(2 * Math.PI, encoder.Read(2048 + 4096), 1e-12);
        Assert.Equal(0, encoder.Read(2048), 1e-12);
    }

    [Theory]
    [InlineData(2048, true, 0)]
    [InlineData(2548, true, 500)]
    [InlineData(3048, false, 1000)]
    [InlineData(10, false, -2038)]
    public void TryFindTurn_Homing_AsksForTheHomeMark(int ticks, bool expected, int off)
    {
        var calibration = new JointCalibration
        {
            Method = CalibrationMethod.Homing,
            GearRatio = 10,
            MinRad = -3,
            MaxRad = 3,
        };
        Assert.Empty(calibration.Validate("J"));
        Assert.Equal(expected, new JointEncoder(calibration, wraps: false).TryFindTurn(ticks, out double angle));
        Assert.Equal(off * 2 * Math.PI / 40960, angle, 1e-9);
    }

    [Fact]
    public void Validate_AbsoluteOverMoreThanATurn_IsRefused() =>
        Assert.Contains(
            "Use method Homing",
            Assert.Single(
                new JointCalibration
                {
                    GearRatio = 4,
                    MinRad = -1,
                    MaxRad = 1,
                }.Validate("J")
            ),
            StringComparison.Ordinal
        );

    [Fact]
    public void Validate_EverythingWrong_SaysEach() =>
        Assert.Equal(
            4,
            new JointCalibration
            {
                OffsetRad = double.NaN,
                Direction = 0,
                GearRatio = -1,
                TicksPerTurn = 0,
            }
                .Validate("J")
                .Count()
        );
}
