namespace RobotRl.Runtime.Tasks;

/// <summary>Between which positions a joint's targets are drawn, rad or m.</summary>
public sealed record ReachRange
{
    /// <summary>Least target. Default 0.</summary>
    public double Minimum { get; set; }

    /// <summary>Greatest target. Default 0.</summary>
    public double Maximum { get; set; }
}
