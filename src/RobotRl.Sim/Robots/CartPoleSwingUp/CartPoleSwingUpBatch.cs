using System.Runtime.Intrinsics;
using RobotRl.Sim.Physics;
using RobotRl.Sim.Robots.CartPole;

namespace RobotRl.Sim.Robots.CartPoleSwingUp;

/// <summary>
/// Many swing-ups at once with the smooth reward of dm_control/suite/cartpole.py, starts about hanging and a limit of 500
/// steps; commands are forces (N). A loop over the scalar dynamics: it agrees with <see cref="CartPoleSwingUpRobot"/> exactly.
/// </summary>
public sealed class CartPoleSwingUpBatch : SimulationBatch
{
    // dm_control/suite/cartpole.py, _get_reward: margins. dm_control/utils/rewards.py: value at the margin, 0.1.
    private const double CentreMarginM = 2,
        VelocityMarginRadPerS = 5,
        StartBound = 0.05;
    private static readonly double LogValueAtMargin = Math.Log(0.1);

    /// <summary>Makes and starts <paramref name="count"/> instances, a multiple of <see cref="SimulationBatch.Lanes"/>.</summary>
    public CartPoleSwingUpBatch(int count, ulong seed)
        : base(count, 4, 500, seed) => Reset();

    /// <inheritdoc/>
    private protected override void StepAll(ReadOnlySpan<double> commands)
    {
        Span<double> x = StateToWrite(0),
            xDot = StateToWrite(1),
            angle = StateToWrite(2),
            angleDot = StateToWrite(3);
        Span<double> rewards = RewardsToWrite,
            state = stackalloc double[4],
            next = stackalloc double[4];
        for (int i = 0; i < Count; i++)
        {
            (state[0], state[1], state[2], state[3]) = (x[i], xDot[i], angle[i], angleDot[i]);
            double force = Math.Clamp(commands[i], -CartPoleRobot.MaxForceN, CartPoleRobot.MaxForceN);
            CartPoleSwingUpRobot.Integrate(state, force, next);
            (x[i], xDot[i], angle[i], angleDot[i]) = (next[0], next[1], next[2], next[3]);
            rewards[i] = Reward(force / CartPoleRobot.MaxForceN, next);
            if (i % Lanes == Lanes - 1)
            {
                Age(i + 1 - Lanes, Vector512<double>.Zero);
            }
        }
    }

    /// <inheritdoc/>
    private protected override void DrawStart(ulong seed, ulong instance, ulong episode, Span<double> state)
    {
        CartPoleBatch.DrawBox(seed, instance, episode, StartBound, state);
        state[2] += Math.PI;
    }

    private static double Reward(double action, ReadOnlySpan<double> next)
    {
        double upright = (Math.Cos(next[2]) + 1) / 2;
        double smallControl = (4 + Math.Max(0, 1 - (action * action))) / 5;
        double smallVelocity = (1 + Bell(next[3] / VelocityMarginRadPerS)) / 2;
        double centred = (1 + Bell(next[0] / CentreMarginM)) / 2;
        return upright * smallControl * smallVelocity * centred;
    }

    private static double Bell(double distance) => Math.Exp(LogValueAtMargin * distance * distance);
}
