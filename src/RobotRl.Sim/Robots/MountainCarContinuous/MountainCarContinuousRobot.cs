using RobotRl.Hardware.Contracts;
using RobotRl.Sim.Physics;

namespace RobotRl.Sim.Robots.MountainCarContinuous;

/// <summary>
/// A car too weak for the hill in front of it: Gymnasium's MountainCarContinuous-v0. State [position (m), velocity (m/s)];
/// command [engine force (N)].
/// </summary>
/// <remarks>
/// Constants and dynamics: gymnasium/envs/classic_control/continuous_mountain_car.py. Its velocity is a position's change a
/// step, so a step here is one second, and "power" is the inverse of the car's mass. As there, the state is kept rounded to
/// float32, also the limits; the arithmetic between is double, as NumPy before 2 has it (2 rounds it to float32 where the
/// action is float32). Damping: engine force against the velocity; it is weaker than the hill, so the car comes to rest in
/// the valley.
/// </remarks>
public sealed class MountainCarContinuousRobot : SimulatedRobot
{
    /// <summary>Catalogue name.</summary>
    public const string RobotName = "mountain-car-continuous";

    /// <summary>Left wall (min_position).</summary>
    public const double MinPositionM = -1.2;

    /// <summary>Right end (max_position).</summary>
    public const double MaxPositionM = 0.6;

    /// <summary>Greatest speed (max_speed).</summary>
    public const double MaxSpeedMPerS = 0.07;

    /// <summary>Greatest engine force (max_action).</summary>
    public const double MaxForceN = 1;

    /// <summary>Acceleration per force (power).</summary>
    public const double AccelerationPerN = 0.0015;

    /// <summary>Control period: one of Gymnasium's steps, which has no unit there.</summary>
    public const double PeriodS = 1;

    /// <summary>Gravity along the track, per cosine of three times the position (written out in step()).</summary>
    internal const double HillGain = 0.0025;

    /// <summary>Starts Closed, at rest at the bottom of the valley.</summary>
    public MountainCarContinuousRobot()
        : base(RobotDescription, [(float)(-Math.PI / 6), 0]) { }

    /// <summary>Interfaces and limits.</summary>
    public static RobotDescription RobotDescription { get; } =
        new(
            RobotName,
            [
                new("car/position", InterfaceKind.Position, "m", (float)MinPositionM, (float)MaxPositionM),
                new("car/velocity", InterfaceKind.Velocity, "m/s", -(float)MaxSpeedMPerS, (float)MaxSpeedMPerS),
            ],
            [
                new("car/effort", InterfaceKind.Effort, "N", -MaxForceN, MaxForceN, 0)
                {
                    PositionState = "car/position",
                    VelocityState = "car/velocity",
                },
            ],
            TimeSpan.FromSeconds(PeriodS)
        )
        {
            HasDamping = true,
        };

    /// <inheritdoc/>
    protected override void Step(ReadOnlySpan<double> state, ReadOnlySpan<double> command, Span<double> next) =>
        Integrate(state, command[0], next);

    /// <inheritdoc/>
    protected override void Damp(ReadOnlySpan<double> state, Span<double> command) => command[0] = -state[1] / (AccelerationPerN * PeriodS);

    /// <summary>One control period.</summary>
    internal static void Integrate(ReadOnlySpan<double> state, double force, Span<double> next)
    {
        double position = state[0],
            velocity = state[1];
        force = Math.Clamp(force, -MaxForceN, MaxForceN);
        velocity += (force * AccelerationPerN) - (HillGain * Math.Cos(3 * position));
        velocity = Math.Clamp(velocity, -MaxSpeedMPerS, MaxSpeedMPerS);
        position = Math.Clamp(position + velocity, MinPositionM, MaxPositionM);
        if (position == MinPositionM && velocity < 0)
        {
            velocity = 0;
        }

        next[0] = (float)position;
        next[1] = (float)velocity;
    }
}
