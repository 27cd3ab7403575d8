namespace RobotRl.Hil.Pendulum;

/// <summary>One stop, measured.</summary>
/// <param name="Scenario">Its name.</param>
/// <param name="SinceLastCommand">From the last accepted command to the motor off, in MCU time; null on a real port, which has no
/// trace.</param>
/// <param name="SinceFault">From the fault to the motor off: MCU time where the rig made the fault, else the host's clock.</param>
/// <param name="Bound">Greatest time allowed for the one that counts.</param>
/// <param name="Counts">The one that counts.</param>
public sealed record StopMeasurement(string Scenario, TimeSpan? SinceLastCommand, TimeSpan SinceFault, TimeSpan Bound, TimeSpan Counts)
{
    /// <summary>Whether it was in time.</summary>
    public bool InTime => Counts <= Bound;
}
