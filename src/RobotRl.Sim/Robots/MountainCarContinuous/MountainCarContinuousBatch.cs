using System.Runtime.Intrinsics;
using RobotRl.Sim.Physics;

namespace RobotRl.Sim.Robots.MountainCarContinuous;

/// <summary>
/// Many mountain cars at once with MountainCarContinuous-v0's reward, goal, reset distribution and limit of 999 steps;
/// commands are forces (N). A loop over the scalar dynamics: it agrees with <see cref="MountainCarContinuousRobot"/> exactly.
/// </summary>
public sealed class MountainCarContinuousBatch : SimulationBatch
{
    // continuous_mountain_car.py: goal_position, goal_velocity, the reward's numbers, the reset's bounds.
    private const double GoalPositionM = 0.45,
        GoalVelocityMPerS = 0,
        GoalReward = 100,
        ActionCost = 0.1;
    private const double StartLowM = -0.6,
        StartHighM = -0.4;

    /// <summary>Makes and starts <paramref name="count"/> instances, a multiple of <see cref="SimulationBatch.Lanes"/>.</summary>
    public MountainCarContinuousBatch(int count, ulong seed)
        : base(count, 2, 999, seed) => Reset();

    /// <inheritdoc/>
    private protected override void StepAll(ReadOnlySpan<double> commands)
    {
        Span<double> position = StateToWrite(0),
            velocity = StateToWrite(1),
            rewards = RewardsToWrite;
        Span<double> state = stackalloc double[2],
            next = stackalloc double[2],
            terminated = stackalloc double[Lanes];
        for (int i = 0; i < Count; i++)
        {
            (state[0], state[1]) = (position[i], velocity[i]);
            double force = Math.Clamp(commands[i], -MountainCarContinuousRobot.MaxForceN, MountainCarContinuousRobot.MaxForceN);
            MountainCarContinuousRobot.Integrate(state, force, next);
            (position[i], velocity[i]) = (next[0], next[1]);
            bool goal = next[0] >= GoalPositionM && next[1] >= GoalVelocityMPerS;
            rewards[i] = (goal ? GoalReward : 0) - (force * force * ActionCost);
            int lane = i % Lanes;
            terminated[lane] = goal ? BitConverter.Int64BitsToDouble(-1) : 0;
            if (lane == Lanes - 1)
            {
                Age(i + 1 - Lanes, Vector512.Create((ReadOnlySpan<double>)terminated));
            }
        }
    }

    /// <summary>One double a start: two starts to a block.</summary>
    private protected override void DrawStart(ulong seed, ulong instance, ulong episode, Span<double> state)
    {
        (double even, double odd) = Philox.Uniforms(seed, instance, episode / 2);
        state[0] = StartLowM + ((StartHighM - StartLowM) * (episode % 2 == 0 ? even : odd));
        state[1] = 0;
    }
}
