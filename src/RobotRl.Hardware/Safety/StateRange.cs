using System.Globalization;
using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Safety;

/// <summary>Within which values a temperature, voltage or current lets a device go on working, in the state's own unit.</summary>
/// <remarks>What is null is taken from the device's own description (<see cref="StateInterface.AllowedMinimum"/> and its fellow).</remarks>
public sealed record StateRange
{
    /// <summary>Least allowed value. Default null: the device's own.</summary>
    public double? Minimum { get; set; }

    /// <summary>Greatest allowed value. Default null: the device's own.</summary>
    public double? Maximum { get; set; }

    /// <summary>All problems of this range for <paramref name="state"/>, one sentence each.</summary>
    public IEnumerable<string> Validate(string path, StateInterface state)
    {
        ArgumentNullException.ThrowIfNull(state);
        double minimum = Minimum ?? state.AllowedMinimum ?? double.NegativeInfinity,
            maximum = Maximum ?? state.AllowedMaximum ?? double.PositiveInfinity;
        if (double.IsNaN(minimum) || double.IsNaN(maximum) || minimum >= maximum)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{path} is {minimum} to {maximum} {state.Unit}; allowed: a Minimum below the Maximum. Correct them, or "
                    + $"remove them for the device's own."
            );
        }
    }
}
