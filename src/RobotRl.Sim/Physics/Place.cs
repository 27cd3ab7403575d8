using RobotRl.Hardware.Contracts;

namespace RobotRl.Sim.Physics;

/// <summary>Where a robot is to be put (<see cref="ITeleport"/>).</summary>
internal static class Place
{
    /// <summary>Refuses a place that is not finite or outside the documented bounds of <paramref name="robot"/>.</summary>
    /// <param name="robot">The robot to be put there.</param>
    /// <param name="state">The place, [states].</param>
    /// <exception cref="ArgumentException">It has another number of values.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The robot cannot be there.</exception>
    public static void Check(RobotDescription robot, ReadOnlySpan<double> state)
    {
        if (state.Length != robot.States.Length)
        {
            throw new ArgumentException(
                $"Robot {robot.Name}: a state of {state.Length} values; it has {robot.States.Length}.",
                nameof(state)
            );
        }

        for (int i = 0; i < state.Length; i++)
        {
            StateInterface limits = robot.States[i];
            if (!double.IsFinite(state[i]) || state[i] < limits.Minimum || state[i] > limits.Maximum)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(state),
                    state[i],
                    $"Robot {robot.Name}: {limits.Name} cannot be put to {state[i]} {limits.Unit}; allowed: {limits.Minimum} "
                        + $"to {limits.Maximum}."
                );
            }
        }
    }
}
