#if TORCH
using RobotRl.Algorithms.Replay;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Networks;

/// <summary>Values of raw observations under a frozen squashed policy: min_i Q_i(s, tanh(mu(s))), batch by batch.</summary>
internal sealed class TorchTwinProbe : IDisposable
{
    private readonly TorchMlpPass _actor;
    private readonly TorchMlpPass[] _critics;
    private readonly Tensor _host,
        _mean;
    private readonly Tensor[] _states,
        _actions;
    private readonly int _batch,
        _observationSize;

    /// <summary>Takes buffers for <paramref name="batch"/> observations at a time.</summary>
    public TorchTwinProbe(MlpShape actor, MlpShape critic, int batch, int actionSize, ScalarType type, Device device)
    {
        (_batch, _observationSize) = (batch, actor.Inputs);
        _actor = new(actor, batch, 0, type, device);
        _critics = [new(critic, batch, 0, type, device), new(critic, batch, 0, type, device)];
        _host = zeros(batch, actor.Inputs);
        _mean = _actor.Output.narrow(1, 0, actionSize);
        _states = [.. _critics.Select(c => c.InputColumns(0, actor.Inputs))];
        _actions = [.. _critics.Select(c => c.InputColumns(actor.Inputs, actionSize))];
    }

    /// <summary>
    /// Fills <paramref name="values"/>, divided by <paramref name="rewardScale"/>, from <paramref name="observations"/> [n x
    /// obs].
    /// </summary>
    public void Estimate(
        OffPolicyState state,
        TorchMlp policy,
        TorchMlp[] critics,
        ReadOnlySpan<float> observations,
        Span<float> values,
        double rewardScale
    )
    {
        Span<float> staging = TorchMemory.Host(_host);
        for (int done = 0; done < values.Length; done += _batch)
        {
            int rows = Math.Min(_batch, values.Length - done),
                count = rows * _observationSize;
            state.Normalise(observations.Slice(done * _observationSize, count), staging[..count]);
            _actor.Input.copy_(_host);
            _actor.Forward(policy);
            for (int i = 0; i < 2; i++)
            {
                _states[i].copy_(_actor.Input);
                _actions[i].copy_(_mean).tanh_();
                _critics[i].Forward(critics[i]);
            }

            using Tensor lowest = minimum(_critics[0].Output, _critics[1].Output);
            using Tensor host = lowest.cpu();
            for (int row = 0; row < rows; row++)
            {
                values[done + row] = (float)(TorchMemory.Host(host)[row] / rewardScale);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor view in (ReadOnlySpan<Tensor>)[_mean, _host, .. _states, .. _actions])
        {
            view.Dispose();
        }

        _critics[0].Dispose();
        _critics[1].Dispose();
        _actor.Dispose();
    }
}
#endif
