using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices.Calibration;
using RobotRl.Runtime.Commands.Calibrate;
using RobotRl.Runtime.Composition;

namespace RobotRl.Runtime.Tests.Commands.Calibrate;

public sealed class CalibrationDialogueTests : IDisposable
{
    private static readonly Action s_nothing = () => { };

    private readonly FakeJoints _joints = new();
    private readonly JointObserver _observer;
    private readonly StringWriter _said = new();

    public CalibrationDialogueTests() => _observer = new JointObserver(_joints);

    public void Dispose() => _observer.Dispose();

    [Fact]
    public void Ask_JointMovedByHand_ZeroDirectionAndRangeAreWhatWasSeen_OverTheWrap()
    {
        JointCalibration made = Dialogue(
                (s_nothing, "0.5"),
                (() => _joints.Move(0, -300), ""),
                (
                    () =>
                    {
                        _joints.Move(0, -900);
                        _joints.Move(0, 1800);
                    },
                    ""
                )
            )
            .Ask(0, new JointPlan());
        const double Tick = 2 * Math.PI / 4096;
        Assert.Equal((1000, 0.5, -1, CalibrationMethod.Absolute), (made.ZeroTicks, made.OffsetRad, made.Direction, made.Method));
        Assert.Equal(0.5 - (600 * Tick) + 0.05, made.MinRad!.Value, 1e-9);
        Assert.Equal(0.5 + (1200 * Tick) - 0.05, made.MaxRad!.Value, 1e-9);
    }

    [Fact]
    public void Ask_AnswersThatSayNothing_AreAskedAgain()
    {
        JointCalibration made = Dialogue(
                (s_nothing, "half"),
                (s_nothing, ""),
                (() => _joints.Move(0, 5), ""),
                (() => _joints.Move(0, 100), ""),
                (() => _joints.Move(0, 1000), "")
            )
            .Ask(0, new JointPlan());
        Assert.Equal((0, 1), (made.OffsetRad, made.Direction));
        Assert.Contains("\"half\" is no number.", _said.ToString(), StringComparison.Ordinal);
        Assert.Contains("It moved by 5 ticks only; at least 41 are needed to tell.", _said.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Ask_AllIsStated_NobodyIsAsked_GearAndDirectionOfBeforeStay()
    {
        JointCalibration made = Dialogue().Ask(1, new JointPlan { MarkRad = 0.25, RangeRad = (-1, 1.5) });
        Assert.Equal(
            (4000, 0.25, -1, 2.0, -1.0, 1.5),
            (made.ZeroTicks, made.OffsetRad, made.Direction, made.GearRatio, made.MinRad!.Value, made.MaxRad!.Value)
        );
        Assert.Empty(_said.ToString());
    }

    [Fact]
    public void Ask_RangeBeyondATurn_IsHoming() =>
        Assert.Equal(CalibrationMethod.Homing, Dialogue().Ask(1, new JointPlan { MarkRad = 0, RangeRad = (-2, 2) }).Method);

    [Fact]
    public void Ask_RangeThroughASeam_MovedOrStated_IsRefusedAndNamesTheJoint()
    {
        _joints.HasSeam = true;
        Assert.StartsWith(
            "Joint elbow: its range of ",
            Assert
                .Throws<BadInputException>(() =>
                    Dialogue((s_nothing, "0"), (() => _joints.Move(0, -300), ""), (() => _joints.Move(0, -900), "")).Ask(0, new JointPlan())
                )
                .Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "goes through the end of the encoder's turn",
            Assert.Throws<BadInputException>(() => Dialogue().Ask(1, new JointPlan { MarkRad = 0, RangeRad = (-0.2, 0.2) })).Message,
            StringComparison.Ordinal
        );
        Assert.Equal(0.01, Dialogue().Ask(1, new JointPlan { MarkRad = 0, RangeRad = (-0.05, 0.01) }).MaxRad);
    }

    [Fact]
    public void Ask_NeitherRangeNorMovement_SaysWhatToAdd() =>
        Assert.Contains(
            "--range elbow=MIN..MAX",
            Assert.Throws<BadInputException>(() => Dialogue().Ask(0, new JointPlan { MarkRad = 0 })).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Ask_InputEnds_SaysThatNothingWasWritten() =>
        Assert.Contains(
            "nothing was written",
            Assert.Throws<BadInputException>(() => Dialogue((s_nothing, "0")).Ask(0, new JointPlan())).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Observer_JointsThatDoNotAnswer_AreNamed()
    {
        using var silent = new FakeJoints { Answers = false };
        Assert.Contains(
            "Not every joint answers (elbow, wrist)",
            Assert.Throws<RobotException>(() => new JointObserver(silent)).Message,
            StringComparison.Ordinal
        );
    }

    private CalibrationDialogue Dialogue(params (Action Move, string Answer)[] steps) =>
        new(_joints, _observer, 0.05, new MovingReader(steps), _said);
}
