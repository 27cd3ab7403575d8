namespace RobotRl.Hardware.Contracts;

/// <summary>A robot that can be put into any state at once: a simulator's reset.</summary>
public interface ITeleport
{
    /// <summary>Length of the exact physical state.</summary>
    int PhysicalStateSize { get; }

    /// <summary>Puts the robot into <paramref name="state"/>, at any time while open, and takes a fresh reading there.</summary>
    void Teleport(ReadOnlySpan<double> state);
}
