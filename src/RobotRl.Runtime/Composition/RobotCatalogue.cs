using RobotRl.Hardware.Contracts;

namespace RobotRl.Runtime.Composition;

/// <summary>Robots by name: the built-in ones and those that the program added.</summary>
public sealed class RobotCatalogue
{
    private readonly SortedDictionary<string, Func<IRobot>> _robots = new(StringComparer.Ordinal);

    /// <summary>Every name, sorted.</summary>
    public IReadOnlyCollection<string> Names => _robots.Keys;

    /// <summary>Adds a robot; the newest of a name holds.</summary>
    public void Add(string name, Func<IRobot> create)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(create);
        _robots[name] = create;
    }

    /// <summary>Makes a robot, Closed.</summary>
    /// <exception cref="BadInputException">There is none of that name; the message lists those there are.</exception>
    public IRobot Create(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _robots.TryGetValue(name, out Func<IRobot>? create)
            ? create()
            : throw new BadInputException($"Robot:Name is \"{name}\"; allowed: {string.Join(", ", Names)}. Set one of them, or add yours with AddRobot.");
    }
}
