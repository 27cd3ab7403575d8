using RobotRl.Hardware.Contracts;
using RobotRl.Sim.Physics;
using RobotRl.Sim.Robots.CartPole;

namespace RobotRl.Sim.Robots.CartPoleSwingUp;

/// <summary>
/// The cart and pole of <see cref="CartPoleRobot"/> on a track with ends, pole free to turn all the way round. State [cart
/// position (m), cart velocity (m/s), pole position (rad), pole velocity (rad/s)], angle 0 upright, not wrapped; command
/// [force on the cart (N)].
/// </summary>
/// <remarks>
/// Masses, lengths, gravity, force and period: Gymnasium's cartpole.py, as in <see cref="CartPoleRobot"/> (cart 1 kg, pole
/// 0.1 kg and 1 m, 10 N are also those of dm_control/suite/cartpole.xml). Track: twice CartPole's x_threshold to either
/// side, the end of its observation space. Integrator: classic Runge-Kutta of order 4, as in cartpole.xml, because explicit
/// Euler feeds energy to a pole that turns. At an end of the track the cart stops dead. Damping: a force against the cart's
/// velocity, within the force limit; the pole swings freely.
/// </remarks>
public sealed class CartPoleSwingUpRobot : SimulatedRobot
{
    /// <summary>Catalogue name.</summary>
    public const string RobotName = "cart-pole-swing-up";

    /// <summary>Ends of the track: 2 * x_threshold (cartpole.py).</summary>
    public const double TrackEndM = 4.8;

    // Takes half of the cart's velocity in a period.
    private const double DampingNsPerM = 0.5 * CartPoleRobot.TotalMassKg / CartPoleRobot.PeriodS;

    /// <summary>Starts Closed, hanging at rest in the middle.</summary>
    public CartPoleSwingUpRobot()
        : base(RobotDescription, [0, 0, Math.PI, 0]) { }

    /// <summary>Interfaces and limits.</summary>
    public static RobotDescription RobotDescription { get; } =
        new(
            RobotName,
            [
                new("cart/position", InterfaceKind.Position, "m", -TrackEndM, TrackEndM),
                new("cart/velocity", InterfaceKind.Velocity, "m/s", double.NegativeInfinity, double.PositiveInfinity),
                new("pole/position", InterfaceKind.Position, "rad", double.NegativeInfinity, double.PositiveInfinity),
                new("pole/velocity", InterfaceKind.Velocity, "rad/s", double.NegativeInfinity, double.PositiveInfinity),
            ],
            [
                new("cart/effort", InterfaceKind.Effort, "N", -CartPoleRobot.MaxForceN, CartPoleRobot.MaxForceN, 0)
                {
                    PositionState = "cart/position",
                    VelocityState = "cart/velocity",
                },
            ],
            TimeSpan.FromSeconds(CartPoleRobot.PeriodS)
        )
        {
            HasDamping = true,
        };

    /// <inheritdoc/>
    protected override void Step(ReadOnlySpan<double> state, ReadOnlySpan<double> command, Span<double> next) =>
        Integrate(state, command[0], next);

    /// <inheritdoc/>
    protected override void Damp(ReadOnlySpan<double> state, Span<double> command) => command[0] = -DampingNsPerM * state[1];

    /// <summary>One control period.</summary>
    internal static void Integrate(ReadOnlySpan<double> state, double force, Span<double> next)
    {
        const double H = CartPoleRobot.PeriodS;
        double x = state[0],
            v = state[1],
            angle = state[2],
            turn = state[3];

        // The accelerations do not depend on the cart's position and velocity, so their four stages are angle's and turn's.
        (double a1, double b1) = CartPoleRobot.Accelerations(force, angle, turn);
        double turn2 = turn + (H / 2 * b1);
        (double a2, double b2) = CartPoleRobot.Accelerations(force, angle + (H / 2 * turn), turn2);
        double turn3 = turn + (H / 2 * b2);
        (double a3, double b3) = CartPoleRobot.Accelerations(force, angle + (H / 2 * turn2), turn3);
        double turn4 = turn + (H * b3);
        (double a4, double b4) = CartPoleRobot.Accelerations(force, angle + (H * turn3), turn4);

        x += (H * v) + (H * H / 6 * (a1 + a2 + a3));
        v += H / 6 * (a1 + (2 * a2) + (2 * a3) + a4);
        next[2] = angle + (H / 6 * (turn + (2 * turn2) + (2 * turn3) + turn4));
        next[3] = turn + (H / 6 * (b1 + (2 * b2) + (2 * b3) + b4));
        if (Math.Abs(x) >= TrackEndM)
        {
            x = Math.CopySign(TrackEndM, x);
            v = x > 0 ? Math.Min(v, 0) : Math.Max(v, 0);
        }

        next[0] = x;
        next[1] = v;
    }
}
