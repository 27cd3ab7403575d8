namespace RobotRl.Algorithms.Checkpoints;

/// <summary>Saved state does not fit what it is loaded into: a name is missing or a length differs.</summary>
public sealed class StateMismatchException : Exception
{
    /// <summary>Says what is wrong with <paramref name="name"/>.</summary>
    public StateMismatchException(string name, string message)
        : base(message) => Name = name;

    /// <summary>The state's name.</summary>
    public string Name { get; }
}
