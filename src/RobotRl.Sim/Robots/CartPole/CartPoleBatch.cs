using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using RobotRl.Sim.Physics;

namespace RobotRl.Sim.Robots.CartPole;

/// <summary>
/// Many cart-poles at once with CartPole-v1's reward, termination, reset distribution and limit of 500 steps; commands are
/// forces (N). Sine and cosine are vector code: a step agrees with <see cref="CartPoleRobot"/> to 1e-14.
/// </summary>
public sealed class CartPoleBatch : SimulationBatch
{
    // cartpole.py: x_threshold, theta_threshold_radians, the reset's bounds.
    private const double PositionThresholdM = 2.4,
        AngleThresholdRad = 12 * 2 * Math.PI / 360,
        StartBound = 0.05;

    /// <summary>Makes and starts <paramref name="count"/> instances, a multiple of <see cref="SimulationBatch.Lanes"/>.</summary>
    public CartPoleBatch(int count, ulong seed)
        : base(count, 4, 500, seed) => Reset();

    /// <inheritdoc/>
    private protected override void StepAll(ReadOnlySpan<double> commands)
    {
        const double H = CartPoleRobot.PeriodS,
            Total = CartPoleRobot.TotalMassKg,
            MassLength = CartPoleRobot.PoleMassLength;
        ref double xs = ref MemoryMarshal.GetReference(StateToWrite(0));
        ref double xDots = ref MemoryMarshal.GetReference(StateToWrite(1));
        ref double angles = ref MemoryMarshal.GetReference(StateToWrite(2));
        ref double angleDots = ref MemoryMarshal.GetReference(StateToWrite(3));
        ref double forces = ref MemoryMarshal.GetReference(commands);
        Vector512<double> maxForce = Vector512.Create(CartPoleRobot.MaxForceN),
            total = Vector512.Create(Total);
        RewardsToWrite.Fill(1);
        for (int i = 0; i < Count; i += Lanes)
        {
            nuint at = (nuint)i;
            Vector512<double> x = Vector512.LoadUnsafe(ref xs, at),
                xDot = Vector512.LoadUnsafe(ref xDots, at);
            Vector512<double> angle = Vector512.LoadUnsafe(ref angles, at),
                angleDot = Vector512.LoadUnsafe(ref angleDots, at);
            Vector512<double> force = Vector512.MinNative(Vector512.MaxNative(Vector512.LoadUnsafe(ref forces, at), -maxForce), maxForce);

            (Vector512<double> sine, Vector512<double> cosine) = Vector512.SinCos(angle);
            Vector512<double> push = (force + (angleDot * angleDot * MassLength * sine)) / total;
            Vector512<double> pole =
                ((sine * CartPoleRobot.GravityMPerS2) - (cosine * push))
                / ((Vector512.Create(4.0 / 3.0) - (cosine * cosine * CartPoleRobot.PoleMassKg / total)) * CartPoleRobot.HalfLengthM);
            Vector512<double> cart = push - (pole * MassLength * cosine / total);

            x += xDot * H;
            angle += angleDot * H;
            x.StoreUnsafe(ref xs, at);
            (xDot + (cart * H)).StoreUnsafe(ref xDots, at);
            angle.StoreUnsafe(ref angles, at);
            (angleDot + (pole * H)).StoreUnsafe(ref angleDots, at);
            Age(
                i,
                Vector512.GreaterThan(Vector512.Abs(x), Vector512.Create(PositionThresholdM))
                    | Vector512.GreaterThan(Vector512.Abs(angle), Vector512.Create(AngleThresholdRad))
            );
        }
    }

    /// <inheritdoc/>
    private protected override void DrawStart(ulong seed, ulong instance, ulong episode, Span<double> state) =>
        DrawBox(seed, instance, episode, StartBound, state);

    /// <summary>Four uniforms in [-<paramref name="bound"/>, <paramref name="bound"/>).</summary>
    internal static void DrawBox(ulong seed, ulong instance, ulong episode, double bound, Span<double> state)
    {
        for (ulong half = 0; half < 2; half++)
        {
            (double a, double b) = Philox.Uniforms(seed, instance, (2 * episode) + half);
            state[(int)(2 * half)] = -bound + (2 * bound * a);
            state[(int)(2 * half) + 1] = -bound + (2 * bound * b);
        }
    }
}
