using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Composition;

namespace RobotRl.Runtime.Tasks;

/// <summary>Whether a task and a robot belong together; what does not fit is named.</summary>
internal static class TaskFit
{
    /// <summary>
    /// Asks for a robot whose first states are <paramref name="states"/> and whose only commands are <paramref name="commands"/>,
    /// in this order.
    /// </summary>
    /// <exception cref="BadInputException">It has others; the message names what is missing.</exception>
    public static void Require(string task, RobotDescription robot, string[] states, string[] commands)
    {
        ArgumentNullException.ThrowIfNull(robot);
        string[] hasStates = [.. robot.States.Select(s => s.Name)],
            hasCommands = [.. robot.Commands.Select(c => c.Name)];
        string[] missing =
        [
            .. states.Except(hasStates).Select(s => $"state {s} is missing"),
            .. commands.Except(hasCommands).Select(c => $"command {c} is missing"),
            .. hasCommands.Except(commands).Select(c => $"command {c} would not be used"),
        ];
        if (missing.Length == 0 && !hasStates.AsSpan(0, states.Length).SequenceEqual(states))
        {
            missing = [$"its states must begin with {string.Join(", ", states)}"];
        }

        if (missing.Length == 0 && !hasCommands.SequenceEqual(commands))
        {
            missing = [$"its commands must be in the order {string.Join(", ", commands)}"];
        }

        if (missing.Length > 0)
        {
            throw Refuse(task, robot, string.Join(", ", missing));
        }
    }

    /// <summary>The refusal of <paramref name="robot"/>, for <paramref name="reason"/>.</summary>
    public static BadInputException Refuse(string task, RobotDescription robot, string reason) =>
        new(
            $"Task {task} does not fit robot {robot.Name}: {reason}. The robot has the states "
                + $"{string.Join(", ", robot.States.Select(s => s.Name))} and the commands "
                + $"{string.Join(", ", robot.Commands.Select(c => c.Name))}. Choose another task (Task:Name), or correct the "
                + $"robot's description."
        );
}
