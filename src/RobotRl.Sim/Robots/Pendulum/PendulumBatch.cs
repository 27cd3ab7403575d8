using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using RobotRl.Sim.Physics;

namespace RobotRl.Sim.Robots.Pendulum;

/// <summary>
/// Many pendulums at once with Pendulum-v1's reward, reset distribution and limit of 200 steps; commands are torques (N m).
/// Sine and angle wrap are vector code: a step agrees with <see cref="PendulumRobot"/> to 1e-14.
/// </summary>
public sealed class PendulumBatch : SimulationBatch
{
    private const double StartAngleRad = Math.PI,
        StartSpeedRadPerS = 1;

    /// <summary>Makes and starts <paramref name="count"/> instances, a multiple of <see cref="SimulationBatch.Lanes"/>.</summary>
    public PendulumBatch(int count, ulong seed)
        : base(count, 2, 200, seed) => Reset();

    /// <inheritdoc/>
    private protected override void StepAll(ReadOnlySpan<double> commands)
    {
        ref double angles = ref MemoryMarshal.GetReference(StateToWrite(0));
        ref double velocities = ref MemoryMarshal.GetReference(StateToWrite(1));
        ref double rewards = ref MemoryMarshal.GetReference(RewardsToWrite);
        ref double torques = ref MemoryMarshal.GetReference(commands);
        Vector512<double> maxTorque = Vector512.Create(PendulumRobot.MaxTorqueNm),
            maxSpeed = Vector512.Create(PendulumRobot.MaxSpeedRadPerS);
        for (int i = 0; i < Count; i += Lanes)
        {
            Vector512<double> angle = Vector512.LoadUnsafe(ref angles, (nuint)i),
                velocity = Vector512.LoadUnsafe(ref velocities, (nuint)i);
            Vector512<double> torque = Vector512.MinNative(
                Vector512.MaxNative(Vector512.LoadUnsafe(ref torques, (nuint)i), -maxTorque),
                maxTorque
            );

            // The reward is of the state before the step. angle - 2 pi round(angle / 2 pi) lies in [-pi, pi].
            Vector512<double> turns = Vector512.Round(angle * (1 / (2 * Math.PI)));
            Vector512<double> wrapped = angle - (turns * (2 * Math.PI));
            Vector512<double> cost = (wrapped * wrapped) + (velocity * velocity * 0.1) + (torque * torque * 0.001);
            (-cost).StoreUnsafe(ref rewards, (nuint)i);

            velocity += ((Vector512.Sin(angle) * PendulumRobot.GravityGain) + (torque * PendulumRobot.TorqueGain)) * PendulumRobot.PeriodS;
            velocity = Vector512.MinNative(Vector512.MaxNative(velocity, -maxSpeed), maxSpeed);
            velocity.StoreUnsafe(ref velocities, (nuint)i);
            (angle + (velocity * PendulumRobot.PeriodS)).StoreUnsafe(ref angles, (nuint)i);
            Age(i, Vector512<double>.Zero);
        }
    }

    /// <inheritdoc/>
    private protected override void DrawStart(ulong seed, ulong instance, ulong episode, Span<double> state)
    {
        (double angle, double velocity) = Philox.Uniforms(seed, instance, episode);
        state[0] = -StartAngleRad + (2 * StartAngleRad * angle);
        state[1] = -StartSpeedRadPerS + (2 * StartSpeedRadPerS * velocity);
    }
}
