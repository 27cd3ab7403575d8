namespace RobotRl.Hardware.Transports;

/// <summary>What the two ends of a link in memory share; also their lock.</summary>
internal sealed class MemoryLink
{
    public bool IsCut { get; set; }
}
