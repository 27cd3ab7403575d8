using System.Collections.Immutable;
using RobotRl.Hardware.Contracts;
using RobotRl.Sim.Robots.CartPole;
using RobotRl.Sim.Robots.CartPoleSwingUp;
using RobotRl.Sim.Robots.MountainCarContinuous;
using RobotRl.Sim.Robots.Pendulum;

namespace RobotRl.Sim;

/// <summary>The simulated robots by name.</summary>
public static class SimulatedRobots
{
    /// <summary>Every name that <see cref="Create"/> knows.</summary>
    public static ImmutableArray<string> Names { get; } =
    [PendulumRobot.RobotName, MountainCarContinuousRobot.RobotName, CartPoleRobot.RobotName, CartPoleSwingUpRobot.RobotName];

    /// <summary>Makes a robot, Closed.</summary>
    /// <exception cref="ArgumentException">No robot has that name; the message lists those there are.</exception>
    public static ILockstepRobot Create(string name) =>
        name switch
        {
            PendulumRobot.RobotName => new PendulumRobot(),
            MountainCarContinuousRobot.RobotName => new MountainCarContinuousRobot(),
            CartPoleRobot.RobotName => new CartPoleRobot(),
            CartPoleSwingUpRobot.RobotName => new CartPoleSwingUpRobot(),
            _ => throw new ArgumentException($"No simulated robot \"{name}\"; there are: {string.Join(", ", Names)}.", nameof(name)),
        };
}
