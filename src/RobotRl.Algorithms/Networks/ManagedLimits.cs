namespace RobotRl.Algorithms.Networks;

/// <summary>
/// What the managed kernels' packing asks of a network. Options of learners with both backends keep to it on either, so that a
/// checkpoint of one resumes in the other.
/// </summary>
public static class ManagedLimits
{
    /// <summary>Narrowest hidden layer: a layer of one output is packed as a plain vector, which has no transpose.</summary>
    public const int MinimumWidth = 2;

    /// <summary>Widest hidden layer: every packed layer stays below 2^31 bytes.</summary>
    public const int MaximumWidth = 8192;
}
