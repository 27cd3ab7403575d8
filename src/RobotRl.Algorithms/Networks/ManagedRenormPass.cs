using RobotRl.Algorithms.Kernels;

namespace RobotRl.Algorithms.Networks;

/// <summary>
/// The activations of one training batch in a ReLU network with batch renormalisation before every dense layer (CrossQ), forwards and
/// backwards. The extras of its <see cref="ManagedNetworks"/> are, layer by layer, scale [inputs] and shift [inputs].
/// </summary>
internal sealed unsafe class ManagedRenormPass
{
    private readonly ManagedNetworks _networks;
    private readonly RenormStatistics _statistics;
    private readonly DenseLayout _layout;
    private readonly Matrix[] _raw,
        _normalised,
        _inputs,
        _gradients;
    private readonly float[][] _inverse,
        _r,
        _d,
        _factor;
    private readonly float[] _mean,
        _variance,
        _shift,
        _sum,
        _product;
    private readonly float* _scratch;

    /// <summary>Takes buffers for <paramref name="rows"/> samples, all of which go back.</summary>
    public ManagedRenormPass(KernelMemory memory, ManagedNetworks networks, RenormStatistics statistics, int rows)
    {
        (_networks, _statistics, _layout) = (networks, statistics, networks.Layout);
        MlpShape shape = _layout.Shape;
        _raw = Matrices();
        _normalised = Matrices();
        _inputs = Matrices();
        _gradients = Matrices();
        _inverse = Arrays();
        _r = Arrays();
        _d = Arrays();
        _factor = Arrays();
        int widest = shape.Hidden.Append(shape.Inputs).Max();
        (_mean, _variance, _shift, _sum, _product) = (
            new float[widest],
            new float[widest],
            new float[widest],
            new float[widest],
            new float[widest]
        );
        Output = memory.Matrix(rows, shape.Outputs);
        OutputGradient = memory.Matrix(rows, shape.Outputs);
        _scratch = memory.Floats(Enumerable.Range(0, shape.LayerCount).Max(l => DenseKernels.ScratchLength(shape.LayerInputs(l), rows)));

        Matrix[] Matrices() => [.. Enumerable.Range(0, shape.LayerCount).Select(l => memory.Matrix(rows, shape.LayerInputs(l)))];
        float[][] Arrays() => [.. Enumerable.Range(0, shape.LayerCount).Select(l => new float[shape.LayerInputs(l)])];
    }

    /// <summary>Where the batch is put before <see cref="Forward"/>, [rows, in].</summary>
    public Matrix Input => _raw[0];

    /// <summary>What <see cref="Forward"/> leaves, [rows, out].</summary>
    public Matrix Output { get; }

    /// <summary>Where the gradient at the output is put before <see cref="Backward"/>, [rows, out].</summary>
    public Matrix OutputGradient { get; }

    /// <summary>Runs the batch through network <paramref name="n"/>; its running statistics take the batch in.</summary>
    public void Forward(int n, bool warm)
    {
        float* network = _networks.Network(_networks.Parameters, n),
            extras = _networks.Extras(_networks.Parameters, n);
        int last = _raw.Length - 1;
        for (int l = 0; l <= last; l++)
        {
            int width = _raw[l].Columns;
            Span<float> mean = _mean.AsSpan(0, width),
                variance = _variance.AsSpan(0, width),
                shift = _shift.AsSpan(0, width);
            BatchRenorm.Statistics(_raw[l], mean, variance);
            _statistics.Correct(n, l, warm, mean, variance, _r[l], _d[l]);
            for (int i = 0; i < width; i++)
            {
                _inverse[l][i] = 1f / MathF.Sqrt(variance[i] + BatchRenorm.Epsilon);
                _factor[l][i] = _r[l][i] * extras[i];
                shift[i] = (_d[l][i] * extras[i]) + extras[width + i];
            }

            BatchRenorm.Forward(_raw[l], mean, _inverse[l], _factor[l], shift, _normalised[l], _inputs[l]);
            DenseKernels.Forward(_inputs[l], network + _layout.Offset(l), l == last ? Output : _raw[l + 1], l < last, _layout.Width);
            extras += 2 * width;
        }
    }

    /// <summary>
    /// Runs <see cref="OutputGradient"/> back through network <paramref name="n"/> and writes its gradient, extras included.
    /// </summary>
    public void Backward(int n)
    {
        Matrix upper = OutputGradient;
        float* gradient = _networks.Network(_networks.Gradients, n),
            network = _networks.Network(_networks.Parameters, n);
        float* extrasGradient = _networks.Extras(_networks.Gradients, n) + _networks.ExtraCount;
        for (int l = _raw.Length - 1; l >= 0; l--)
        {
            DenseKernels.WeightGradient(_inputs[l], upper, gradient + _layout.Offset(l), _scratch, _layout.Width);
            if (upper.Columns == 1)
            {
                SingleOutput.InputGradient(upper, network + _layout.Offset(l), default, _gradients[l]);
            }
            else
            {
                DenseKernels.InputGradient(upper, _networks.Transposed(n, l), default, _gradients[l], _layout.Width);
            }

            // dshift = sum g; dscale = sum g (n r + d).
            int width = _raw[l].Columns,
                rows = _raw[l].Rows;
            Span<float> sum = _sum.AsSpan(0, width),
                product = _product.AsSpan(0, width);
            BatchRenorm.Sums(_gradients[l], _normalised[l], sum, product);
            extrasGradient -= 2 * width;
            for (int i = 0; i < width; i++)
            {
                extrasGradient[i] = (_r[l][i] * product[i]) + (_d[l][i] * sum[i]);
                extrasGradient[width + i] = sum[i];
                sum[i] /= rows;
                product[i] /= rows;
                _factor[l][i] *= _inverse[l][i];
            }

            if (l > 0)
            {
                BatchRenorm.Backward(_gradients[l], _normalised[l], _raw[l], _factor[l], sum, product);
                upper = _gradients[l];
            }
        }
    }
}
