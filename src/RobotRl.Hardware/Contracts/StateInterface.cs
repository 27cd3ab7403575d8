namespace RobotRl.Hardware.Contracts;

/// <summary>A named quantity that a robot reports.</summary>
/// <param name="Name">Joint and quantity, such as <c>pole/position</c>; unique among the robot's states.</param>
/// <param name="Kind">Which quantity.</param>
/// <param name="Unit">SI unit, such as <c>rad</c>, <c>m/s</c>, <c>N m</c>.</param>
/// <param name="Minimum">Least value the robot can report; negative infinity where unbounded.</param>
/// <param name="Maximum">Greatest value the robot can report; positive infinity where unbounded.</param>
public sealed record StateInterface(string Name, InterfaceKind Kind, string Unit, double Minimum, double Maximum)
{
    /// <summary>
    /// Least value at which the device may go on working, by its data sheet; null where none is stated. Of temperatures, voltages
    /// and currents.
    /// </summary>
    public double? AllowedMinimum { get; init; }

    /// <summary>
    /// Greatest value at which the device may go on working, by its data sheet; null where none is stated. Of temperatures,
    /// voltages and currents.
    /// </summary>
    public double? AllowedMaximum { get; init; }
}
