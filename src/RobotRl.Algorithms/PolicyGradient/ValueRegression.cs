using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Checkpoints;

namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>Fits V to fixed targets by minibatches of Adam, and moves nothing that the policy depends on.</summary>
/// <remarks>
/// With a shared trunk only V's own column of its last layer moves: else the regression would undo what a trust region holds.
/// </remarks>
internal sealed class ValueRegression(OnPolicyState state, double learningRate)
{
    private readonly FlatOptimiser _optimiser = new(OptimiserKind.Adam, learningRate, state.Parameters.Length);
    private int[] _order = [];

    /// <summary>Descends (V - R)^2 / 2; returns its mean in the last epoch.</summary>
    /// <param name="targets">R, [steps].</param>
    /// <param name="epochs">Passes.</param>
    /// <param name="batchSize">Steps of a minibatch.</param>
    public float Fit(ReadOnlySpan<float> targets, int epochs, int batchSize)
    {
        int steps = targets.Length;
        if (_order.Length < steps)
        {
            _order = new int[steps];
        }

        for (int t = 0; t < steps; t++)
        {
            _order[t] = t;
        }

        float loss = 0;
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            state.Random.Shuffle(_order.AsSpan(0, steps));
            loss = 0;
            for (int start = 0; start < steps; start += batchSize)
            {
                Span<int> batch = _order.AsSpan(start, Math.Min(batchSize, steps - start));
                Array.Clear(state.Gradient);
                foreach (int t in batch)
                {
                    float error = targets[t] - state.Network.ValueAt(state.Parameters, state.Input(t));
                    state.Network.AccumulateValue(state.Parameters, error / batch.Length, state.Gradient);
                    loss += 0.5f * error * error / steps;
                }

                state.Network.KeepValueOnly(state.Gradient);
                if (state.BoundGradient(0, policy: false))
                {
                    _optimiser.Ascend(state.Parameters, state.Gradient);
                }
            }
        }

        return loss;
    }

    /// <summary>Forgets the optimiser's moments.</summary>
    public void Restart() => _optimiser.Restart();

    /// <summary>Writes the optimiser's state.</summary>
    public void Save(IStateWriter writer) => _optimiser.Save(writer, "critic");

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Load(IStateReader reader) => _optimiser.Load(reader, "critic");
}
