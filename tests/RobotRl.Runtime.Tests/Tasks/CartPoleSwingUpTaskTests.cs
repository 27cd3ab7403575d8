using RobotRl.Runtime.Tasks;

namespace RobotRl.Runtime.Tests.Tasks;

public sealed class CartPoleSwingUpTaskTests
{
    private readonly CartPoleSwingUpTask _task = new();

    // dm_control's formula by hand: upright (1 + cos)/2, control (4 + 1 - a^2)/5, velocity and centre (1 + 0.1^(d^2))/2.
    [Theory]
    [InlineData(0, 0, 0, 0, 1)]
    [InlineData(0, Math.PI, 0, 0, 0)]
    [InlineData(2, 0, 0, 0, 0.55)]
    [InlineData(0, 0, -5, 0, 0.55)]
    [InlineData(0, 0, 0, 10, 0.8)]
    [InlineData(1, Math.PI / 2, 2.5, -5, 0.5 * 0.95 * 0.7811706626 * 0.7811706626)]
    public void Reward_KnownStates_IsTheProductOfItsFourParts(double x, double angle, double turn, double force, double expected) =>
        Assert.Equal(expected, _task.Reward([9, 9, 9, 9], [force], [x, 0, angle, turn]), 1e-9);

    [Fact]
    public void Observe_AnyState_SplitsTheAngle()
    {
        float[] observation = new float[5];
        _task.Observe([1, 2, 2.5, 4], [0], observation);
        Assert.Equal([1, (float)Math.Cos(2.5), (float)Math.Sin(2.5), 2, 4], observation);
    }
}
