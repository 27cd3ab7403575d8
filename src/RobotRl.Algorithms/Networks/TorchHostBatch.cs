#if TORCH
using RobotRl.Algorithms.Replay;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Networks;

/// <summary>A minibatch in host memory (page-locked where it goes to CUDA), which a replay fills in place.</summary>
internal sealed class TorchHostBatch : IDisposable
{
    /// <summary>Takes the memory.</summary>
    public TorchHostBatch(int batch, int observationSize, int actionSize, int noiseRows, Device device)
    {
        Observations = Host(batch, observationSize);
        Actions = Host(batch, actionSize);
        Returns = Host(batch, 1);
        Bootstraps = Host(batch, 1);
        NextObservations = Host(batch, observationSize);
        Noise = Host(noiseRows, actionSize);

        Tensor Host(int rows, int columns)
        {
            Tensor host = zeros(rows, columns);
            if (device.type == DeviceType.CPU)
            {
                return host;
            }

            using (host)
            {
                return host.pin_memory();
            }
        }
    }

    /// <summary>[batch x obs].</summary>
    public Tensor Observations { get; }

    /// <summary>[batch x action].</summary>
    public Tensor Actions { get; }

    /// <summary>[batch x 1].</summary>
    public Tensor Returns { get; }

    /// <summary>[batch x 1].</summary>
    public Tensor Bootstraps { get; }

    /// <summary>[batch x obs].</summary>
    public Tensor NextObservations { get; }

    /// <summary>[noise rows x action].</summary>
    public Tensor Noise { get; }

    /// <summary>Draws a minibatch and its noise.</summary>
    public void Sample(OffPolicyState state)
    {
        state.Sample(
            new()
            {
                Observations = TorchMemory.Host(Observations),
                Actions = TorchMemory.Host(Actions),
                Returns = TorchMemory.Host(Returns),
                Bootstraps = TorchMemory.Host(Bootstraps),
                NextObservations = TorchMemory.Host(NextObservations),
            }
        );
        state.NoiseRandom.FillGaussian(TorchMemory.Host(Noise));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Observations.Dispose();
        Actions.Dispose();
        Returns.Dispose();
        Bootstraps.Dispose();
        NextObservations.Dispose();
        Noise.Dispose();
    }
}
#endif
