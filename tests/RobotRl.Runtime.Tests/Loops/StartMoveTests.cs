using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Tests.Loops;

public sealed class StartMoveTests
{
    private static readonly RobotDescription s_arm = new(
        "arm",
        [new("elbow/position", InterfaceKind.Position, "rad", -4, 4), new("wrist/position", InterfaceKind.Position, "rad", -4, 4)],
        [
            new("elbow/position", InterfaceKind.Position, "rad", -2, 2, 0) { PositionState = "elbow/position" },
            new("wrist/velocity", InterfaceKind.Velocity, "rad/s", -5, 5, 0) { PositionState = "wrist/position" },
        ],
        TimeSpan.FromMilliseconds(10)
    );

    private static TaskOptions Options =>
        new() { Reset = ResetKind.MoveToStart, Start = { ["elbow/position"] = 1.5, ["wrist/velocity"] = -1 } };

    [Fact]
    public void Next_PerfectRobot_ArrivesAtRest_NeverFasterThanAllowed()
    {
        var move = new StartMove(s_arm, Options, s_arm.ControlPeriod);
        double[] state = [-0.5, 0.5],
            command = new double[2];
        move.Begin(state);
        double fastest = 0,
            before = state[0],
            firstStep = 0;
        int steps = 0;
        while (!move.IsThere(state))
        {
            Assert.True(++steps < 2000);
            move.Next(state, command);
            fastest = Math.Max(fastest, Math.Abs(command[0] - before) / 0.01);
            firstStep = steps == 1 ? Math.Abs(command[0] - before) : firstStep;
            Assert.InRange(command[1], -0.5, 0.5);
            before = command[0];
            state = [command[0], state[1] + (command[1] * 0.01)];
        }

        Assert.InRange(fastest, 0.45, 0.5001);
        Assert.True(firstStep < 1e-4, "it sets out with a jerk");
        Assert.Equal(1.5, state[0], 1e-9);
        Assert.Equal(-1, state[1], 0.05);
        Assert.InRange(steps, 740, 760);
    }

    [Fact]
    public void IsThere_RobotThatLagsBehind_Waits()
    {
        var move = new StartMove(s_arm, Options, s_arm.ControlPeriod);
        double[] state = [1.5, -1],
            command = new double[2];
        move.Begin(state);
        move.Next(state, command);
        Assert.True(move.IsThere(state));
        Assert.Equal(1.5, command[0]);
        Assert.False(move.IsThere([1.4, -1]));
        Assert.False(move.IsThere([1.5, -1.1]));
        Assert.False(move.IsThere([double.NaN, -1]));
    }

    [Fact]
    public void Describe_JointsThatStayBehind_TheFarthestIsNamedWithCommandAndMeasurement()
    {
        var move = new StartMove(s_arm, Options, s_arm.ControlPeriod);
        Assert.StartsWith(
            "elbow/position is commanded to 1.5 rad and measured at 0.146 rad; its start pose is 1.5 rad (tolerance 0.05).",
            move.Describe([0.146, -1.1], [1.5, 0.2]),
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "wrist/velocity is commanded to 0.2 rad/s and measured at -1.1 rad; its start pose is -1 rad (tolerance 0.05).",
            move.Describe([1.49, -1.1], [1.5, 0.2]),
            StringComparison.Ordinal
        );
        Assert.Contains("elbow/position", move.Describe([double.NaN, -1], [1.5, 0]), StringComparison.Ordinal);
        Assert.Null(move.Describe([1.49, -1.01], [1.5, 0]));
    }

    [Fact]
    public void Validate_EffortCommandsAndWrongPoses_AreNamed()
    {
        TaskOptions options = Options;
        options.Start["elbow/position"] = 2.5;
        options.Start["hand"] = 0;
        RobotDescription other = s_arm with
        {
            Commands =
            [
                s_arm.Commands[0],
                new("pole/effort", InterfaceKind.Effort, "N m", -1, 1, 0),
                new("rail/velocity", InterfaceKind.Velocity, "m/s", -1, 1, 0),
            ],
        };
        Assert.Equal(
            [
                "Task:Start:elbow/position is 2.5 rad; allowed: -2 to 2 rad. Correct it.",
                "Task:Start:wrist/velocity names no command of robot arm; allowed: elbow/position, pole/effort, "
                    + "rail/velocity. Correct the name.",
                "Task:Start:hand names no command of robot arm; allowed: elbow/position, pole/effort, rail/velocity. Correct the name.",
                "Task:Reset is MoveToStart, but pole/effort is an Effort command, which cannot be led to a pose; allowed: "
                    + "Auto, None, WaitForRest, AskOperator. Set one of them.",
                "Task:Reset is MoveToStart, but robot arm reports no position for rail/velocity; allowed: Auto, None, "
                    + "WaitForRest, AskOperator. Set one of them.",
            ],
            options.Validate("Task", other)
        );
        Assert.Throws<ArgumentException>(() => new StartMove(other, options, other.ControlPeriod));
    }
}
