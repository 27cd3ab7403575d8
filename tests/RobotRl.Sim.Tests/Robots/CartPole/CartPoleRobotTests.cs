using RobotRl.Hardware.Contracts;
using RobotRl.Sim.Robots.CartPole;

namespace RobotRl.Sim.Tests.Robots.CartPole;

public sealed class CartPoleRobotTests
{
    [Fact]
    public void Advance_GymnasiumSteps_Agrees() => GymnasiumAgreement.CheckSteps(new CartPoleRobot(), "CartPole-v1", ForceOf, 1e-14);

    // NumPy's sine and ours differ in the last bit, and an upright pole multiplies that by e^4 a second: two seconds.
    [Fact]
    public void Advance_GymnasiumEpisodes_StaysTogether() =>
        GymnasiumAgreement.CheckEpisodes(new CartPoleRobot(), "CartPole-v1", ForceOf, 1e-11, maxSteps: 100);

    [Fact]
    public void RequestStop_Hold_RemovesPowerForWantOfDamping()
    {
        using var robot = new CartPoleRobot();
        robot.Open();
        robot.PowerOn();
        robot.RequestStop(StopLevel.Hold, "test");
        Assert.Equal((DeviceState.Faulted, StopLevel.PowerOff), (robot.State, robot.Stop.Requested));
    }

    private static double ForceOf(double action) => action > 0.5 ? CartPoleRobot.MaxForceN : -CartPoleRobot.MaxForceN;
}
