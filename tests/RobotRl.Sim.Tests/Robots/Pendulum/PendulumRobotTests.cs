using RobotRl.Hardware.Contracts;
using RobotRl.Sim.Robots.Pendulum;

namespace RobotRl.Sim.Tests.Robots.Pendulum;

public sealed class PendulumRobotTests
{
    [Fact]
    public void Advance_GymnasiumSteps_Agrees() => GymnasiumAgreement.CheckSteps(new PendulumRobot(), "Pendulum-v1", a => a, 1e-14);

    [Fact]
    public void Advance_GymnasiumEpisodes_StaysTogether() =>
        GymnasiumAgreement.CheckEpisodes(new PendulumRobot(), "Pendulum-v1", a => a, 1e-12);

    [Fact]
    public void Advance_Hold_DampsTheSwing()
    {
        using var robot = new PendulumRobot();
        robot.Open();
        robot.PowerOn();
        robot.Teleport([Math.PI - 0.5, 1]);
        robot.RequestStop(StopLevel.Hold, "test");
        for (int i = 0; i < 60; i++)
        {
            robot.Advance();
        }

        double[] state = new double[2];
        robot.Read(state);
        Assert.InRange(state[0], Math.PI - 0.01, Math.PI + 0.01);
        Assert.InRange(state[1], -0.05, 0.05);
        Assert.Equal(DeviceState.Powered, robot.State);
    }
}
