using System.Globalization;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Tasks;

namespace RobotRl.Runtime.Configuration;

/// <summary>What the robot is to do, and how it comes to where an episode starts (section <c>Task</c>).</summary>
public sealed record TaskOptions
{
    /// <summary>Name of a task; null (default) takes the one with the robot's name.</summary>
    public string? Name { get; set; }

    /// <summary>
    /// How an episode's start is reached. Default Auto: simulators are put there, other robots wait for rest. In lockstep Auto
    /// alone.
    /// </summary>
    public ResetKind Reset { get; set; } = ResetKind.Auto;

    /// <summary>
    /// For MoveToStart: the start pose by name of the command, such as <c>shoulder/position</c>, rad or m. Default: 0 for each, or
    /// the nearest that the hardware accepts.
    /// </summary>
    public Dictionary<string, double> Start { get; set; } = new(StringComparer.Ordinal);

    /// <summary>For MoveToStart: greatest speed of a joint on the way, rad/s or m/s. Default 0.5: a hand can follow it.</summary>
    public double StartSpeed { get; set; } = 0.5;

    /// <summary>
    /// For MoveToStart: how near to the start pose is there, rad or m. Default 0.05: about 3 degrees, what a small servo's
    /// dead-band and load leave.
    /// </summary>
    public double StartTolerance { get; set; } = 0.05;

    /// <summary>The task reach.</summary>
    public ReachOptions Reach { get; set; } = new();

    /// <summary>Where <paramref name="command"/>'s joint is at the start of an episode.</summary>
    public double StartOf(CommandInterface command)
    {
        ArgumentNullException.ThrowIfNull(command);
        return Start.TryGetValue(command.Name, out double start) ? start
            : command.Kind == InterfaceKind.Position ? Math.Min(Math.Max(0, command.Minimum), command.Maximum)
            : 0;
    }

    /// <summary>Every problem with these options.</summary>
    public IEnumerable<string> Validate(string path)
    {
        if (Name is not null && string.IsNullOrWhiteSpace(Name))
        {
            yield return $"{path}:Name is \"{Name}\"; allowed: the name of a task, or null for the robot's own. `robotrl doctor` lists "
                + $"them.";
        }

        if (!Enum.IsDefined(Reset))
        {
            yield return $"{path}:Reset is {(int)Reset}; allowed: {string.Join(", ", Enum.GetNames<ResetKind>())}. Use one of the names.";
        }

        if (!(StartSpeed is > 0 and <= 100))
        {
            yield return FormattableString.Invariant(
                $"{path}:StartSpeed is {StartSpeed} rad/s; allowed: above 0, at most 100. Set a speed that a bystander can follow."
            );
        }

        if (!(StartTolerance is > 0 and <= 10))
        {
            yield return FormattableString.Invariant(
                $"{path}:StartTolerance is {StartTolerance} rad; allowed: above 0, at most 10. Set what the robot can hold."
            );
        }

        foreach (string problem in Reach.Validate($"{path}:Reach"))
        {
            yield return problem;
        }
    }

    /// <summary>Every problem that only <paramref name="robot"/> brings to light.</summary>
    public IEnumerable<string> Validate(string path, RobotDescription robot)
    {
        ArgumentNullException.ThrowIfNull(robot);
        foreach ((string name, double value) in Start)
        {
            CommandInterface? command = robot.Commands.FirstOrDefault(c => c.Name == name);
            if (command is null)
            {
                yield return $"{path}:Start:{name} names no command of robot {robot.Name}; allowed: "
                    + $"{string.Join(", ", robot.Commands.Select(c => c.Name))}. Correct the name.";
            }
            else if (
                !double.IsFinite(value) || (command.Kind == InterfaceKind.Position && (value < command.Minimum || value > command.Maximum))
            )
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{path}:Start:{name} is {value} {command.Unit}; allowed: {command.Minimum} to {command.Maximum} "
                        + $"{command.Unit}. Correct it."
                );
            }
        }

        if (Reset != ResetKind.MoveToStart)
        {
            yield break;
        }

        foreach (CommandInterface command in robot.Commands)
        {
            if (command.Kind is not (InterfaceKind.Position or InterfaceKind.Velocity))
            {
                yield return $"{path}:Reset is MoveToStart, but {command.Name} is an {command.Kind} command, which cannot be led to a "
                    + $"pose; allowed: Auto, None, WaitForRest, AskOperator. Set one of them.";
            }
            else if (command.PositionState is null)
            {
                yield return $"{path}:Reset is MoveToStart, but robot {robot.Name} reports no position for {command.Name}; allowed: Auto, "
                    + $"None, WaitForRest, AskOperator. Set one of them.";
            }
        }
    }
}
