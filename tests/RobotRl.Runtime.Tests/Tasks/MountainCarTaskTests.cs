using RobotRl.Reference;
using RobotRl.Runtime.Tasks;

namespace RobotRl.Runtime.Tests.Tasks;

public sealed class MountainCarTaskTests
{
    private readonly MountainCarTask _task = new();

    [Fact]
    public void RewardAndEnd_GymnasiumSteps_Agree()
    {
        List<GymnasiumStep> steps = GymnasiumReference.Steps("MountainCarContinuous-v0", 2);
        foreach (GymnasiumStep step in steps)
        {
            Assert.Equal(step.Reward, _task.Reward(step.Before, [step.Action], step.After), 1e-13);
            Assert.Equal(step.Terminated, _task.IsTerminated(step.After));
        }

        Assert.Contains(steps, s => s.Terminated);
        Assert.Equal(999, _task.MaxEpisodeSteps);
    }

    [Theory]
    [InlineData(0.45, 0, true)]
    [InlineData(0.45, -0.001, false)]
    [InlineData(0.449999, 0.07, false)]
    public void IsTerminated_AroundTheGoal_AsksForPositionAndVelocity(double position, double velocity, bool expected) =>
        Assert.Equal(expected, _task.IsTerminated([position, velocity]));
}
