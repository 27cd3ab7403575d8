using RobotRl.Sim.Robots.CartPole;
using RobotRl.Sim.Robots.CartPoleSwingUp;

namespace RobotRl.Sim.Tests.Robots.CartPoleSwingUp;

public sealed class CartPoleSwingUpRobotTests
{
    [Theory]
    [InlineData(0.3)]
    [InlineData(1.6)]
    [InlineData(3.0)]
    public void Advance_NoForce_KeepsEnergyAndMomentum(double angle)
    {
        using CartPoleSwingUpRobot robot = Powered();
        double[] state = [0, 0.1, angle, 0.5];
        robot.Teleport(state);
        double energy = Energy(state),
            momentum = Momentum(state);
        for (int i = 0; i < 500; i++)
        {
            robot.Advance();
            robot.Read(state);
            Assert.Equal(energy, Energy(state), 2e-4);
            Assert.Equal(momentum, Momentum(state), 2e-5);
        }
    }

    [Fact]
    public void Advance_SmallStepBesideCartPole_AgreesToFirstOrder()
    {
        // Explicit Euler and Runge-Kutta differ by O(period^2) a step.
        using CartPoleSwingUpRobot swing = Powered();
        using var cart = new CartPoleRobot();
        cart.Open();
        cart.PowerOn();
        double[] a = [0.1, -0.2, 0.05, 0.3],
            b = new double[4],
            start = [.. a];
        swing.Teleport(a);
        cart.Teleport(a);
        swing.Write([4]);
        cart.Write([4]);
        swing.Advance();
        cart.Advance();
        swing.Read(a);
        cart.Read(b);
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(b[i], a[i], 3e-3);
            Assert.NotEqual(start[i], a[i]);
        }
    }

    [Theory]
    [InlineData(10)]
    [InlineData(-10)]
    public void Advance_FullForce_StopsDeadAtTheEndOfTheTrackAndComesBack(double force)
    {
        using CartPoleSwingUpRobot robot = Powered();
        double[] state = new double[4];
        robot.Write([force]);
        for (int i = 0; i < 150; i++)
        {
            robot.Advance();
        }

        robot.Read(state);
        Assert.Equal((Math.CopySign(CartPoleSwingUpRobot.TrackEndM, force), 0), (state[0], state[1]));
        robot.Write([-force]);
        for (int i = 0; i < 50; i++)
        {
            robot.Advance();
        }

        robot.Read(state);
        Assert.True(Math.Abs(state[0]) < CartPoleSwingUpRobot.TrackEndM - 1);
    }

    private static CartPoleSwingUpRobot Powered()
    {
        var robot = new CartPoleSwingUpRobot();
        robot.Open();
        robot.PowerOn();
        return robot;
    }

    /// <summary>Cart, and a uniform rod of half length l hinged on it: kinetic and potential energy, J.</summary>
    private static double Energy(double[] s)
    {
        const double L = CartPoleRobot.HalfLengthM,
            M = CartPoleRobot.PoleMassKg;
        return (0.5 * CartPoleRobot.TotalMassKg * s[1] * s[1])
            + (M * L * s[1] * s[3] * Math.Cos(s[2]))
            + (2.0 / 3.0 * M * L * L * s[3] * s[3])
            + (M * CartPoleRobot.GravityMPerS2 * L * Math.Cos(s[2]));
    }

    private static double Momentum(double[] s) =>
        (CartPoleRobot.TotalMassKg * s[1]) + (CartPoleRobot.PoleMassKg * CartPoleRobot.HalfLengthM * s[3] * Math.Cos(s[2]));
}
