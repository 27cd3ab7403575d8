using System.Collections.Immutable;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Tasks;

namespace RobotRl.Benchmarks.Devices;

/// <summary>
/// Something for a policy to do with a servo arm: positions and velocities in, position goals of up to half a radian out.
/// </summary>
internal sealed class ServoArmTask : IControlTask
{
    private const double ReachRad = 0.5;

    private readonly int[] _observed;

    public ServoArmTask(RobotDescription robot)
    {
        _observed = [.. robot.Commands.SelectMany(c => new[] { robot.StateIndex(c.PositionState!), robot.StateIndex(c.VelocityState!) })];
        ObservationNames = [.. _observed.Select(i => robot.States[i].Name)];
        Actions = new ContinuousActionSpace(robot.Commands.Length);
    }

    public string Name => "servo-arm";

    public ImmutableArray<string> ObservationNames { get; }

    public ActionSpace Actions { get; }

    public int MaxEpisodeSteps => 0;

    public void Observe(ReadOnlySpan<double> state, ReadOnlySpan<double> previousCommand, Span<float> observation)
    {
        for (int i = 0; i < _observed.Length; i++)
        {
            observation[i] = (float)state[_observed[i]];
        }
    }

    public void ToCommand(ReadOnlySpan<float> action, ReadOnlySpan<double> previousCommand, Span<double> command)
    {
        for (int i = 0; i < command.Length; i++)
        {
            command[i] = ReachRad * action[i];
        }
    }

    public void ToAction(ReadOnlySpan<double> command, ReadOnlySpan<double> previousCommand, Span<float> action)
    {
        for (int i = 0; i < command.Length; i++)
        {
            action[i] = (float)(command[i] / ReachRad);
        }
    }

    public double Reward(ReadOnlySpan<double> state, ReadOnlySpan<double> command, ReadOnlySpan<double> nextState)
    {
        double sum = 0;
        for (int i = 0; i < _observed.Length; i += 2)
        {
            sum -= nextState[_observed[i]] * nextState[_observed[i]];
        }

        return sum;
    }

    public bool IsTerminated(ReadOnlySpan<double> state) => false;

    public void DrawStart(CounterRandom random, Span<double> physicalState) => physicalState.Clear();

    public void SpreadStart(int index, int count, Span<double> physicalState) => physicalState.Clear();
}
