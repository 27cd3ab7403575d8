using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Evaluation;
using RobotRl.Runtime.Tasks;
using RobotRl.Sim;
using RobotRl.Sim.Faults;

namespace RobotRl.Runtime.Tests.Evaluation;

public sealed class PolicyEvaluatorTests
{
    private static readonly IControlTask s_task = ControlTasks.Create(ControlTasks.DefaultFor("pendulum")!);
    private static readonly PolicySpec s_spec = new(new MlpShape(3, [], 2), PolicyHead.SquashedGaussian, 1);

    [Fact]
    public void Evaluate_Twice_GivesTheSameReturns_OneAStart()
    {
        EvaluationResult first = Evaluate(0.3f),
            second = Evaluate(0.3f);
        Assert.Equal(first.Returns, second.Returns);
        Assert.Equal((9, 9 * 200L, 200.0), (first.Returns.Length, first.Steps, first.MeanLength));
        Assert.Equal((first.Returns.Average(), first.Returns.Min(), first.Returns.Max()), (first.Mean, first.Minimum, first.Maximum));
        Assert.True(first.StandardDeviation > 0);
        Assert.NotEqual(first.Returns, Evaluate(-0.3f).Returns);
    }

    [Fact]
    public void Evaluate_NoTorque_IsTheReturnOfTheFreePendulum()
    {
        using ILockstepRobot robot = SimulatedRobots.Create("pendulum");
        robot.Open();
        double[] state = new double[robot.PhysicalStateSize],
            next = new double[robot.Description.States.Length],
            before = new double[next.Length];
        double[] returns = new double[9];
        for (int episode = 0; episode < 9; episode++)
        {
            s_task.SpreadStart(episode, 9, state);
            robot.Teleport(state);
            robot.Read(before);
            for (int step = 0; step < 200; step++)
            {
                robot.Advance();
                robot.Read(next);
                returns[episode] += (float)s_task.Reward(before, [0], next);
                next.CopyTo(before, 0);
            }
        }

        Assert.Equal(returns, Evaluate(0).Returns);
    }

    [Fact]
    public void Evaluate_Limits_AreInForceAndCounted()
    {
        var safety = new SafetyOptions { Joints = { ["pole/effort"] = new JointLimits { MaxEffort = 0.1 } } };
        EvaluationResult limited = Evaluate(0.3f, safety);
        Assert.Equal(limited.Steps, limited.GatedSteps);
        Assert.NotEqual(Evaluate(0.3f).Returns, limited.Returns);
    }

    [Fact]
    public void Evaluate_RobotThatFails_SaysInWhichEpisode()
    {
        using var robot = new FaultyRobot(SimulatedRobots.Create("pendulum"), new RobotFault(RobotFaultKind.DeviceError, 250));
        RobotException exception = Assert.Throws<RobotException>(() =>
            PolicyEvaluator.Evaluate(robot, s_task, new SafetyOptions(), Block(0), 9, cancellation: TestContext.Current.CancellationToken)
        );
        Assert.Contains("episode 1", exception.Message, StringComparison.Ordinal);
    }

    private static PolicyBlock Block(float bias)
    {
        var block = new PolicyBlock(s_spec);
        block.Parameters[^2] = bias;
        return block;
    }

    private static EvaluationResult Evaluate(float bias, SafetyOptions? safety = null)
    {
        using ILockstepRobot robot = SimulatedRobots.Create("pendulum");
        return PolicyEvaluator.Evaluate(
            robot,
            s_task,
            safety ?? new SafetyOptions(),
            Block(bias),
            9,
            cancellation: TestContext.Current.CancellationToken
        );
    }
}
