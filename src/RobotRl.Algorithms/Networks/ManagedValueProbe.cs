using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Replay;

namespace RobotRl.Algorithms.Networks;

/// <summary>
/// Values of raw observations under a frozen policy, batch by batch: min_i Q_i(s, tanh(mu(s))), or min_i Q_i(s, argmax pi(s)) where critics
/// have an output for each choice.
/// </summary>
internal sealed unsafe class ManagedValueProbe
{
    private readonly int _batch,
        _actionSize;
    private readonly ManagedMlpPass _actor;
    private readonly Matrix[] _inputs,
        _outputs;
    private readonly Action<int> _forward;

    /// <summary>Takes buffers for <paramref name="batch"/> observations at a time.</summary>
    /// <param name="memory">Where they come from.</param>
    /// <param name="policy">Layout of the policy.</param>
    /// <param name="critics">The critics; their parameters are read at each estimate.</param>
    /// <param name="batch">Rows of a pass.</param>
    /// <param name="actionSize">Actions behind the states in a critic's input; 0 for critics of choices.</param>
    public ManagedValueProbe(KernelMemory memory, DenseLayout policy, ManagedNetworks critics, int batch, int actionSize)
    {
        (_batch, _actionSize, _actor) = (batch, actionSize, new(memory, policy, batch, 0));
        ManagedMlpPass[] passes = [.. Enumerable.Range(0, critics.Count).Select(_ => new ManagedMlpPass(memory, critics.Layout, batch, 0))];
        (_inputs, _outputs) = ([.. passes.Select(p => p.Input)], [.. passes.Select(p => p.Output)]);
        _forward = i => passes[i].Forward(critics.Network(critics.Parameters, i));
    }

    /// <summary>The same for critics with layer norm and dropout, nothing dropped.</summary>
    public ManagedValueProbe(
        KernelMemory memory,
        DenseLayout policy,
        ManagedNetworks critics,
        ManagedDropoutPass[] passes,
        int batch,
        int actionSize
    )
    {
        (_batch, _actionSize, _actor) = (batch, actionSize, new(memory, policy, batch, 0));
        (_inputs, _outputs) = ([.. passes.Select(p => p.Input)], [.. passes.Select(p => p.Output)]);
        _forward = i =>
        {
            passes[i].DropNothing();
            passes[i].Forward(critics.Parameters, i);
        };
    }

    /// <summary>
    /// Fills <paramref name="values"/>, divided by <paramref name="rewardScale"/>, from <paramref name="observations"/> [n x
    /// obs], raw.
    /// </summary>
    public void Estimate(OffPolicyState state, float* policy, ReadOnlySpan<float> observations, Span<float> values, double rewardScale)
    {
        for (int done = 0; done < values.Length; done += _batch)
        {
            int rows = Math.Min(_batch, values.Length - done);
            for (int row = 0; row < rows; row++)
            {
                state.Normalise(state.Row(observations, done + row), _actor.Input.Span(row));
            }

            _actor.Forward(policy);
            for (int i = 0; i < _inputs.Length; i++)
            {
                ManagedRows.PlaceSquashed(_actor.Input, _actor.Output, rows, _actionSize, _inputs[i]);
                _forward(i);
            }

            for (int row = 0; row < rows; row++)
            {
                values[done + row] = (float)(Lowest(row, _actionSize > 0 ? 0 : Largest(_actor.Output.Span(row))) / rewardScale);
            }
        }
    }

    /// <summary>min_i Q_i of a row at one output; NaN in either is NaN.</summary>
    private float Lowest(int row, int output)
    {
        float lowest = _outputs[0].Row(row)[output];
        for (int i = 1; i < _outputs.Length; i++)
        {
            lowest = MathF.Min(lowest, _outputs[i].Row(row)[output]);
        }

        return lowest;
    }

    private static int Largest(ReadOnlySpan<float> outputs)
    {
        int best = 0;
        for (int a = 1; a < outputs.Length; a++)
        {
            best = outputs[a] > outputs[best] ? a : best;
        }

        return best;
    }
}
