using RobotRl.Algorithms.Kernels;

namespace RobotRl.Algorithms.Networks;

/// <summary>
/// The activations of one batch in a ReLU network of <see cref="ManagedNetworks"/>, forwards and backwards. What is written out in
/// <c>TorchMlpPass</c> with libtorch's products, with ours.
/// </summary>
internal sealed unsafe class ManagedMlpPass
{
    private readonly DenseLayout _layout;
    private readonly Matrix[] _inputs,
        _gradients;
    private readonly float* _scratch;
    private readonly int _backwardRows;

    /// <summary>Takes buffers for <paramref name="rows"/> samples, the first <paramref name="backwardRows"/> of which go back.</summary>
    public ManagedMlpPass(KernelMemory memory, DenseLayout layout, int rows, int backwardRows)
    {
        MlpShape shape = layout.Shape;
        if (shape.Activation != Activation.Relu || shape.LayerNorm || shape.UnitFeatures)
        {
            throw new ArgumentException("ManagedMlpPass computes ReLU networks without layer norm.", nameof(layout));
        }

        (_layout, _backwardRows) = (layout, backwardRows);
        _inputs = [.. Enumerable.Range(0, shape.LayerCount).Select(l => memory.Matrix(rows, shape.LayerInputs(l)))];
        _gradients = new Matrix[shape.LayerCount];
        Output = memory.Matrix(rows, shape.Outputs);
        if (backwardRows > 0)
        {
            long scratch = 0;
            for (int l = 0; l < shape.LayerCount; l++)
            {
                _gradients[l] = l == 0 ? default : memory.Matrix(backwardRows, shape.LayerInputs(l));
                scratch = Math.Max(scratch, DenseKernels.ScratchLength(shape.LayerInputs(l), backwardRows));
            }

            _scratch = memory.Floats(scratch);
            OutputGradient = memory.Matrix(backwardRows, shape.Outputs);
        }
    }

    /// <summary>Where the batch is put before <see cref="Forward"/>, [rows, in].</summary>
    public Matrix Input => _inputs[0];

    /// <summary>What <see cref="Forward"/> leaves, [rows, out].</summary>
    public Matrix Output { get; }

    /// <summary>Where the gradient at the output is put before <see cref="Backward"/>, [backward rows, out].</summary>
    public Matrix OutputGradient { get; }

    /// <summary>Gradient at the first layer's pre-activation after <see cref="Backward"/>, [backward rows, first hidden].</summary>
    public Matrix FirstGradient => _gradients[1];

    /// <summary>Inputs of layer <paramref name="layer"/>: what the layer below left, after its ReLU.</summary>
    public Matrix Activations(int layer) => _inputs[layer];

    /// <summary>Runs the batch through a network.</summary>
    /// <param name="network">Its packed parameters.</param>
    public void Forward(float* network)
    {
        int last = _inputs.Length - 1;
        for (int l = 0; l <= last; l++)
        {
            DenseKernels.Forward(_inputs[l], network + _layout.Offset(l), l == last ? Output : _inputs[l + 1], l < last, _layout.Width);
        }
    }

    /// <summary>
    /// Runs <see cref="OutputGradient"/> back through network <paramref name="n"/> of <paramref name="networks"/>, which must be the
    /// one that <see cref="Forward"/> had. Writes its gradient where <paramref name="weights"/> says so. Where the last hidden layer
    /// serves something besides the output, <paramref name="besides"/> is the gradient at it from there, [backward rows, last hidden].
    /// </summary>
    public void Backward(ManagedNetworks networks, int n, bool weights, in Matrix besides = default)
    {
        Matrix upper = OutputGradient;
        float* gradient = networks.Network(networks.Gradients, n),
            network = networks.Network(networks.Parameters, n);
        for (int l = _inputs.Length - 1; l >= 0; l--)
        {
            Matrix input = _inputs[l].Part(0, _backwardRows);
            if (weights)
            {
                DenseKernels.WeightGradient(input, upper, gradient + _layout.Offset(l), _scratch, _layout.Width);
            }

            if (l == 0)
            {
                return;
            }

            if (upper.Columns == 1)
            {
                SingleOutput.InputGradient(upper, network + _layout.Offset(l), input, _gradients[l]);
            }
            else
            {
                DenseKernels.InputGradient(upper, networks.Transposed(n, l), input, _gradients[l], _layout.Width);
            }

            upper = _gradients[l];
            if (besides.Data != 0 && l == _inputs.Length - 1)
            {
                for (int row = 0; row < _backwardRows; row++)
                {
                    Span<float> to = upper.Span(row),
                        more = besides.Span(row);
                    for (int i = 0; i < to.Length; i++)
                    {
                        to[i] += more[i];
                    }
                }
            }
        }
    }
}
