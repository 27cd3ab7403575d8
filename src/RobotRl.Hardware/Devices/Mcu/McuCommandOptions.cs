using System.Globalization;
using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Devices.Mcu;

/// <summary>A command interface that the device must take. Zero is what the device itself falls back to.</summary>
public sealed record McuCommandOptions
{
    /// <summary>Which quantity: position, velocity or effort. Default Effort.</summary>
    public InterfaceKind Kind { get; set; } = InterfaceKind.Effort;

    /// <summary>SI unit after the device's scale. Default V: a motor controller without current control sets a voltage.</summary>
    public string Unit { get; set; } = "V";

    /// <summary>Least command that is sent; the device must allow it. Default -3, the pendulum rig's.</summary>
    public double Minimum { get; set; } = -3;

    /// <summary>Greatest command that is sent; the device must allow it. Default 3, the pendulum rig's.</summary>
    public double Maximum { get; set; } = 3;

    /// <summary>Name of the state with the position that it moves. Default null: none.</summary>
    public string? PositionState { get; set; }

    /// <summary>
    /// Name of the state with the velocity that it moves. Default null: none; a stop then sees by the position that it has ended,
    /// or, without that, lasts Driver:StopTimeout.
    /// </summary>
    public string? VelocityState { get; set; }

    /// <summary>All problems of this interface, one sentence each.</summary>
    /// <param name="path">Where it stands.</param>
    /// <param name="states">Names of the states.</param>
    public IEnumerable<string> Validate(string path, ICollection<string> states)
    {
        ArgumentNullException.ThrowIfNull(states);
        if (Kind is not (InterfaceKind.Position or InterfaceKind.Velocity or InterfaceKind.Effort))
        {
            yield return $"{path}:Kind is {Kind}; allowed: Position, Velocity, Effort. Set what the device is told.";
        }

        if (string.IsNullOrWhiteSpace(Unit))
        {
            yield return $"{path}:Unit is empty; allowed: an SI unit such as N m. Name it.";
        }

        if (!(double.IsFinite(Minimum) && double.IsFinite(Maximum) && Minimum < Maximum))
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{path}: Minimum is {Minimum} {Unit} and Maximum {Maximum} {Unit}; allowed: finite, Minimum below Maximum. "
                    + $"Set the device's range."
            );
        }
        else if (Kind != InterfaceKind.Position && !(Minimum <= 0 && Maximum >= 0))
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{path}: Minimum is {Minimum} {Unit} and Maximum {Maximum} {Unit}; allowed: a range with 0 in it, which is "
                    + $"what stops it. Widen it."
            );
        }

        foreach ((string key, string? state) in new[] { ("PositionState", PositionState), ("VelocityState", VelocityState) })
        {
            if (state is not null && !states.Contains(state))
            {
                yield return $"{path}:{key} is \"{state}\"; allowed: {string.Join(", ", states)}. Name one of them, or remove it.";
            }
        }
    }
}
