using System.Globalization;
using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Safety;

/// <summary>
/// Limits of one command, in SI units of the joint that it moves. What is null is not limited beyond the hardware's own range.
/// </summary>
/// <remarks>There are no default limits: they are facts of a mechanism, to be taken from its data sheet or measured.</remarks>
public sealed record JointLimits
{
    /// <summary>Least position. Default null: the hardware's own.</summary>
    public double? MinPosition { get; set; }

    /// <summary>Greatest position. Default null: the hardware's own.</summary>
    public double? MaxPosition { get; set; }

    /// <summary>
    /// How far the measured position of a joint that is commanded in position may lie beyond its limits before it counts as a
    /// violation: it may be sent to the limit, and ends within its servo's resolution (1.5 mrad at 4,096 ticks a turn) and overshoot
    /// of it. Default 0.01 rad or m.
    /// </summary>
    public double PositionMargin { get; set; } = 0.01;

    /// <summary>Greatest speed. Default null: not limited.</summary>
    public double? MaxVelocity { get; set; }

    /// <summary>
    /// Greatest acceleration. Position and velocity commands are held to it. For effort commands it says what the greatest
    /// permitted effort can do, and the braking envelope counts on it. Default null: not limited.
    /// </summary>
    public double? MaxAcceleration { get; set; }

    /// <summary>
    /// Greatest jerk (position and velocity commands). It gives way where a position limit needs it. Default null: not limited.
    /// </summary>
    public double? MaxJerk { get; set; }

    /// <summary>Greatest change of the command per second, in the command's own unit. Default null: not limited.</summary>
    public double? MaxCommandRate { get; set; }

    /// <summary>Greatest torque or force (effort commands). Default null: the hardware's own.</summary>
    public double? MaxEffort { get; set; }

    /// <summary>
    /// Deceleration on which the braking envelope counts: for effort commands what full counter-effort gives in the worst pose;
    /// else at most <see cref="MaxAcceleration"/>, which is its default.
    /// </summary>
    public double? BrakingDeceleration { get; set; }

    /// <summary>Speed below which the joint counts as at rest. Default null: <see cref="SafetyOptions.RestVelocity"/>.</summary>
    public double? RestVelocity { get; set; }

    /// <summary>
    /// How far the measured joint may be from what its commands could have made of it by now, in rad or m (position commands) or rad/s or
    /// m/s (velocity commands), before it counts as not following. Default null: 0.15 rad, a little more than an XL330 as delivered sags
    /// under 30% of its full load (e-manual: P gain 400); a tenth of the range of a joint in m; 0.24 rad/s, ten units of the velocity
    /// register of XL330 and XL430 servos (e-manual), but at most half of the greatest speed.
    /// </summary>
    public double? FollowTolerance { get; set; }

    /// <summary>
    /// How long a joint may not follow before <c>Failsafe:CommandNotFollowed</c> (without load) or before it is reported as blocked
    /// (under load). Default 1 s: our choice, above every transient of a servo that starts, turns round or meets something.
    /// </summary>
    public TimeSpan FollowTime { get; set; } = DefaultFollowTime;

    internal const double DefaultFollowRad = 0.15,
        DefaultFollowVelocity = 0.24;

    internal static readonly TimeSpan DefaultFollowTime = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestFollowTime = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Whether something here bounds how fast a command of <paramref name="kind"/>, position or velocity, moves the joint.
    /// </summary>
    public bool BoundsSpeed(InterfaceKind kind) =>
        MaxVelocity is not null || (kind == InterfaceKind.Position && MaxCommandRate is not null);

    /// <summary>All problems of these limits for <paramref name="command"/>, one sentence each.</summary>
    public IEnumerable<string> Validate(string path, CommandInterface command)
    {
        ArgumentNullException.ThrowIfNull(command);
        return Ranges(path, command).Concat(Relations(path, command));
    }

