using RobotRl.Algorithms.Spaces;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Tasks;

namespace RobotRl.Runtime.Tests.Tasks;

public sealed class ReachTaskTests
{
    private static readonly RobotDescription s_arm = new(
        "arm",
        [
            new("elbow/position", InterfaceKind.Position, "rad", -4, 4),
            new("elbow/velocity", InterfaceKind.Velocity, "rad/s", -6, 6),
            new("wrist/position", InterfaceKind.Position, "rad", -2, 2),
            new("wrist/temperature", InterfaceKind.Temperature, "°C", 0, 100),
        ],
        [
            new("elbow/position", InterfaceKind.Position, "rad", -1, 3, 0)
            {
                PositionState = "elbow/position",
                VelocityState = "elbow/velocity",
            },
            new("wrist/velocity", InterfaceKind.Velocity, "rad/s", -5, 5, 0) { PositionState = "wrist/position" },
        ],
        TimeSpan.FromMilliseconds(10)
    );

    private readonly ReachTask _task = new(s_arm, new ReachOptions());

    [Fact]
    public void BeginEpisode_Targets_LieInTheMiddleHalf_DifferAndRepeat()
    {
        var seen = new HashSet<(double, double)>();
        (double Least, double Greatest) elbow = (double.MaxValue, double.MinValue),
            wrist = elbow;
        for (long episode = 0; episode < 500; episode++)
        {
            _task.BeginEpisode(episode);
            seen.Add((_task.Target[0], _task.Target[1]));
            elbow = (Math.Min(elbow.Least, _task.Target[0]), Math.Max(elbow.Greatest, _task.Target[0]));
            wrist = (Math.Min(wrist.Least, _task.Target[1]), Math.Max(wrist.Greatest, _task.Target[1]));
        }

        Assert.Equal(500, seen.Count);
        Assert.InRange(elbow.Least, 0, 0.05);
        Assert.InRange(elbow.Greatest, 1.95, 2);
        Assert.InRange(wrist.Least, -1, -0.95);
        Assert.InRange(wrist.Greatest, 0.95, 1);
        double[] before = _task.Target.ToArray();
        var other = new ReachTask(s_arm, new ReachOptions());
        other.BeginEpisode(499);
        Assert.Equal(before, other.Target.ToArray());
    }

    [Fact]
    public void Observe_PositionsVelocitiesDistancesCommands_InTheOrderOfTheirNames()
    {
        _task.BeginEpisode(3);
        float[] observation = new float[_task.ObservationNames.Length];
        _task.Observe([0.5, -1, 0.25, 40], [0.75, 2], observation);
        Assert.Equal(
            [
                "elbow/position",
                "wrist/position",
                "elbow/velocity",
                "target-elbow/position",
                "target-wrist/position",
                "lag(elbow/position)",
                "previous(wrist/velocity)",
            ],
            _task.ObservationNames
        );
        Assert.Equal([0.5f, 0.25f, -1f, (float)(_task.Target[0] - 0.5), (float)(_task.Target[1] - 0.25), 2.5f, 2f], observation);
    }

    [Fact]
    public void ToCommand_PositionsMoveOnFromTheCommandBefore_VelocitiesHaveTheHardwaresEnds_AndBack()
    {
        double[] command = new double[2];
        float[] action = new float[2];
        _task.ToCommand([-1f, 1f], [0.5, 4], command);
        Assert.Equal([0.49, 5], command);
        _task.ToAction([0.495, -2.5], [0.5, 4], action);
        Assert.Equal(-0.5f, action[0], 1e-5f);
        Assert.Equal(-0.5f, action[1]);
        _task.ToCommand([1f, 0f], [2.999, 0], command);
        Assert.Equal([3, 0], command);
        _task.ToCommand([float.NaN, 0f], [0, 0], command);
        Assert.True(double.IsNaN(command[0]));
        Assert.Equal(2, ((ContinuousActionSpace)_task.Actions).Dimensions);
    }

    [Fact]
    public void Reward_NearerIsBetter_ThereIsBest_MotionCosts()
    {
        _task.BeginEpisode(0);
        double elbow = _task.Target[0],
            wrist = _task.Target[1];
        double Of(double e, double w, double v = 0) => _task.Reward([0, 0, 0, 0], [0, 0], [elbow + e, v, wrist + w, 0]);
        Assert.Equal(0.5, Of(0, 0), 1e-12);
        Assert.Equal(0.5 - 0.02, Of(0.04, 0), 1e-12);
        Assert.Equal(-0.03, Of(0.06, 0), 1e-12);
        Assert.Equal(-0.5, Of(0.5, -0.5), 1e-12);
        Assert.Equal(0.5 - 0.005, Of(0, 0, v: 1), 1e-12);
    }

    [Fact]
    public void IsReached_EveryJointWithinTheTolerance()
    {
        _task.BeginEpisode(0);
        double elbow = _task.Target[0],
            wrist = _task.Target[1];
        Assert.True(_task.IsReached([elbow + 0.049, 3, wrist - 0.049, 0]));
        Assert.False(_task.IsReached([elbow + 0.051, 0, wrist, 0]));
        Assert.False(_task.IsReached([elbow, 0, wrist - 0.051, 0]));
    }

    [Fact]
    public void BeginEpisode_AllocatesNothing()
    {
        _task.BeginEpisode(1);
        long before = GC.GetAllocatedBytesForCurrentThread();
        _task.BeginEpisode(2);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Constructor_TargetsOfTheOptions_Hold()
    {
        var task = new ReachTask(
            s_arm,
            new ReachOptions
            {
                Targets =
                {
                    ["wrist/velocity"] = new ReachRange { Minimum = 0.1, Maximum = 0.2 },
                },
            }
        );
        task.BeginEpisode(7);
        Assert.InRange(task.Target[1], 0.1, 0.2);
    }

    [Fact]
    public void Constructor_RobotThatDoesNotFit_NamesEveryReason()
    {
        RobotDescription other = s_arm with
        {
            Commands =
            [
                new("elbow/effort", InterfaceKind.Effort, "N m", -1, 1, 0),
                new("wrist/velocity", InterfaceKind.Velocity, "rad/s", -1, 1, 0),
                new("base/position", InterfaceKind.Position, "rad", double.NegativeInfinity, 1, 0) { PositionState = "elbow/position" },
            ],
        };
        string message = Assert
            .Throws<BadInputException>(() => new ReachTask(other, new ReachOptions { Targets = { ["hand"] = new ReachRange() } }))
            .Message;
        foreach (
            string reason in (string[])
                [
                    "Task:Reach:Targets:hand names no command",
                    "command elbow/effort is of kind Effort, and reach needs Position or Velocity",
                    "no state with the position of wrist/velocity",
                    "command base/position has no finite range",
                ]
        )
        {
            Assert.Contains(reason, message, StringComparison.Ordinal);
        }
    }
}
