namespace RobotRl.Runtime.Admission;

/// <summary>Tells whether the safety gate would change an action, without touching the gate that guards the robot.</summary>
public interface IShield
{
    /// <summary>Length of the context that a probe keeps: the robot's state and the gate's state there.</summary>
    int ContextSize { get; }

    /// <summary>
    /// Whether <paramref name="action"/> [action], finite, would be changed in <paramref name="context"/>
    /// [<see cref="ContextSize"/>].
    /// </summary>
    bool WouldChange(ReadOnlySpan<float> action, ReadOnlySpan<double> context);
}
