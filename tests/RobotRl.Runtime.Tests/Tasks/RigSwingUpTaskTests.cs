using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Tasks;

namespace RobotRl.Runtime.Tests.Tasks;

public sealed class RigSwingUpTaskTests
{
    private static readonly RobotDescription s_rig = new(
        "rig",
        [
            new("motor/voltage", InterfaceKind.Voltage, "V", 0, 20),
            new("pole/position", InterfaceKind.Position, "rad", double.NegativeInfinity, double.PositiveInfinity),
            new("pole/velocity", InterfaceKind.Velocity, "rad/s", double.NegativeInfinity, double.PositiveInfinity),
        ],
        [new("pole/effort", InterfaceKind.Effort, "V", -3, 3, 0) { PositionState = "pole/position", VelocityState = "pole/velocity" }],
        TimeSpan.FromMilliseconds(20)
    );

    private readonly RigSwingUpTask _task = new(s_rig);

    [Theory]
    [InlineData(0, Math.PI)]
    [InlineData(Math.PI, 0)]
    [InlineData(-Math.PI, 0)]
    [InlineData(3 * Math.PI, 0)]
    [InlineData(Math.PI + 0.1, 0.1)]
    [InlineData(-Math.PI + 0.1, 0.1)]
    public void FromUpright_Position_IsTheWayToTheTop(double position, double expected) =>
        Assert.Equal(expected, Math.Abs(RigSwingUpTask.FromUpright(position)), 1e-9);

    [Fact]
    public void Reward_UprightAtRest_IsTheBest_HangingCostsPiSquared()
    {
        Assert.Equal(0, _task.Reward([12, 0, 0], [0], [12, Math.PI, 0]), 1e-12);
        Assert.Equal(-Math.PI * Math.PI, _task.Reward([12, 0, 0], [0], [12, 0, 0]), 1e-12);
        Assert.Equal(-(0.03 * 100) - 0.004, _task.Reward([12, 0, 0], [-3], [12, -Math.PI, 10]), 1e-12);
    }

    [Fact]
    public void Observe_StatesByName_WhereverTheyAre()
    {
        float[] observation = new float[4];
        _task.Observe([12, Math.PI / 2, -5], [1.5], observation);
        Assert.Equal(0, observation[0], 1e-6);
        Assert.Equal([1f, -0.5f, 0.5f], observation[1..]);
        Assert.Equal(4, _task.ObservationNames.Length);
    }

    [Fact]
    public void ToCommand_WholeRange_AndBack()
    {
        double[] command = new double[1];
        float[] action = new float[1];
        _task.ToCommand([-1f], [0], command);
        Assert.Equal(-3, command[0]);
        _task.ToAction([1.5], [0], action);
        Assert.Equal(0.5f, action[0]);
    }

    [Fact]
    public void Constructor_OtherRobot_NamesWhatIsMissing()
    {
        RobotDescription arm = s_rig with
        {
            Name = "arm",
            States = [s_rig.States[0], s_rig.States[1]],
            Commands = [new("elbow/position", InterfaceKind.Position, "rad", -1, 1, 0)],
        };
        string message = Assert.Throws<BadInputException>(() => new RigSwingUpTask(arm)).Message;
        Assert.StartsWith(
            "Task rig-swing-up does not fit robot arm: state pole/velocity is missing, command pole/effort is missing, "
                + "command elbow/position would not be used.",
            message,
            StringComparison.Ordinal
        );
    }
}
