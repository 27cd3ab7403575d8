using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Randomness;

namespace RobotRl.Algorithms.Networks;

/// <summary>
/// The activations of one batch in a network whose hidden layers are dense, dropout, layer norm, ReLU (DroQ's critics), forwards and
/// backwards. The extras of its <see cref="ManagedNetworks"/> are, hidden layer by hidden layer, scale [width] and shift [width].
/// </summary>
internal sealed unsafe class ManagedDropoutPass
{
    private readonly ManagedNetworks _networks;
    private readonly DenseLayout _layout;
    private readonly Matrix[] _inputs,
        _normalised,
        _gradients;
    private readonly float[][] _inverse;
    private readonly DropoutPositions[] _dropped;
    private readonly float* _scratch;
    private readonly float _factor;
    private float _keep;

    /// <summary>Takes buffers for <paramref name="rows"/> samples, which go back where <paramref name="backward"/> says so.</summary>
    public ManagedDropoutPass(KernelMemory memory, ManagedNetworks networks, int rows, bool backward, double rate)
    {
        (_networks, _layout) = (networks, networks.Layout);
        MlpShape shape = _layout.Shape;
        _factor = (float)(1 / (1 - rate));
        _inputs = [.. Enumerable.Range(0, shape.LayerCount).Select(l => memory.Matrix(rows, shape.LayerInputs(l)))];
        _normalised = [.. Enumerable.Range(0, shape.LayerCount).Select(l => l == 0 ? default : memory.Matrix(rows, shape.LayerInputs(l)))];
        _inverse = [.. Enumerable.Range(0, shape.LayerCount).Select(_ => new float[rows])];
        _dropped =
        [
            .. Enumerable.Range(0, shape.LayerCount).Select(l => new DropoutPositions(l == 0 ? 0 : rows * shape.LayerInputs(l), rate)),
        ];
        _gradients = new Matrix[shape.LayerCount];
        Output = memory.Matrix(rows, shape.Outputs);
        if (backward)
        {
            long scratch = 0;
            for (int l = 0; l < shape.LayerCount; l++)
            {
                _gradients[l] = l == 0 ? default : memory.Matrix(rows, shape.LayerInputs(l));
                scratch = Math.Max(scratch, DenseKernels.ScratchLength(shape.LayerInputs(l), rows));
            }

            _scratch = memory.Floats(scratch);
            OutputGradient = memory.Matrix(rows, shape.Outputs);
        }
    }

    /// <summary>Extras of a network of <paramref name="shape"/>, with scales of 1 and shifts of 0.</summary>
    public static float[] InitialExtras(MlpShape shape) =>
        [.. shape.Hidden.SelectMany(w => Enumerable.Repeat(1f, w).Concat(Enumerable.Repeat(0f, w)))];

    /// <summary>Where the batch is put before <see cref="Forward"/>, [rows, in].</summary>
    public Matrix Input => _inputs[0];

    /// <summary>What <see cref="Forward"/> leaves, [rows, out].</summary>
    public Matrix Output { get; }

    /// <summary>Where the gradient at the output is put before <see cref="Backward"/>, [rows, out].</summary>
    public Matrix OutputGradient { get; }

    /// <summary>Gradient at the first layer's pre-activation after <see cref="Backward"/>.</summary>
    public Matrix FirstGradient => _gradients[1];

    /// <summary>Draws what the next <see cref="Forward"/> drops, hidden layer by hidden layer.</summary>
    public void Draw(CounterRandom random)
    {
        _keep = _factor;
        for (int l = 1; l < _inputs.Length; l++)
        {
            _dropped[l].Draw(random);
        }
    }

    /// <summary><see cref="Draw(CounterRandom)"/> for each of several passes in turn.</summary>
    public static void Draw(CounterRandom random, ManagedDropoutPass[] passes)
    {
        foreach (ManagedDropoutPass pass in passes)
        {
            pass.Draw(random);
        }
    }

    /// <summary>The next <see cref="Forward"/> drops nothing: the network as it is evaluated.</summary>
    public void DropNothing()
    {
        _keep = 1;
        for (int l = 1; l < _inputs.Length; l++)
        {
            _dropped[l].Clear();
        }
    }

    /// <summary>Runs the batch through network <paramref name="n"/> of a block of the networks.</summary>
    public void Forward(float* block, int n)
    {
        float* network = _networks.Network(block, n),
            extras = _networks.Extras(block, n);
        int last = _inputs.Length - 1;
        for (int l = 0; l <= last; l++)
        {
            DenseKernels.Forward(_inputs[l], network + _layout.Offset(l), l == last ? Output : _inputs[l + 1], false, _layout.Width);
            if (l < last)
            {
                int width = _inputs[l + 1].Columns;
                LayerNormRows.Forward(
                    _inputs[l + 1],
                    _dropped[l + 1].Positions,
                    _keep,
                    extras,
                    extras + width,
                    _normalised[l + 1],
                    _inverse[l + 1]
                );
                extras += 2 * width;
            }
        }
    }

    /// <summary>
    /// Runs <see cref="OutputGradient"/> back through network <paramref name="n"/>'s parameters, which <see cref="Forward"/> must have
    /// had. Writes its gradient where <paramref name="weights"/> says so.
    /// </summary>
    public void Backward(int n, bool weights)
    {
        Matrix upper = OutputGradient;
        float* gradient = _networks.Network(_networks.Gradients, n),
            network = _networks.Network(_networks.Parameters, n);
        float* extras = _networks.Extras(_networks.Parameters, n) + _networks.ExtraCount,
            extrasGradient = _networks.Extras(_networks.Gradients, n);
        if (weights)
        {
            new Span<float>(extrasGradient, _networks.ExtraCount).Clear();
        }

        extrasGradient += _networks.ExtraCount;
        for (int l = _inputs.Length - 1; l >= 0; l--)
        {
            if (weights)
            {
                DenseKernels.WeightGradient(_inputs[l], upper, gradient + _layout.Offset(l), _scratch, _layout.Width);
            }

            if (l == 0)
            {
                return;
            }

            if (upper.Columns == 1)
            {
                SingleOutput.InputGradient(upper, network + _layout.Offset(l), _inputs[l], _gradients[l]);
            }
            else
            {
                DenseKernels.InputGradient(upper, _networks.Transposed(n, l), _inputs[l], _gradients[l], _layout.Width);
            }

            int width = _inputs[l].Columns;
            extras -= 2 * width;
            extrasGradient -= 2 * width;
            LayerNormRows.Backward(
                _gradients[l],
                _dropped[l].Positions,
                _keep,
                extras,
                _normalised[l],
                _inverse[l],
                weights ? extrasGradient : null,
                extrasGradient + width
            );
            upper = _gradients[l];
        }
    }
}
