namespace RobotRl.Algorithms.Spaces;

/// <summary>The box [-1, 1]^<paramref name="Dimensions"/>; a task scales it to the units of its commands.</summary>
/// <param name="Dimensions">Number of action components, at least 1.</param>
public sealed record ContinuousActionSpace(int Dimensions) : ActionSpace
{
    /// <inheritdoc/>
    public override int ActionSize => Dimensions;
}
