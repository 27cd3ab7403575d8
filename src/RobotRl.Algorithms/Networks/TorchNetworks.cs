#if TORCH
using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Networks;

/// <summary>
/// One or several networks of one shape that learn together: all parameters in one flat tensor, their gradients in another,
/// one optimiser over both. The networks' layers are views. Each network may have extras, learned numbers behind its layers.
/// </summary>
internal sealed class TorchNetworks : IDisposable
{
    private readonly int _extraCount;
    private readonly MlpShape _shape;

    /// <summary>
    /// Makes <paramref name="count"/> networks with PyTorch's initial weights, U(-1, 1) / sqrt(inputs) for weights and biases, and
    /// <paramref name="extras"/> behind each.
    /// </summary>
    public TorchNetworks(
        MlpShape shape,
        int count,
        double learningRate,
        CounterRandom random,
        ScalarType type,
        Device device,
        ReadOnlySpan<float> extras = default
    )
    {
        (_extraCount, _shape) = (extras.Length, shape);
        int stride = shape.ParameterCount + extras.Length;
        float[] initial = new float[count * stride];
        for (int n = 0; n < count; n++)
        {
            int i = n * stride;
            extras.CopyTo(initial.AsSpan(i + shape.ParameterCount));
            for (int l = 0; l < shape.LayerCount; l++)
            {
                double bound = 1 / Math.Sqrt(shape.LayerInputs(l));
                for (int end = (n * stride) + shape.WeightOffset(l + 1); i < end; i++)
                {
                    initial[i] = (float)random.NextDouble(-bound, bound);
                }
            }
        }

        using Tensor host = tensor(initial);
        Parameters = zeros(initial.Length, type, device).copy_(host);
        Gradients = zeros_like(Parameters);
        Adam = new(Parameters, Gradients, learningRate);
        Networks = Views(shape, count, Parameters, extras.Length);
        NetworkGradients = Views(shape, count, Gradients, extras.Length);
    }

    /// <summary>All parameters, [count x (ParameterCount + extras)].</summary>
    public Tensor Parameters { get; }

    /// <summary>Gradient of <see cref="Parameters"/>.</summary>
    public Tensor Gradients { get; }

    /// <summary>Their optimiser.</summary>
    public TorchAdam Adam { get; }

    /// <summary>The networks, views of <see cref="Parameters"/>.</summary>
    public TorchMlp[] Networks { get; }

    /// <summary>The networks' gradients, views of <see cref="Gradients"/>.</summary>
    public TorchMlp[] NetworkGradients { get; }

    /// <summary>The last network's extras in <see cref="Parameters"/> or <see cref="Gradients"/>; the caller's to dispose.</summary>
    public Tensor LastExtras(Tensor block) => block.narrow(0, block.shape[0] - _extraCount, _extraCount);

    /// <summary>
    /// <paramref name="count"/> networks, each with <paramref name="extras"/> numbers behind it, as views of a flat tensor.
    /// </summary>
    public static TorchMlp[] Views(MlpShape shape, int count, Tensor flat, int extras = 0)
    {
        var networks = new TorchMlp[count];
        for (int n = 0; n < count; n++)
        {
            using Tensor slice = flat.narrow(0, n * (shape.ParameterCount + extras), shape.ParameterCount);
            networks[n] = new(shape, slice);
        }

        return networks;
    }

    /// <summary>
    /// Carries all networks and <paramref name="targets"/>, a block like theirs, over to another normaliser of the observation;
    /// null: there was none.
    /// </summary>
    public void Carry(NormaliserChange? change, Tensor targets)
    {
        TorchMemory.Carry(Parameters, _shape, _shape.ParameterCount + _extraCount, change);
        TorchMemory.Carry(targets, _shape, _shape.ParameterCount + _extraCount, change);
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
