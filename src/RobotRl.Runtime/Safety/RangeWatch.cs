using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Safety;

namespace RobotRl.Runtime.Safety;

/// <summary>Which temperatures, voltages and currents are out of their ranges.</summary>
/// <remarks>One thread at a time. <see cref="Look"/> allocates nothing.</remarks>
public sealed class RangeWatch
{
    private static readonly FailsafeCause[] s_causes =
    [
        FailsafeCause.TemperatureOutOfRange,
        FailsafeCause.VoltageOutOfRange,
        FailsafeCause.CurrentOutOfRange,
    ];

    private readonly List<Ranged> _states = [];
    private readonly int[] _outside = [-1, -1, -1];
    private readonly double[] _values = new double[3];

    /// <summary>Takes over the ranges of <paramref name="robot"/> and those that <paramref name="options"/> say instead.</summary>
    public RangeWatch(RobotDescription robot, SafetyOptions options)
    {
        ArgumentNullException.ThrowIfNull(robot);
        ArgumentNullException.ThrowIfNull(options);
        for (int i = 0; i < robot.States.Length; i++)
        {
            StateInterface state = robot.States[i];
            int cause = CauseOf(state.Kind) is { } watched ? Array.IndexOf(s_causes, watched) : -1;
            StateRange? range = options.Ranges.GetValueOrDefault(state.Name);
            double minimum = range?.Minimum ?? state.AllowedMinimum ?? double.NegativeInfinity,
                maximum = range?.Maximum ?? state.AllowedMaximum ?? double.PositiveInfinity;
            if (cause >= 0 && (double.IsFinite(minimum) || double.IsFinite(maximum)))
            {
                _states.Add(new Ranged(i, cause, minimum, maximum, state));
            }
        }
    }

    /// <summary>Judges <paramref name="state"/>, [states].</summary>
    public void Look(ReadOnlySpan<double> state)
    {
        _outside.AsSpan().Fill(-1);
        for (int i = 0; i < _states.Count; i++)
        {
            Ranged ranged = _states[i];
            double value = state[ranged.Index];
            if (_outside[ranged.Cause] < 0 && (value < ranged.Minimum || value > ranged.Maximum))
            {
                (_outside[ranged.Cause], _values[ranged.Cause]) = (i, value);
            }
        }
    }

    /// <summary>Makes conditions of what the last <see cref="Look"/> found.</summary>
    public void Report(ref FailsafeConditions conditions, TimeSpan now)
    {
        foreach (FailsafeCause cause in s_causes)
        {
            conditions.SetActive(cause, IsOutside(cause), now);
        }
    }

    /// <summary>Whether the last <see cref="Look"/> found a state out of range that <paramref name="cause"/> stands for.</summary>
    public bool IsOutside(FailsafeCause cause) => Array.IndexOf(s_causes, cause) is >= 0 and var i && _outside[i] >= 0;

    /// <summary>Which state, its value, and what is allowed; null where <see cref="IsOutside"/> is false.</summary>
    public string? Describe(FailsafeCause cause)
    {
        if (!IsOutside(cause))
        {
            return null;
        }

        int i = Array.IndexOf(s_causes, cause);
        Ranged ranged = _states[_outside[i]];
        string allowed = (double.IsFinite(ranged.Minimum), double.IsFinite(ranged.Maximum)) switch
        {
            (true, true) => FormattableString.Invariant($"{ranged.Minimum:G6} to {ranged.Maximum:G6}"),
            (true, false) => FormattableString.Invariant($"at least {ranged.Minimum:G6}"),
            _ => FormattableString.Invariant($"at most {ranged.Maximum:G6}"),
        };
        return FormattableString.Invariant(
            $"{ranged.State.Name} is {_values[i]:G6} {ranged.State.Unit}, allowed {allowed} {ranged.State.Unit}"
        );
    }

    private static FailsafeCause? CauseOf(InterfaceKind kind) =>
        kind switch
        {
            InterfaceKind.Temperature => FailsafeCause.TemperatureOutOfRange,
            InterfaceKind.Voltage => FailsafeCause.VoltageOutOfRange,
            InterfaceKind.Current => FailsafeCause.CurrentOutOfRange,
            _ => null,
        };

    private readonly record struct Ranged(int Index, int Cause, double Minimum, double Maximum, StateInterface State);
}
