#if TORCH
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Networks;

/// <summary>
/// One or several networks of one shape that learn together: all parameters in one flat tensor, their gradients in another,
/// one optimiser over both. The networks' layers are views.
/// </summary>
internal sealed class TorchNetworks : IDisposable
{
    /// <summary>Makes <paramref name="count"/> networks with PyTorch's initial weights, U(-1, 1) / sqrt(inputs) for weights and biases.</summary>
    public TorchNetworks(MlpShape shape, int count, double learningRate, CounterRandom random, ScalarType type, Device device)
    {
        float[] initial = new float[count * shape.ParameterCount];
        for (int n = 0, i = 0; n < count; n++)
        {
            for (int l = 0; l < shape.LayerCount; l++)
            {
                double bound = 1 / Math.Sqrt(shape.LayerInputs(l));
                for (int end = (n * shape.ParameterCount) + shape.WeightOffset(l + 1); i < end; i++)
                {
                    initial[i] = (float)random.NextDouble(-bound, bound);
                }
            }
        }

        using Tensor host = tensor(initial);
        Parameters = zeros(initial.Length, type, device).copy_(host);
        Gradients = zeros_like(Parameters);
        Adam = new(Parameters, Gradients, learningRate);
        Networks = Views(shape, count, Parameters);
        NetworkGradients = Views(shape, count, Gradients);
    }

    /// <summary>All parameters, [count x ParameterCount].</summary>
    public Tensor Parameters { get; }

    /// <summary>Gradient of <see cref="Parameters"/>.</summary>
    public Tensor Gradients { get; }

    /// <summary>Their optimiser.</summary>
    public TorchAdam Adam { get; }

    /// <summary>The networks, views of <see cref="Parameters"/>.</summary>
    public TorchMlp[] Networks { get; }

    /// <summary>The networks' gradients, views of <see cref="Gradients"/>.</summary>
    public TorchMlp[] NetworkGradients { get; }

    /// <summary><paramref name="count"/> networks as views of a flat tensor.</summary>
    public static TorchMlp[] Views(MlpShape shape, int count, Tensor flat)
    {
        var networks = new TorchMlp[count];
        for (int n = 0; n < count; n++)
        {
            using Tensor slice = flat.narrow(0, n * shape.ParameterCount, shape.ParameterCount);
            networks[n] = new(shape, slice);
        }

        return networks;
    }

    /// <summary>Writes parameters and moments under <paramref name="name"/>.</summary>
    public void Save(IStateWriter writer, string name)
    {
        TorchMemory.Write(writer, name + "/parameters", Parameters);
        Adam.Save(writer, name + "/adam");
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Load(IStateReader reader, string name)
    {
        TorchMemory.Read(reader, name + "/parameters", Parameters);
        Adam.Load(reader, name + "/adam");
    }

    public void Dispose()
    {
        foreach (IDisposable part in (IEnumerable<IDisposable>)[.. Networks, .. NetworkGradients, Adam, Parameters, Gradients])
        {
            part.Dispose();
        }
    }
}
#endif
