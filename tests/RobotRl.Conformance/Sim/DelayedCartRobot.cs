using RobotRl.Hardware.Contracts;
using RobotRl.Sim.Physics;

namespace RobotRl.Conformance.Sim;

/// <summary>
/// A simulator as a user may write one: a cart whose force comes three periods late, and a noise of its own generator. What it remembers
/// stands in no state that it reports; <paramref name="forgets"/> names what it does not save.
/// </summary>
internal sealed class DelayedCartRobot(string? forgets = null) : SimulatedRobot(s_description, [0, 0])
{
    private static readonly RobotDescription s_description = new(
        "delayed-cart",
        [
            new("cart/position", InterfaceKind.Position, "m", double.NegativeInfinity, double.PositiveInfinity),
            new("cart/velocity", InterfaceKind.Velocity, "m/s", double.NegativeInfinity, double.PositiveInfinity),
        ],
        [new("cart/effort", InterfaceKind.Effort, "N", -1, 1, 0) { PositionState = "cart/position", VelocityState = "cart/velocity" }],
        TimeSpan.FromMilliseconds(20)
    );

    private readonly double[] _line = new double[3];
    private readonly long[] _counters = [0, 12345];

    public override void SaveExtra(IRobotStateWriter writer)
    {
        if (forgets != "line")
        {
            writer.Write("line", _line);
        }

        if (forgets != "counters")
        {
            writer.Write("counters", _counters);
        }
    }

    public override void LoadExtra(IRobotStateReader reader)
    {
        if (forgets != "line")
        {
            reader.Read("line", _line);
        }

        if (forgets != "counters")
        {
            reader.Read("counters", _counters);
        }
    }

    protected override void Step(ReadOnlySpan<double> state, ReadOnlySpan<double> command, Span<double> next)
    {
        int at = (int)(_counters[0]++ % _line.Length);
        double force = _line[at];
        _line[at] = command[0];

        // Numerical Recipes' quick generator.
        _counters[1] = ((_counters[1] * 1664525) + 1013904223) & 0xffffffff;
        double noise = 1e-3 * ((_counters[1] / 4294967296.0) - 0.5);
        next[0] = state[0] + (0.02 * state[1]);
        next[1] = state[1] + (0.02 * (force - (0.1 * state[1]))) + noise;
    }
}
