using System.Globalization;
using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Safety;

/// <summary>
/// Limits that every command passes on its way to a robot or simulator. Without any the gate enforces finite numbers and the
/// range that the hardware accepts.
/// </summary>
public sealed record SafetyOptions
{
    /// <summary>Limits by name of the command interface, such as <c>pole/effort</c>. Default: none.</summary>
    public Dictionary<string, JointLimits> Joints { get; set; } = new(StringComparer.Ordinal);

    /// <summary>
    /// Ranges by name of the state, such as <c>shoulder/temperature</c>, within which temperatures, voltages and currents must stay;
    /// the failsafe says what is done outside. Default: what each device's data sheet says.
    /// </summary>
    public Dictionary<string, StateRange> Ranges { get; set; } = new(StringComparer.Ordinal);

    /// <summary>
    /// Whether hardware may be commanded in position or velocity without a limit of its speed in <see cref="Joints"/>. Default
    /// false: what the
    /// servo accepts is seldom what the mechanism bears.
    /// </summary>
    public bool AllowUnlimited { get; set; }

    /// <summary>Age of a reading above which commands are rejected. Default null: the failsafe's own age limit alone decides.</summary>
    public TimeSpan? MaxSensorAge { get; set; }

    /// <summary>
    /// Speed (rad/s or m/s) below which a joint counts as at rest for arming; null asks for no rest. Default 0.05: two units of
    /// the velocity register of XL330 and XL430 servos (0.02397 rad/s, e-manual).
    /// </summary>
    public double? RestVelocity { get; set; } = 0.05;

    /// <summary>All problems of these options for <paramref name="robot"/>, one sentence each.</summary>
    public IEnumerable<string> Validate(string path, RobotDescription robot)
    {
        ArgumentNullException.ThrowIfNull(robot);
        if (MaxSensorAge <= TimeSpan.Zero)
        {
            yield return $"{path}:MaxSensorAge is {MaxSensorAge}; allowed: above 00:00:00. Set it to a few control periods, or remove it.";
        }

        if (RestVelocity is { } rest && !(double.IsFinite(rest) && rest > 0))
        {
            yield return FormattableString.Invariant(
                $"{path}:RestVelocity is {rest}; allowed: finite and above 0. Set null to arm without rest."
            );
        }

        foreach ((string name, JointLimits limits) in Joints)
        {
            CommandInterface? command = robot.Commands.FirstOrDefault(c => c.Name == name);
            if (command is null)
            {
                yield return $"{path}:Joints:{name} names no command of robot {robot.Name}; allowed: "
                    + $"{string.Join(", ", robot.Commands.Select(c => c.Name))}. Correct the name.";
                continue;
            }

            if (limits is null)
            {
                yield return $"{path}:Joints:{name} is null; allowed: limits such as {{ \"MaxVelocity\": 1 }}. Fill it in or remove it.";
                continue;
            }

            foreach (string problem in limits.Validate($"{path}:Joints:{name}", command))
            {
                yield return problem;
            }
        }

        foreach (string problem in Ranges.SelectMany(r => RangeProblems($"{path}:Ranges:{r.Key}", r.Key, r.Value, robot)))
        {
            yield return problem;
        }

        foreach (string problem in RobotProblems(robot))
        {
            yield return problem;
        }
    }

    /// <summary>
    /// The one problem of <paramref name="robot"/>, which is hardware, where position or velocity commands have no limit that bounds how
    /// fast they move it; null where all have. Efforts are bounded by the hardware's range.
    /// </summary>
    public string? Unlimited(string path, RobotDescription robot)
    {
        ArgumentNullException.ThrowIfNull(robot);
        string[] names =
        [
            .. robot
                .Commands.Where(c =>
                    c.Kind is InterfaceKind.Position or InterfaceKind.Velocity
                    && Joints.GetValueOrDefault(c.Name)?.BoundsSpeed(c.Kind) != true
                )
                .Select(c => c.Name),
        ];
        return AllowUnlimited || names.Length == 0
            ? null
            : $"{path}:Joints does not bound the speed of {string.Join(", ", names)} of robot {robot.Name}; what the servo "
                + $"accepts is not what the mechanism bears. Add {path}:Joints:{names[0]}:MaxVelocity and the others, or set "
                + $"{path}:AllowUnlimited=true where it may move without.";
    }

    private static IEnumerable<string> RangeProblems(string path, string name, StateRange range, RobotDescription robot)
    {
        if (range is null)
        {
            return [$"{path} is null; allowed: a range such as {{ \"Maximum\": 70 }}. Fill it in or remove it."];
        }

        StateInterface[] ranged =
        [
            .. robot.States.Where(s => s.Kind is InterfaceKind.Temperature or InterfaceKind.Voltage or InterfaceKind.Current),
        ];
        StateInterface? state = ranged.FirstOrDefault(s => s.Name == name);
        return state is not null ? range.Validate(path, state)
            : ranged.Length == 0
                ?
                [
                    $"{path} names no state of robot {robot.Name}; allowed: none, for it reports no temperature, voltage or "
                        + $"current. Remove it.",
                ]
            :
            [
                $"{path} names no temperature, voltage or current of robot {robot.Name}; allowed: "
                    + $"{string.Join(", ", ranged.Select(s => s.Name))}. Correct the name.",
            ];
    }

    private static IEnumerable<string> RobotProblems(RobotDescription robot)
    {
        foreach (CommandInterface command in robot.Commands)
        {
            if (!(command.Minimum <= command.Maximum))
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"Robot {robot.Name}: command {command.Name} accepts {command.Minimum} to {command.Maximum}; allowed: a "
                        + $"minimum not above the maximum. Correct the driver."
                );
            }

            if (!double.IsFinite(command.SafeValue))
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"Robot {robot.Name}: command {command.Name} has the safe value {command.SafeValue}; allowed: a finite "
                        + $"number. Correct the driver."
                );
            }

            if (command.Kind == InterfaceKind.Position && command.PositionState is null)
            {
                yield return $"Robot {robot.Name}: position command {command.Name} has no position state, so arming could not start from "
                    + $"the measured pose. Name its PositionState in the driver.";
            }

            foreach (string? state in new[] { command.PositionState, command.VelocityState, command.LoadState })
            {
                if (state is not null && !robot.States.Any(s => s.Name == state))
                {
                    yield return $"Robot {robot.Name}: command {command.Name} refers to state {state}, which it does not report; it has "
                        + $"{string.Join(", ", robot.States.Select(s => s.Name))}. Correct the driver.";
                }
            }
        }
    }
}
