#if TORCH
using RobotRl.Algorithms.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Networks;

/// <summary>
/// One batch on its way through a ReLU network and back: preallocated inputs, activations and their gradients. The passes are
/// written out, not recorded: with z = [x 1] W and h = max(0, z), backwards dW = [x 1]^T dz and dx = dz W^T, dz = dh (h > 0).
/// </summary>
/// <remarks>No operation allocates; a test holds the gradients against automatic differentiation and finite differences.</remarks>
internal sealed class TorchMlpPass : IDisposable
{
    private const int RowAlignment = 16; // floats: rows of 64 bytes
    private readonly List<Tensor> _owned = [];
    private readonly Scalar _one = TorchArithmetic.Constant(1);
    private readonly Tensor[] _augmented,
        _augmentedTransposed,
        _storage,
        _hidden,
        _signs,
        _gradients;

    /// <summary>Makes buffers for <paramref name="rows"/> samples, the first <paramref name="backwardRows"/> of which go back.</summary>
    public TorchMlpPass(MlpShape shape, int rows, int backwardRows, ScalarType type, Device device)
    {
        if (shape.Activation != Activation.Relu || shape.LayerNorm || shape.UnitFeatures)
        {
            throw new ArgumentException("TorchMlpPass computes ReLU networks without layer norm.", nameof(shape));
        }

        int layers = shape.LayerCount;
        (_augmented, _augmentedTransposed, _storage) = (new Tensor[layers], new Tensor[layers], new Tensor[layers]);
        (_hidden, _signs, _gradients) = (new Tensor[layers], new Tensor[layers], new Tensor[layers]);
        for (int l = 0; l < layers; l++)
        {
            int width = shape.LayerInputs(l),
                stride = (width + RowAlignment) / RowAlignment * RowAlignment;
            Tensor storage = _storage[l] = Own(zeros(rows, stride, type, device));
            using (Tensor ones = storage.narrow(1, width, 1))
            {
                ones.SetTo(1);
            }

            _hidden[l] = Own(storage.narrow(1, 0, width));
            _augmented[l] = Own(storage.narrow(1, 0, width + 1));
            if (backwardRows > 0)
            {
                using Tensor back = storage.narrow(0, 0, backwardRows);
                using Tensor backAugmented = back.narrow(1, 0, width + 1);
                _augmentedTransposed[l] = Own(backAugmented.t());
                _signs[l] = Own(back.narrow(1, 0, width));
                _gradients[l] = Own(zeros(backwardRows, width, type, device));
            }
        }

        Input = _hidden[0];
        Output = Own(zeros(rows, shape.Outputs, type, device));
    }

    /// <summary>Where the batch is put before <see cref="Forward"/>, [rows, in].</summary>
    public Tensor Input { get; }

    /// <summary>What <see cref="Forward"/> leaves, [rows, out].</summary>
    public Tensor Output { get; }

    /// <summary>The last hidden layer after <see cref="Forward"/>, [rows, last hidden]; <see cref="Backward"/> uses it up.</summary>
    public Tensor Features => _hidden[^1];

    /// <summary>Gradient at the first layer's pre-activation after <see cref="Backward"/>, [backward rows, first hidden].</summary>
    public Tensor FirstGradient => _gradients[1];

    /// <summary>
    /// Columns <paramref name="start"/> to <paramref name="start"/> + <paramref name="count"/> of <see cref="Input"/>; owned by
    /// the pass.
    /// </summary>
    public Tensor InputColumns(int start, int count) => Own(Input.narrow(1, start, count));

    /// <summary>
    /// Inputs of layer <paramref name="layer"/> in host memory: what the layer below left, rows of <paramref name="stride"/>
    /// floats.
    /// </summary>
    public ReadOnlySpan<float> Activations(int layer, out int stride)
    {
        stride = (int)_storage[layer].stride(0);
        return TorchMemory.Host(_storage[layer]);
    }

    /// <summary>Runs the batch through <paramref name="network"/>.</summary>
    public void Forward(TorchMlp network)
    {
        int last = network.Layers.Length - 1;
        for (int l = 0; l < last; l++)
        {
            _hidden[l + 1].addmm_(_augmented[l], network.Layers[l], beta: 0, alpha: 1);
            _storage[l + 1].relu_(); // the column of ones stays
        }

        Output.addmm_(_augmented[last], network.Layers[last], beta: 0, alpha: 1);
    }

    /// <summary>
    /// Runs <paramref name="outputGradient"/> [backward rows, out] back; once per <see cref="Forward"/>, whose activations it
    /// uses up. Overwrites <paramref name="gradient"/>, the parameters' gradient, where one is asked for.
    /// </summary>
    /// <param name="network">The network that went forward.</param>
    /// <param name="gradient">Where its parameters' gradient goes, or null.</param>
    /// <param name="outputGradient">Gradient at <see cref="Output"/>.</param>
    /// <param name="featureGradient">What reaches <see cref="Features"/> beside that, [backward rows, last hidden], or null.</param>
    public void Backward(TorchMlp network, TorchMlp? gradient, Tensor outputGradient, Tensor? featureGradient = null)
    {
        Tensor upper = outputGradient;
        for (int l = network.Layers.Length - 1; l >= 0; l--)
        {
            gradient?.Layers[l].addmm_(_augmentedTransposed[l], upper, beta: 0, alpha: 1);
            if (l > 0)
            {
                _gradients[l].addmm_(upper, network.WeightsTransposed[l], beta: 0, alpha: 1);
                if (featureGradient is not null && l == network.Layers.Length - 1)
                {
                    _gradients[l].add_(featureGradient, _one);
                }

                upper = _gradients[l].mul_(_signs[l].sign_()); // h is at least 0, so its sign is (h > 0)
            }
        }
    }

    public void Dispose() => _owned.ForEach(t => t.Dispose());

    private Tensor Own(Tensor tensor)
    {
        _owned.Add(tensor);
        return tensor;
    }
}
#endif
