using RobotRl.Hardware.Devices.Calibration;
using RobotRl.Runtime.Commands.Calibrate;
using RobotRl.Runtime.Composition;

namespace RobotRl.Runtime.Tests.Commands.Calibrate;

public sealed class CalibrationPlanTests
{
    private static readonly CalibrationJoint[] s_joints = [new("elbow", 4096, true), new("wrist", 4096, true)];

    [Fact]
    public void Parse_Nothing_AsksForEveryJoint()
    {
        CalibrationPlan plan = CalibrationPlan.Parse(s_joints, [], [], [], [], []);
        Assert.Equal((false, "elbow,wrist"), (plan.Silent, string.Join(',', plan.Joints.Keys)));
    }

    [Fact]
    public void Parse_OneJoint_AsksForItAlone() =>
        Assert.Equal(["wrist"], CalibrationPlan.Parse(s_joints, ["wrist"], [], [], [], []).Joints.Keys);

    [Fact]
    public void Parse_EverythingStated_IsTakenByJoint()
    {
        CalibrationPlan plan = CalibrationPlan.Parse(
            s_joints,
            [],
            ["all=0", "wrist=-0.5"],
            ["all=-1.5..1.5", "wrist=-1..2"],
            ["wrist=3"],
            ["elbow"]
        );
        Assert.True(plan.Silent);
        Assert.Equal(
            new JointPlan
            {
                MarkRad = 0,
                RangeRad = (-1.5, 1.5),
                Inverted = true,
            },
            plan.Joints["elbow"]
        );
        Assert.Equal(
            new JointPlan
            {
                MarkRad = -0.5,
                RangeRad = (-1, 2),
                GearRatio = 3,
            },
            plan.Joints["wrist"]
        );
    }

    [Theory]
    [InlineData("hand=0", "elbow=-1..1", "--mark: there is no joint \"hand\"; allowed: elbow, wrist, or all.")]
    [InlineData("elbow", "elbow=-1..1", "--mark elbow: expected JOINT=VALUE, such as elbow=0.")]
    [InlineData("elbow=half", "elbow=-1..1", "--mark elbow=half: \"half\" is no number.")]
    [InlineData("elbow=0", "elbow=1", "--range elbow=1: expected JOINT=MIN..MAX, such as elbow=-1.5..1.5 (rad).")]
    [InlineData("elbow=0", "wrist=-1..1", "Joint wrist: no pose is stated. Add --mark wrist=RAD, or leave every --mark out to be asked.")]
    public void Parse_WhatMakesNoSense_IsNamed(string mark, string range, string message) =>
        Assert.Equal(message, Assert.Throws<BadInputException>(() => CalibrationPlan.Parse(s_joints, [], [mark], [range], [], [])).Message);
}
