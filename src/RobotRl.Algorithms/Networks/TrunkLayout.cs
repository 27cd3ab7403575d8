namespace RobotRl.Algorithms.Networks;

/// <summary>
/// Where a policy stands in the flat block of a network that computes V too (one trunk with two heads): the same layers, the last
/// one with further columns
/// after the policy's.
/// </summary>
internal static class TrunkLayout
{
    /// <summary>Copies the policy out.</summary>
    /// <param name="policy">Shape of the policy alone.</param>
    /// <param name="columns">Outputs of the joint network; the policy's own number where there is no trunk.</param>
    /// <param name="joint">The joint network's block.</param>
    /// <param name="destination">A block of <paramref name="policy"/>'s layout.</param>
    public static void CopyPolicy(MlpShape policy, int columns, ReadOnlySpan<float> joint, Span<float> destination)
    {
        int last = policy.WeightOffset(policy.LayerCount - 1),
            rows = Rows(policy);
        joint[..last].CopyTo(destination);
        for (int row = 0; row < rows; row++)
        {
            joint.Slice(last + (row * columns), policy.Outputs).CopyTo(destination[(last + (row * policy.Outputs))..]);
        }
    }

    /// <summary>Copies a policy in; the further columns stay.</summary>
    /// <param name="policy">Shape of the policy alone.</param>
    /// <param name="columns">Outputs of the joint network.</param>
    /// <param name="source">A block of <paramref name="policy"/>'s layout.</param>
    /// <param name="joint">The joint network's block.</param>
    public static void TakePolicy(MlpShape policy, int columns, ReadOnlySpan<float> source, Span<float> joint)
    {
        int last = policy.WeightOffset(policy.LayerCount - 1),
            rows = Rows(policy);
        source[..last].CopyTo(joint);
        for (int row = 0; row < rows; row++)
        {
            source.Slice(last + (row * policy.Outputs), policy.Outputs).CopyTo(joint[(last + (row * columns))..]);
        }
    }

    /// <summary>Rows of the last layer, its bias being the last.</summary>
    private static int Rows(MlpShape policy) => policy.LayerInputs(policy.LayerCount - 1) + 1;
}
