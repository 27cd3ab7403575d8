#if TORCH
using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Networks;

/// <summary>
/// Networks of one shape that learn together, with recorded gradients: all parameters in one flat leaf tensor, network by network in
/// the layout of <see cref="MlpShape"/> with the extras (scales and shifts of normalisations) behind each. The readable form, for
/// learners that serve as the managed ones' reference and on CUDA. Checkpoints are those of <see cref="ManagedNetworks"/>.
/// </summary>
internal sealed class TorchLeafNetworks : IDisposable
{
    private readonly MlpShape _shape;
    private readonly int _length;
    private readonly Tensor _gradients;
    private readonly TorchAdam _adam;

    /// <summary>Makes networks with PyTorch's initial weights; extras start at <paramref name="extras"/>.</summary>
    public TorchLeafNetworks(
        MlpShape shape,
        int count,
        double learningRate,
        CounterRandom random,
        ScalarType type,
        Device device,
        bool targets = false,
        float[]? extras = null,
        double beta1 = 0.9
    )
    {
        (_shape, ExtraCount) = (shape, extras?.Length ?? 0);
        _length = shape.ParameterCount + ExtraCount;
        float[] initial = new float[count * _length];
        for (int n = 0; n < count; n++)
        {
            int i = n * _length;
            for (int l = 0; l < shape.LayerCount; l++)
            {
                double bound = 1 / Math.Sqrt(shape.LayerInputs(l));
                for (int end = (n * _length) + shape.WeightOffset(l + 1); i < end; i++)
                {
                    initial[i] = (float)random.NextDouble(-bound, bound);
                }
            }

            extras?.CopyTo(initial, i);
        }

        using Tensor host = tensor(initial);
        Parameters = zeros(initial.Length, type, device).copy_(host);
        Targets = targets ? Parameters.clone() : zeros(0, type, device);
        _gradients = zeros_like(Parameters);
        _adam = new(Parameters, _gradients, learningRate, beta1: beta1);
        Parameters.requires_grad_(true);
    }

    /// <summary>Extras of each network.</summary>
    public int ExtraCount { get; }

    /// <summary>All parameters, a leaf, [count x (ParameterCount + extras)].</summary>
    public Tensor Parameters { get; }

    /// <summary>The slowly following parameters; empty where there are none.</summary>
    public Tensor Targets { get; }

    /// <summary>Gradient of the newest <see cref="Gradient"/>.</summary>
    public Tensor Gradients => _gradients;

    /// <summary>Network <paramref name="n"/> of a flat tensor.</summary>
    public Tensor Network(Tensor flat, int n) => flat.narrow(0, n * _length, _length);

    /// <summary>x W + b of a layer.</summary>
    public Tensor Dense(Tensor network, int layer, Tensor x)
    {
        int inputs = _shape.LayerInputs(layer),
            outputs = _shape.LayerOutputs(layer);
        return x.mm(network.narrow(0, _shape.WeightOffset(layer), inputs * outputs).view(inputs, outputs))
            .Plus(network.narrow(0, _shape.BiasOffset(layer), outputs));
    }

    /// <summary>The plain ReLU network.</summary>
    public Tensor Forward(Tensor network, Tensor x)
    {
        for (int l = 0; l < _shape.LayerCount; l++)
        {
            x = Dense(network, l, x);
            x = l < _shape.LayerCount - 1 ? x.relu() : x;
        }

        return x;
    }

    /// <summary><paramref name="count"/> extras of a network from <paramref name="start"/> on.</summary>
    public Tensor Extras(Tensor network, int start, int count) => network.narrow(0, _shape.ParameterCount + start, count);

    /// <summary>Computes the gradient of a loss.</summary>
    public void Gradient(Tensor loss)
    {
        using Tensor gradient = autograd.grad([loss], [Parameters])[0];
        _gradients.copy_(gradient);
        GC.KeepAlive(loss);
    }

    /// <summary>One step of the optimiser; false where it was refused.</summary>
    public bool Step()
    {
        using IDisposable off = no_grad();
        return _adam.Step();
    }

    /// <summary>The targets' average.</summary>
    public void Average(double rate)
    {
        using IDisposable off = no_grad();
        using Tensor weight = TorchArithmetic.One(rate, Targets.dtype, Targets.device);
        Targets.lerp_(Parameters, weight);
    }

    /// <summary>Copies network <paramref name="n"/> without its extras.</summary>
    public void CopyTo(int n, Span<float> flat)
    {
        using IDisposable off = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor host = Network(Parameters, n).narrow(0, 0, _shape.ParameterCount).to(ScalarType.Float32).cpu().contiguous();
        TorchMemory.Host(host)[..flat.Length].CopyTo(flat);
    }

    /// <summary>Replaces network <paramref name="n"/> (its extras stay) and forgets the optimiser's moments.</summary>
    public void Replace(int n, float[] flat)
    {
        using IDisposable off = no_grad();
        using Tensor host = tensor(flat),
            network = Network(Parameters, n),
            slice = network.narrow(0, 0, _shape.ParameterCount);
        slice.copy_(host);
        _adam.Reset();
    }

    /// <summary>Carries all networks and targets over to another normaliser of the observation; null: there was none.</summary>
    public void Carry(NormaliserChange? change)
    {
        TorchMemory.Carry(Parameters, _shape, _length, change);
        TorchMemory.Carry(Targets, _shape, _length, change);
    }

    /// <summary>Makes the targets equal to the parameters.</summary>
    public void CopyToTargets()
    {
        using IDisposable off = no_grad();
        Targets.copy_(Parameters);
    }

    /// <summary>Writes parameters and moments under <paramref name="name"/>.</summary>
    public void Save(IStateWriter writer, string name)
    {
        using IDisposable off = no_grad();
        TorchMemory.Write(writer, name + "/parameters", Parameters);
        _adam.Save(writer, name + "/adam");
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Load(IStateReader reader, string name)
    {
        using IDisposable off = no_grad();
        TorchMemory.Read(reader, name + "/parameters", Parameters);
        _adam.Load(reader, name + "/adam");
    }

    public void Dispose()
    {
        _adam.Dispose();
        _gradients.Dispose();
        Targets.Dispose();
        Parameters.Dispose();
    }
}
#endif
