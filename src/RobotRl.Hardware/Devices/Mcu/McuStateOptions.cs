using System.Globalization;
using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Devices.Mcu;

/// <summary>A state interface that the device must report.</summary>
public sealed record McuStateOptions
{
    /// <summary>Which quantity. Default Position.</summary>
    public InterfaceKind Kind { get; set; } = InterfaceKind.Position;

    /// <summary>SI unit after the device's scale. Default rad.</summary>
    public string Unit { get; set; } = "rad";

    /// <summary>Least value that it can report. Default null: unbounded.</summary>
    public double? Minimum { get; set; }

    /// <summary>Greatest value that it can report. Default null: unbounded.</summary>
    public double? Maximum { get; set; }

    /// <summary>
    /// Least value at which the device may go on working. Of temperatures, voltages and currents. Default null: none is stated.
    /// </summary>
    public double? AllowedMinimum { get; set; }

    /// <summary>
    /// Greatest value at which the device may go on working. Of temperatures, voltages and currents. Default null: none is
    /// stated.
    /// </summary>
    public double? AllowedMaximum { get; set; }

    /// <summary>All problems of this interface, one sentence each.</summary>
    public IEnumerable<string> Validate(string path)
    {
        if (string.IsNullOrWhiteSpace(Unit))
        {
            yield return $"{path}:Unit is empty; allowed: an SI unit such as rad/s. Name it.";
        }

        if (!(Minimum.GetValueOrDefault(double.NegativeInfinity) < Maximum.GetValueOrDefault(double.PositiveInfinity)))
        {
            yield return FormattableString.Invariant(
                $"{path}:Minimum is {Minimum} {Unit}; allowed: below {path}:Maximum ({Maximum} {Unit}). Exchange them, or remove one."
            );
        }

        if (!(AllowedMinimum.GetValueOrDefault(double.NegativeInfinity) < AllowedMaximum.GetValueOrDefault(double.PositiveInfinity)))
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{path}:AllowedMinimum is {AllowedMinimum} {Unit}; allowed: below {path}:AllowedMaximum ({AllowedMaximum} "
                    + $"{Unit}). Exchange them, or remove one."
            );
        }
    }
}
