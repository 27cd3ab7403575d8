using RobotRl.Reference;
using RobotRl.Runtime.Tasks;

namespace RobotRl.Runtime.Tests.Tasks;

public sealed class CartPoleTaskTests
{
    private readonly CartPoleTask _task = new();

    [Fact]
    public void RewardAndEnd_GymnasiumSteps_Agree()
    {
        double[] command = new double[1];
        List<GymnasiumStep> steps = GymnasiumReference.Steps("CartPole-v1", 4);
        foreach (GymnasiumStep step in steps)
        {
            _task.ToCommand([(float)step.Action], [0], command);
            Assert.Equal(step.Reward, _task.Reward(step.Before, command, step.After));
            Assert.Equal(step.Terminated, _task.IsTerminated(step.After));
            Assert.Equal(step.Truncated, step.Step + 1 == _task.MaxEpisodeSteps);
        }

        Assert.Contains(steps, s => s.Terminated);
        Assert.Contains(steps, s => s.Truncated);
    }

    [Fact]
    public void ToAction_GatedForce_IsTheNearestChoice()
    {
        float[] action = new float[1];
        _task.ToAction([3.5], [0], action);
        Assert.Equal(1, action[0]);
        _task.ToAction([-0.1], [0], action);
        Assert.Equal(0, action[0]);
    }
}
