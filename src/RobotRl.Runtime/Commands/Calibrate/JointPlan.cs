namespace RobotRl.Runtime.Commands.Calibrate;

/// <summary>What the command line says of one joint.</summary>
internal sealed record JointPlan
{
    /// <summary>Angle of the pose in which it is found, rad; null to ask.</summary>
    public double? MarkRad { get; set; }

    /// <summary>Range that is stated instead of being moved through, rad; null to watch it being moved.</summary>
    public (double Minimum, double Maximum)? RangeRad { get; set; }

    /// <summary>Turns of the encoder for one turn of the joint; null for what holds so far.</summary>
    public double? GearRatio { get; set; }

    /// <summary>Whether ticks fall as the angle grows; null to ask, or for what holds so far.</summary>
    public bool? Inverted { get; set; }
}