    private IEnumerable<string> Ranges(string path, CommandInterface command)
    {
        foreach ((string key, double? position) in new[] { (nameof(MinPosition), MinPosition), (nameof(MaxPosition), MaxPosition) })
        {
            if (position is { } value && !double.IsFinite(value))
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{path}:{key} is {value}; allowed: a finite position. Remove the key to leave the joint unlimited."
                );
            }
        }

        if (!(double.IsFinite(PositionMargin) && PositionMargin >= 0))
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{path}:PositionMargin is {PositionMargin}; allowed: 0 or more. Set about 0.01."
            );
        }

        foreach (
            (string key, double? limit) in new[]
            {
                (nameof(MaxVelocity), MaxVelocity),
                (nameof(MaxAcceleration), MaxAcceleration),
                (nameof(MaxJerk), MaxJerk),
                (nameof(MaxCommandRate), MaxCommandRate),
                (nameof(MaxEffort), MaxEffort),
                (nameof(BrakingDeceleration), BrakingDeceleration),
                (nameof(RestVelocity), RestVelocity),
                (nameof(FollowTolerance), FollowTolerance),
            }
        )
        {
            if (limit is { } value && !(double.IsFinite(value) && value > 0))
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{path}:{key} is {value}; allowed: finite and above 0. Remove the key to leave the joint unlimited."
                );
            }
        }

        if (FollowTime <= TimeSpan.Zero || FollowTime > LongestFollowTime)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{path}:FollowTime is {FollowTime}; allowed: above 00:00:00, up to {LongestFollowTime}. Set about {DefaultFollowTime}."
            );
        }

        if (MinPosition >= MaxPosition)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{path}:MinPosition is {MinPosition} and MaxPosition {MaxPosition}; allowed: MinPosition below MaxPosition. "
                    + $"Swap or correct them."
            );
        }

        if (command.Kind == InterfaceKind.Position && (MinPosition > command.Maximum || MaxPosition < command.Minimum))
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{path}: positions {MinPosition} to {MaxPosition} lie outside what the hardware accepts, {command.Minimum} "
                    + $"to {command.Maximum} {command.Unit}. Correct the limits."
            );
        }
    }

    private IEnumerable<string> Relations(string path, CommandInterface command)
    {
        bool position = command.Kind == InterfaceKind.Position,
            velocity = command.Kind == InterfaceKind.Velocity,
            effort = !position && !velocity;
        bool limited = MinPosition is not null || MaxPosition is not null;
        if (!effort && MaxEffort is not null)
        {
            yield return $"{path}:MaxEffort is set, but {command.Name} is a {command.Kind} command; allowed: effort commands only. Remove "
                + $"the key.";
        }

        if (effort && FollowTolerance is not null)
        {
            yield return $"{path}:FollowTolerance is set, but {command.Name} is an effort command, which is not watched for being "
                + $"followed; allowed: position and velocity commands. Remove the key.";
        }

        if (effort && MaxJerk is not null)
        {
            yield return $"{path}:MaxJerk is set, but {command.Name} is an effort command; allowed: position and velocity commands. Use "
                + $"MaxCommandRate instead.";
        }

        if (!effort && BrakingDeceleration > MaxAcceleration)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{path}:BrakingDeceleration is {BrakingDeceleration} and MaxAcceleration {MaxAcceleration}; allowed: at most "
                    + $"MaxAcceleration. Lower it."
            );
        }

        if (velocity && limited && BrakingDeceleration is null && MaxAcceleration is null)
        {
            yield return $"{path}: position limits of a velocity command need BrakingDeceleration or MaxAcceleration, to know when to slow "
                + $"down. Set one.";
        }

        if (effort && limited && (BrakingDeceleration is null || MaxAcceleration is null))
        {
            yield return $"{path}: position limits of an effort command need BrakingDeceleration and MaxAcceleration, to know when to "
                + $"brake. Set both.";
        }

        if (
            effort
            && (limited || MaxVelocity is not null)
            && MaxEffort is null
            && !(double.IsFinite(command.Minimum) && double.IsFinite(command.Maximum))
        )
        {
            yield return $"{path}: position and velocity limits of an effort command need MaxEffort where the hardware names no range, to "
                + $"know the full effort. Set it.";
        }

        if (!position && limited && command.PositionState is null)
        {
            yield return $"{path}: position limits are set, but the robot reports no position for {command.Name}. Remove them.";
        }

        if (effort && (limited || MaxVelocity is not null) && command.VelocityState is null)
        {
            yield return $"{path}: position and velocity limits of an effort command need its velocity, which the robot does not report "
                + $"for {command.Name}. Remove them.";
        }
    }
}
