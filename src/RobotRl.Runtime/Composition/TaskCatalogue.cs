using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Tasks;

namespace RobotRl.Runtime.Composition;

/// <summary>Tasks by name: the built-in ones and those that the program added.</summary>
public sealed class TaskCatalogue
{
    private readonly SortedDictionary<string, Func<RobotDescription, TaskOptions, IControlTask>> _tasks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _ofRobot = new(StringComparer.Ordinal);

    /// <summary>Every name, sorted.</summary>
    public IReadOnlyCollection<string> Names => _tasks.Keys;

    /// <summary>Adds a task that knows its robot; the newest of a name holds.</summary>
    /// <param name="name">Its name in the options.</param>
    /// <param name="create">Makes one.</param>
    /// <param name="robot">The robot whose task it is unless another is asked for; null for none.</param>
    public void Add(string name, Func<IControlTask> create, string? robot = null)
    {
        ArgumentNullException.ThrowIfNull(create);
        Add(name, (_, _) => create(), robot);
    }

    /// <summary>
    /// Adds a task that is made from the robot's description, with the loop's period for its own, and the section <c>Task</c>;
    /// the newest of a name holds.
    /// </summary>
    /// <param name="name">Its name in the options.</param>
    /// <param name="create">Makes one; throws <see cref="BadInputException"/> where robot or options do not fit, and says what is
    /// missing.</param>
    /// <param name="robot">The robot whose task it is unless another is asked for; null for none.</param>
    public void Add(string name, Func<RobotDescription, TaskOptions, IControlTask> create, string? robot = null)
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

    /// <summary>Refuses a name that is not there.</summary>
    /// <exception cref="BadInputException">There is none of that name; the message lists those there are.</exception>
    public void Require(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!_tasks.ContainsKey(name))
        {
            throw new BadInputException(
                $"Task:Name is \"{name}\"; allowed: {string.Join(", ", Names)}. Set one of them, or add yours with AddTask."
            );
        }
    }

    /// <summary>Makes a task for <paramref name="robot"/>.</summary>
    /// <exception cref="BadInputException">There is none of that name, or it does not fit the robot; the message says what is
    /// missing.</exception>
    public IControlTask Create(string name, RobotDescription robot, TaskOptions options)
    {
        Require(name);
        return _tasks[name](robot, options);
    }
}
