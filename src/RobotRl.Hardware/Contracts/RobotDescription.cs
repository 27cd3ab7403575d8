using System.Collections.Immutable;

namespace RobotRl.Hardware.Contracts;

/// <summary>A robot's interfaces, in the order of the vectors that <see cref="IRobot"/> reads and writes.</summary>
/// <param name="Name">The robot's name.</param>
/// <param name="States">What it reports.</param>
/// <param name="Commands">What it can be told.</param>
/// <param name="ControlPeriod">Nominal control period.</param>
public sealed record RobotDescription(
    string Name,
    ImmutableArray<StateInterface> States,
    ImmutableArray<CommandInterface> Commands,
    TimeSpan ControlPeriod
)
{
    /// <summary>What a driver does when told to hold an effort-commanded robot: damping, or, where it has none, power off.</summary>
    public bool HasDamping { get; init; }

    /// <summary>
    /// Whether nothing real moves. False by default: a robot is hardware unless this says otherwise, and hardware is never powered
    /// before somebody arms it. Set by simulated robots and by what wraps them; a robot behind a driver is hardware, whatever is
    /// at the other end of its line.
    /// </summary>
    public bool IsSimulated { get; init; }

    /// <summary>Index of the state named <paramref name="name"/>.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists the names there are.</exception>
    public int StateIndex(string name)
    {
        for (int i = 0; i < States.Length; i++)
        {
            if (States[i].Name == name)
            {
                return i;
            }
        }

        throw new ArgumentException(
            $"Robot {Name}: no state interface \"{name}\"; it has {string.Join(", ", States.Select(s => s.Name))}.",
            nameof(name)
        );
    }

    /// <summary>Whether every value of <paramref name="command"/>, [commands], is a number that the hardware accepts.</summary>
    internal bool Accepts(ReadOnlySpan<double> command)
    {
        for (int i = 0; i < command.Length; i++)
        {
            CommandInterface limits = Commands[i];
            if (!(command[i] >= limits.Minimum && command[i] <= limits.Maximum))
            {
                return false;
            }
        }

        return true;
    }
}
