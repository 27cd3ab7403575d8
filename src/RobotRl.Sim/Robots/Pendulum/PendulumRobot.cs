using RobotRl.Hardware.Contracts;
using RobotRl.Sim.Physics;

namespace RobotRl.Sim.Robots.Pendulum;

/// <summary>
/// A rod on a motor too weak to lift it at once: Gymnasium's Pendulum-v1. State [position (rad), velocity (rad/s)], angle 0
/// upright, positive anticlockwise, not wrapped (as Gymnasium keeps it); command [torque (N m)].
/// </summary>
/// <remarks>
/// Constants and dynamics: gymnasium/envs/classic_control/pendulum.py. Damping, which Gymnasium has not: a torque against
/// the velocity, critical about the hanging position, within the torque limit.
/// </remarks>
public sealed class PendulumRobot : SimulatedRobot
{
    /// <summary>Catalogue name.</summary>
    public const string RobotName = "pendulum";

    /// <summary>Greatest speed (max_speed).</summary>
    public const double MaxSpeedRadPerS = 8;

    /// <summary>Greatest torque (max_torque).</summary>
    public const double MaxTorqueNm = 2;

    /// <summary>Integration step and control period (dt).</summary>
    public const double PeriodS = 0.05;

    /// <summary>Gravity (g's default).</summary>
    public const double GravityMPerS2 = 10;

    /// <summary>Mass of the rod (m).</summary>
    public const double MassKg = 1;

    /// <summary>Length of the rod (l).</summary>
    public const double LengthM = 1;

    /// <summary>3 g / (2 l): angular acceleration by gravity, per sine of the angle.</summary>
    internal const double GravityGain = 3 * GravityMPerS2 / (2 * LengthM);

    /// <summary>3 / (m l^2): angular acceleration per torque.</summary>
    internal const double TorqueGain = 3 / (MassKg * LengthM * LengthM);

    // Critical damping about the bottom: TorqueGain * d = 2 sqrt(GravityGain).
    private static readonly double DampingNmSPerRad = 2 * Math.Sqrt(GravityGain) / TorqueGain;

    /// <summary>Starts Closed, hanging at rest.</summary>
    public PendulumRobot()
        : base(RobotDescription, [Math.PI, 0]) { }

    /// <summary>Interfaces and limits.</summary>
    public static RobotDescription RobotDescription { get; } =
        new(
            RobotName,
            [
                new("pole/position", InterfaceKind.Position, "rad", double.NegativeInfinity, double.PositiveInfinity),
                new("pole/velocity", InterfaceKind.Velocity, "rad/s", -MaxSpeedRadPerS, MaxSpeedRadPerS),
            ],
            [
                new("pole/effort", InterfaceKind.Effort, "N m", -MaxTorqueNm, MaxTorqueNm, 0)
                {
                    PositionState = "pole/position",
                    VelocityState = "pole/velocity",
                },
            ],
            TimeSpan.FromSeconds(PeriodS)
        )
        {
            HasDamping = true,
        };

    /// <inheritdoc/>
    protected override void Step(ReadOnlySpan<double> state, ReadOnlySpan<double> command, Span<double> next)
    {
        double angle = state[0],
            velocity = state[1];
        double torque = Math.Clamp(command[0], -MaxTorqueNm, MaxTorqueNm);
        velocity += ((GravityGain * Math.Sin(angle)) + (TorqueGain * torque)) * PeriodS;
        velocity = Math.Clamp(velocity, -MaxSpeedRadPerS, MaxSpeedRadPerS);
        next[0] = angle + (velocity * PeriodS);
        next[1] = velocity;
    }

    /// <inheritdoc/>
    protected override void Damp(ReadOnlySpan<double> state, Span<double> command) => command[0] = -DampingNmSPerRad * state[1];
}
