using RobotRl.Runtime.Tasks;

namespace RobotRl.Runtime.Composition;

/// <summary>Tasks by name: the built-in ones and those that the program added.</summary>
public sealed class TaskCatalogue
{
    private readonly SortedDictionary<string, Func<IControlTask>> _tasks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _ofRobot = new(StringComparer.Ordinal);

    /// <summary>Every name, sorted.</summary>
    public IReadOnlyCollection<string> Names => _tasks.Keys;

    /// <summary>Adds a task; the newest of a name holds.</summary>
    /// <param name="name">Its name in the options.</param>
    /// <param name="create">Makes one.</param>
    /// <param name="robot">The robot whose task it is unless another is asked for; null for none.</param>
    public void Add(string name, Func<IControlTask> create, string? robot = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(create);
        _tasks[name] = create;
        if (robot is not null)
        {
            _ofRobot[robot] = name;
        }
    }

    /// <summary>The task that holds for <paramref name="robot"/> where <paramref name="name"/> (Task:Name) may be null.</summary>
    public string NameFor(string? name, string robot) => name ?? _ofRobot.GetValueOrDefault(robot, robot);

    /// <summary>Makes a task.</summary>
    /// <exception cref="BadInputException">There is none of that name; the message lists those there are.</exception>
    public IControlTask Create(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _tasks.TryGetValue(name, out Func<IControlTask>? create)
            ? create()
            : throw new BadInputException($"Task:Name is \"{name}\"; allowed: {string.Join(", ", Names)}. Set one of them, or add yours with AddTask.");
    }
}
