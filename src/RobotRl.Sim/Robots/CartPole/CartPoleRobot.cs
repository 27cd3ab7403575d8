using RobotRl.Hardware.Contracts;
using RobotRl.Sim.Physics;

namespace RobotRl.Sim.Robots.CartPole;

/// <summary>
/// A cart on a frictionless, endless track with a pole free to fall: Gymnasium's CartPole-v1. State [cart position (m), cart
/// velocity (m/s), pole position (rad), pole velocity (rad/s)], angle 0 upright; command [force on the cart (N)].
/// </summary>
/// <remarks>
/// Constants, dynamics and the explicit Euler step: gymnasium/envs/classic_control/cartpole.py. Gymnasium knows only full
/// force to either side; this drive takes any force between. It has no damping: a hold removes power.
/// </remarks>
public sealed class CartPoleRobot : SimulatedRobot
{
    /// <summary>Catalogue name.</summary>
    public const string RobotName = "cart-pole";

    /// <summary>Gravity (gravity).</summary>
    public const double GravityMPerS2 = 9.8;

    /// <summary>Mass of the cart (masscart).</summary>
    public const double CartMassKg = 1.0;

    /// <summary>Mass of the pole (masspole).</summary>
    public const double PoleMassKg = 0.1;

    /// <summary>Half the pole's length (length).</summary>
    public const double HalfLengthM = 0.5;

    /// <summary>Greatest force (force_mag).</summary>
    public const double MaxForceN = 10.0;

    /// <summary>Integration step and control period (tau).</summary>
    public const double PeriodS = 0.02;

    /// <summary>total_mass.</summary>
    internal const double TotalMassKg = PoleMassKg + CartMassKg;

    /// <summary>polemass_length.</summary>
    internal const double PoleMassLength = PoleMassKg * HalfLengthM;

    /// <summary>Starts Closed, upright at rest in the middle.</summary>
    public CartPoleRobot()
        : base(RobotDescription, [0, 0, 0, 0]) { }

    /// <summary>Interfaces and limits.</summary>
    public static RobotDescription RobotDescription { get; } =
        new(
            RobotName,
            [
                new("cart/position", InterfaceKind.Position, "m", double.NegativeInfinity, double.PositiveInfinity),
                new("cart/velocity", InterfaceKind.Velocity, "m/s", double.NegativeInfinity, double.PositiveInfinity),
                new("pole/position", InterfaceKind.Position, "rad", double.NegativeInfinity, double.PositiveInfinity),
                new("pole/velocity", InterfaceKind.Velocity, "rad/s", double.NegativeInfinity, double.PositiveInfinity),
            ],
            [
                new("cart/effort", InterfaceKind.Effort, "N", -MaxForceN, MaxForceN, 0)
                {
                    PositionState = "cart/position",
                    VelocityState = "cart/velocity",
                },
            ],
            TimeSpan.FromSeconds(PeriodS)
        );

    /// <summary>Accelerations of cart (m/s^2) and pole (rad/s^2); the pole is a uniform rod (4/3).</summary>
    internal static (double Cart, double Pole) Accelerations(double forceN, double poleAngle, double poleVelocity)
    {
        (double sine, double cosine) = Math.SinCos(poleAngle);
        double push = (forceN + (PoleMassLength * (poleVelocity * poleVelocity) * sine)) / TotalMassKg;
        double pole =
            ((GravityMPerS2 * sine) - (cosine * push)) / (HalfLengthM * ((4.0 / 3.0) - (PoleMassKg * (cosine * cosine) / TotalMassKg)));
        double cart = push - (PoleMassLength * pole * cosine / TotalMassKg);
        return (cart, pole);
    }

    /// <inheritdoc/>
    protected override void Step(ReadOnlySpan<double> state, ReadOnlySpan<double> command, Span<double> next)
    {
        (double cart, double pole) = Accelerations(command[0], state[2], state[3]);
        next[0] = state[0] + (PeriodS * state[1]);
        next[1] = state[1] + (PeriodS * cart);
        next[2] = state[2] + (PeriodS * state[3]);
        next[3] = state[3] + (PeriodS * pole);
    }
}
