namespace RobotRl.Algorithms.Spaces;

/// <summary>One of <paramref name="Count"/> choices, held in experience as a float index.</summary>
/// <param name="Count">Number of choices, at least 2.</param>
public sealed record DiscreteActionSpace(int Count) : ActionSpace
{
    /// <inheritdoc/>
    public override int ActionSize => 1;
}
