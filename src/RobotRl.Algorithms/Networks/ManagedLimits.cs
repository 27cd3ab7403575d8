namespace RobotRl.Algorithms.Networks;

/// <summary>What the managed kernels' packing asks of a network.</summary>
public static class ManagedLimits
{
    /// <summary>Narrowest hidden layer: a layer of one output is packed as a plain vector, which has no transpose.</summary>
    public const int MinimumWidth = 2;

    /// <summary>Widest hidden layer: every packed layer stays below 2^31 bytes.</summary>
    public const int MaximumWidth = 8192;

    /// <summary>The message for a width under <paramref name="path"/> that the managed backend cannot serve; none where it can.</summary>
    /// <param name="path">Section of the learner.</param>
    /// <param name="hiddenWidth">The width.</param>
    /// <param name="alone">Whether the learner has no other backend.</param>
    public static IEnumerable<string> Check(string path, int hiddenWidth, bool alone = false) =>
        hiddenWidth is >= MinimumWidth and <= MaximumWidth
            ? []
            : [FormattableString.Invariant($"{path}:HiddenWidth is {hiddenWidth}; the managed backend serves {MinimumWidth} to {MaximumWidth}. {(alone ? "Change it." : "Change it, or set Learner:Backend to torch.")}")];
}
