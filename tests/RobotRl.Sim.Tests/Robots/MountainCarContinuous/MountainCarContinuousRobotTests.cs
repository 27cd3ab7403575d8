using RobotRl.Hardware.Contracts;
using RobotRl.Sim.Robots.MountainCarContinuous;

namespace RobotRl.Sim.Tests.Robots.MountainCarContinuous;

public sealed class MountainCarContinuousRobotTests
{
    [Fact]
    public void Advance_GymnasiumSteps_Agrees() =>
        GymnasiumAgreement.CheckSteps(new MountainCarContinuousRobot(), "MountainCarContinuous-v0", a => a, 1e-14);

    [Fact]
    public void Advance_GymnasiumEpisodes_StaysTogether() =>
        GymnasiumAgreement.CheckEpisodes(new MountainCarContinuousRobot(), "MountainCarContinuous-v0", a => a, 1e-12);

    [Fact]
    public void Advance_Hold_ComesToRestInTheValley()
    {
        using var robot = new MountainCarContinuousRobot();
        robot.Open();
        robot.PowerOn();
        robot.Teleport([0.2, 0]);
        robot.RequestStop(StopLevel.Hold, "test");
        for (int i = 0; i < 1000; i++)
        {
            robot.Advance();
        }

        double[] state = new double[2];
        robot.Read(state);
        Assert.Equal(-Math.PI / 6, state[0], 0.01);
        Assert.Equal(0, state[1], 0.001);
    }
}
