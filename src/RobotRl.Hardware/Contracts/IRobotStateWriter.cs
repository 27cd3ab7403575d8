namespace RobotRl.Hardware.Contracts;

/// <summary>Takes a simulator's further exact state, by name; names are unique within a robot.</summary>
public interface IRobotStateWriter
{
    /// <summary>Writes numbers.</summary>
    void Write(string name, ReadOnlySpan<double> values);

    /// <summary>Writes integers.</summary>
    void Write(string name, ReadOnlySpan<long> values);
}
