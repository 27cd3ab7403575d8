using System.Globalization;
using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Protocols.MqttRobot;

/// <summary>Says in which fields two descriptions of a robot differ.</summary>
public static class DescriptionDifferences
{
    /// <summary>
    /// One phrase per difference, such as <c>command pole/effort: maximum is 2, described as 3</c>; empty where there is none.
    /// </summary>
    public static IReadOnlyList<string> Between(RobotDescription expected, RobotDescription found)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(found);
        var all = new List<string>();
        if (expected.ControlPeriod != found.ControlPeriod)
        {
            all.Add(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"control period is {found.ControlPeriod.TotalMilliseconds} ms, described as "
                        + $"{expected.ControlPeriod.TotalMilliseconds} ms"
                )
            );
        }

        Compare(all, "state", [.. expected.States.Select(State)], [.. found.States.Select(State)]);
        Compare(all, "command", [.. expected.Commands.Select(Command)], [.. found.Commands.Select(Command)]);
        return all;
    }

    private static void Compare(List<string> all, string what, Fields[] expected, Fields[] found)
    {
        foreach (Fields missing in expected.ExceptBy(found.Select(f => f.Name), e => e.Name))
        {
            all.Add($"{what} {missing.Name} is described, but the robot has none of that name");
        }

        foreach (Fields extra in found.ExceptBy(expected.Select(e => e.Name), f => f.Name))
        {
            all.Add($"{what} {extra.Name} is the robot's, but not described");
        }

        foreach (Fields wanted in expected)
        {
            if (Array.Find(found, f => f.Name == wanted.Name) is { } real)
            {
                all.AddRange(
                    wanted
                        .Values.Zip(real.Values)
                        .Where(pair => pair.First.Value != pair.Second.Value)
                        .Select(pair => $"{what} {wanted.Name}: {pair.First.Key} is {pair.Second.Value}, described as {pair.First.Value}")
                );
            }
        }

        if (all.Count == 0 && !expected.Select(e => e.Name).SequenceEqual(found.Select(f => f.Name)))
        {
            all.Add($"the {what}s come in another order");
        }
    }

    private static Fields State(StateInterface s) =>
        new(
            s.Name,
            [
                new("kind", s.Kind.ToString()),
                new("unit", s.Unit),
                Number("minimum", s.Minimum),
                Number("maximum", s.Maximum),
                Number("allowed minimum", s.AllowedMinimum),
                Number("allowed maximum", s.AllowedMaximum),
            ]
        );

    private static Fields Command(CommandInterface c) =>
        new(
            c.Name,
            [
                new("kind", c.Kind.ToString()),
                new("unit", c.Unit),
                Number("minimum", c.Minimum),
                Number("maximum", c.Maximum),
                Number("safe value", c.SafeValue),
                new("position state", c.PositionState ?? "none"),
                new("velocity state", c.VelocityState ?? "none"),
                new("load state", c.LoadState ?? "none"),
                Number("full load", c.FullLoad),
                Number("greatest speed", c.MaxSpeed),
                Number("greatest acceleration", c.MaxAcceleration),
            ]
        );

    private static KeyValuePair<string, string> Number(string key, double? value) =>
        new(key, value is { } number ? FormattableString.Invariant($"{number}") : "none");

    private sealed record Fields(string Name, KeyValuePair<string, string>[] Values);
}
