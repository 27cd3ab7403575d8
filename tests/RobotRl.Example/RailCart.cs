using RobotRl.Hardware.Contracts;
using RobotRl.Sim.Physics;

namespace RobotRl.Example;

/// <summary>
/// A motor pushes a cart of 1 kg along a rail of 2 m. Simulated: <see cref="SimulatedRobot"/> does the lifecycle and the stops.
/// A real one implements <see cref="IRobot"/>.
/// </summary>
public sealed class RailCart()
    : SimulatedRobot(
        new RobotDescription(
            "rail-cart",
            [
                new StateInterface("cart/position", InterfaceKind.Position, "m", -1, 1),
                new StateInterface("cart/velocity", InterfaceKind.Velocity, "m/s", -5, 5),
            ],
            [
                new CommandInterface("cart/effort", InterfaceKind.Effort, "N", -MaxForceN, MaxForceN, SafeValue: 0)
                {
                    PositionState = "cart/position",
                    VelocityState = "cart/velocity",
                },
            ],
            ControlPeriod: TimeSpan.FromSeconds(PeriodS)
        ),
        rest: [0, 0]
    )
{
    /// <summary>Greatest force, N.</summary>
    public const double MaxForceN = 4;

    private const double PeriodS = 0.05,
        MassKg = 1,
        FrictionNsPerM = 0.5;

    /// <inheritdoc/>
    protected override void Step(ReadOnlySpan<double> state, ReadOnlySpan<double> command, Span<double> next)
    {
        double velocity = state[1] + ((command[0] - (FrictionNsPerM * state[1])) / MassKg * PeriodS);
        double position = state[0] + (velocity * PeriodS);
        next[0] = Math.Clamp(position, -1, 1);
        next[1] = position == next[0] ? velocity : 0;
    }
}
