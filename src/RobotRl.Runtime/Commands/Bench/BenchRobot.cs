using RobotRl.Hardware.Contracts;
using RobotRl.Sim.Physics;

namespace RobotRl.Runtime.Commands.Bench;

/// <summary>A robot of any number of states and commands for timing: coupled oscillators, pushed by effort commands in [-1, 1].</summary>
internal sealed class BenchRobot : SimulatedRobot
{
    private const double Keep = 0.95,
        Turn = 0.25,
        Push = 0.1;

    /// <summary>Starts Closed, each state at another place.</summary>
    public BenchRobot(int states, int commands, TimeSpan period)
        : base(
            new RobotDescription(
                "bench",
                [
                    .. Enumerable
                        .Range(0, states)
                        .Select(i => new StateInterface(
                            $"state-{i}",
                            InterfaceKind.Velocity,
                            "rad/s",
                            double.NegativeInfinity,
                            double.PositiveInfinity
                        )),
                ],
                [
                    .. Enumerable
                        .Range(0, commands)
                        .Select(i => new CommandInterface($"motor-{i}/effort", InterfaceKind.Effort, "N m", -1, 1, 0)),
                ],
                period
            )
            {
                HasDamping = true,
            },
            [.. Enumerable.Range(0, states).Select(i => Math.Cos(i))]
        ) { }

    /// <inheritdoc/>
    protected override void Step(ReadOnlySpan<double> state, ReadOnlySpan<double> command, Span<double> next)
    {
        for (int i = 0; i < state.Length; i++)
        {
            next[i] = (Keep * state[i]) + (Turn * Math.Sin(state[(i + 1) % state.Length])) + (Push * command[i % command.Length]);
        }
    }
}
