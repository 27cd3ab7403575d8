using System.Collections.Immutable;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Configuration;
using RobotRl.Sim.Robots.CartPole;
using RobotRl.Sim.Robots.CartPoleSwingUp;
using RobotRl.Sim.Robots.MountainCarContinuous;
using RobotRl.Sim.Robots.Pendulum;

namespace RobotRl.Runtime.Tasks;

/// <summary>The tasks that come with the product, by name.</summary>
public static class ControlTasks
{
    /// <summary>Every name that <see cref="Create(string)"/> knows.</summary>
    public static ImmutableArray<string> Names { get; } =
    [
        PendulumTask.TaskName,
        MountainCarTask.TaskName,
        CartPoleTask.TaskName,
        CartPoleSwingUpTask.TaskName,
        ReachTask.TaskName,
        RigSwingUpTask.TaskName,
    ];

    /// <summary>Makes a task that belongs to one simulated robot.</summary>
    /// <exception cref="ArgumentException">No task has that name, or it must know its robot; the message lists those there are.</exception>
    public static IControlTask Create(string name) =>
        name switch
        {
            PendulumTask.TaskName => new PendulumTask(),
            MountainCarTask.TaskName => new MountainCarTask(),
            CartPoleTask.TaskName => new CartPoleTask(),
            CartPoleSwingUpTask.TaskName => new CartPoleSwingUpTask(),
            ReachTask.TaskName or RigSwingUpTask.TaskName => throw new ArgumentException(
                $"Task \"{name}\" must know its robot: hand its description over.",
                nameof(name)
            ),
            _ => throw new ArgumentException($"No task \"{name}\"; there are: {string.Join(", ", Names)}.", nameof(name)),
        };

    /// <summary>Makes a task for <paramref name="robot"/>.</summary>
    /// <exception cref="ArgumentException">No task has that name; the message lists those there are.</exception>
    /// <exception cref="Composition.BadInputException">It does not fit the robot; the message says what is missing.</exception>
    public static IControlTask Create(string name, RobotDescription robot, TaskOptions options)
    {
        ArgumentNullException.ThrowIfNull(robot);
        ArgumentNullException.ThrowIfNull(options);
        (string[] States, string[] Commands)? needs = name switch
        {
            PendulumTask.TaskName => (["pole/position", "pole/velocity"], ["pole/effort"]),
            MountainCarTask.TaskName => (["car/position", "car/velocity"], ["car/effort"]),
            CartPoleTask.TaskName or CartPoleSwingUpTask.TaskName => (
                ["cart/position", "cart/velocity", "pole/position", "pole/velocity"],
                ["cart/effort"]
            ),
            _ => null,
        };
        if (needs is { } interfaces)
        {
            TaskFit.Require(name, robot, interfaces.States, interfaces.Commands);
        }

        return name switch
        {
            ReachTask.TaskName => new ReachTask(robot, options.Reach),
            RigSwingUpTask.TaskName => new RigSwingUpTask(robot),
            _ => Create(name),
        };
    }

    /// <summary>Name of the task that a built-in robot learns unless told otherwise; null for a robot that has none.</summary>
    public static string? DefaultFor(string robot) =>
        robot switch
        {
            PendulumRobot.RobotName => PendulumTask.TaskName,
            MountainCarContinuousRobot.RobotName => MountainCarTask.TaskName,
            CartPoleRobot.RobotName => CartPoleTask.TaskName,
            CartPoleSwingUpRobot.RobotName => CartPoleSwingUpTask.TaskName,
            "mcu" => RigSwingUpTask.TaskName,
            "dynamixel-bus" or "feetech-bus" => ReachTask.TaskName,
            _ => null,
        };
}
