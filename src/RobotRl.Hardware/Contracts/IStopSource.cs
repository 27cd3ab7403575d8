namespace RobotRl.Hardware.Contracts;

/// <summary>
/// What a robot, or a device behind a driver, also is where people stop it past the runtime: an emergency stop on a topic, a
/// button. Whoever watches it obeys each demand once; arming takes it back.
/// </summary>
public interface IStopSource
{
    /// <summary>
    /// The newest demand, at the hardest level since the fault was last cleared; null where there never was one. Any thread. It is
    /// never forgotten, so that clearing a fault cannot swallow a demand that comes at the same moment.
    /// </summary>
    DemandedStop? DemandedStop { get; }
}
