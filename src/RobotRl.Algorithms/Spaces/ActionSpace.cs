namespace RobotRl.Algorithms.Spaces;

/// <summary>What a policy may choose from. A task maps it to a robot's commands.</summary>
public abstract record ActionSpace
{
    private protected ActionSpace() { }

    /// <summary>Floats that one action takes in experience: its dimensions, or 1 (the index) where discrete.</summary>
    public abstract int ActionSize { get; }
}
