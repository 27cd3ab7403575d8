namespace RobotRl.Hardware.Devices.Calibration;

/// <summary>A joint to be calibrated.</summary>
/// <param name="Name">Its name in the options.</param>
/// <param name="TicksPerTurn">Ticks of one turn of its encoder.</param>
/// <param name="Wraps">Whether the encoder's register goes round at the end of a turn.</param>
public sealed record CalibrationJoint(string Name, int TicksPerTurn, bool Wraps)
{
    /// <summary>
    /// Whether its range must lie within one turn of the encoder: the servo cannot be commanded through the end of the turn. Default
    /// false: the device follows the joint over it.
    /// </summary>
    public bool HasSeam { get; init; }
}
