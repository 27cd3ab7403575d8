using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Randomness;

namespace RobotRl.Algorithms.Networks;

/// <summary>
/// One or several networks of one shape that learn together, in native memory: parameters, gradients, moments and the slowly
/// following targets are one packed block each; optimiser and target average are one pass over them. Each network may have
/// <c>extras</c>, learned numbers beside its layers (scales and shifts of normalisations). Checkpoints hold what
/// <c>TorchNetworks</c> writes: parameters network by network in the layout of <see cref="MlpShape"/>, then the extras.
/// </summary>
internal sealed unsafe class ManagedNetworks
{
    private readonly int _stride,
        _flatLength;
    private readonly double _learningRate;
    private readonly float _beta1;
    private readonly float* _first,
        _second;
    private readonly float*[] _transposed;
    private readonly bool[] _stale;
    private readonly float[] _flat;
    private long _steps;

    /// <summary>Makes networks with PyTorch's initial weights, U(-1, 1) / sqrt(inputs) for weights and biases.</summary>
    /// <param name="memory">Where the blocks come from.</param>
    /// <param name="shape">Shape of each.</param>
    /// <param name="count">How many.</param>
    /// <param name="learningRate">Adam's step size.</param>
    /// <param name="random">Source of the weights.</param>
    /// <param name="width">Registers.</param>
    /// <param name="targets">Whether there are targets, a copy at first.</param>
    /// <param name="extras">Learned numbers beside the layers at the start, each network; null where there are none.</param>
    /// <param name="beta1">Adam's.</param>
    /// <param name="transposeFirst">Whether the first layer is needed transposed too.</param>
    public ManagedNetworks(
        KernelMemory memory,
        MlpShape shape,
        int count,
        double learningRate,
        CounterRandom random,
        SimdWidth width,
        bool targets = false,
        float[]? extras = null,
        float beta1 = 0.9f,
        bool transposeFirst = false
    )
    {
        Layout = new(shape, width);
        (Count, _learningRate, _beta1, ExtraCount) = (count, learningRate, beta1, extras?.Length ?? 0);
        _stride = Layout.Length + ((ExtraCount + 15) / 16 * 16);
        Length = (long)count * _stride;
        _flatLength = shape.ParameterCount + ExtraCount;
        _flat = new float[count * _flatLength];
        Parameters = memory.Floats(Length);
        Gradients = memory.Floats(Length);
        _first = memory.Floats(Length);
        _second = memory.Floats(Length);
        Targets = targets ? memory.Floats(Length) : null;
        _transposed = new float*[count * shape.LayerCount];
        _stale = new bool[count];
        for (int n = 0; n < count; n++)
        {
            int i = n * _flatLength;
            for (int l = 0; l < shape.LayerCount; l++)
            {
                double bound = 1 / Math.Sqrt(shape.LayerInputs(l));
                for (int end = (n * _flatLength) + shape.WeightOffset(l + 1); i < end; i++)
                {
                    _flat[i] = (float)random.NextDouble(-bound, bound);
                }

                if ((l > 0 || transposeFirst) && shape.LayerOutputs(l) > 1)
                {
                    _transposed[(n * shape.LayerCount) + l] = memory.Floats(
                        DenseKernels.TransposedLength(shape.LayerInputs(l), shape.LayerOutputs(l), width)
                    );
                }
            }

            extras?.CopyTo(_flat, i);
        }

        FromFlat(Parameters);
        CopyToTargets();
        Array.Fill(_stale, true);
    }

    public DenseLayout Layout { get; }

    /// <summary>How many networks.</summary>
    public int Count { get; }

    /// <summary>Floats of each block.</summary>
    public long Length { get; }

    /// <summary>Extras of each network.</summary>
    public int ExtraCount { get; }

    public float* Parameters { get; }

    public float* Gradients { get; }

    /// <summary>The targets, or null.</summary>
    public float* Targets { get; }

    /// <summary>Network <paramref name="n"/> of a block.</summary>
    public float* Network(float* block, int n) => block + ((long)n * _stride);

    /// <summary>Extras of network <paramref name="n"/> of a block.</summary>
    public float* Extras(float* block, int n) => Network(block, n) + Layout.Length;

    /// <summary>
    /// Transposed packing of layer <paramref name="layer"/>, above the first (unless that was asked for) and with more than one
    /// output, of network <paramref name="n"/>, up to date.
    /// </summary>
    public float* Transposed(int n, int layer)
    {
        MlpShape shape = Layout.Shape;
        if (_stale[n])
        {
            for (int l = 0; l < shape.LayerCount; l++)
            {
                if (_transposed[(n * shape.LayerCount) + l] != null)
                {
                    DenseKernels.PackTransposed(
                        Network(Parameters, n) + Layout.Offset(l),
                        shape.LayerInputs(l),
                        shape.LayerOutputs(l),
                        0,
                        shape.LayerInputs(l),
                        _transposed[(n * shape.LayerCount) + l],
                        Layout.Width
                    );
                }
            }

            _stale[n] = false;
        }

        return _transposed[(n * shape.LayerCount) + layer];
    }

    /// <summary>
    /// One step of Adam, and of the targets' average where <paramref name="targetRate"/> is above 0; false, and nothing is
    /// changed, where the gradient is not finite.
    /// </summary>
    public bool Step(float targetRate = 0)
    {
        if (
            !AdamKernel.Step(
                Parameters,
                Gradients,
                _first,
                _second,
                Length,
                _steps + 1,
                _learningRate,
                _beta1,
                targetRate > 0 ? Targets : null,
                targetRate
            )
        )
        {
            return false;
        }

        _steps++;
        Array.Fill(_stale, true);
        return true;
    }

    /// <summary>The targets' average alone.</summary>
    public void Average(float targetRate) => AdamKernel.Average(Parameters, Targets, Length, targetRate);

    /// <summary>Makes the targets equal to the parameters.</summary>
    public void CopyToTargets()
    {
        if (Targets != null)
        {
            new ReadOnlySpan<float>(Parameters, (int)Length).CopyTo(new Span<float>(Targets, (int)Length));
        }
    }

    /// <summary>Copies network <paramref name="n"/> to the flat layout; [ParameterCount], without extras.</summary>
    public void CopyTo(int n, Span<float> flat) => Layout.Unpack(Network(Parameters, n), flat);

    /// <summary>Copies network <paramref name="n"/> and, behind it, its extras: what a policy's block holds.</summary>
    public void CopyWithExtras(int n, Span<float> flat)
    {
        CopyTo(n, flat[..Layout.Shape.ParameterCount]);
        new ReadOnlySpan<float>(Extras(Parameters, n), ExtraCount).CopyTo(flat[Layout.Shape.ParameterCount..]);
    }

    /// <summary><see cref="Replace"/>, the extras behind the network included.</summary>
    public void ReplaceWithExtras(int n, ReadOnlySpan<float> flat)
    {
        Replace(n, flat[..Layout.Shape.ParameterCount]);
        flat[Layout.Shape.ParameterCount..].CopyTo(new Span<float>(Extras(Parameters, n), ExtraCount));
    }

    /// <summary>Copies the extras of network <paramref name="n"/>, and returns them.</summary>
    public float[] CopyExtras(int n, float[] extras)
    {
        new ReadOnlySpan<float>(Extras(Parameters, n), ExtraCount).CopyTo(extras);
        return extras;
    }

    /// <summary>Replaces network <paramref name="n"/> (its extras stay) and forgets the optimiser's moments.</summary>
    public void Replace(int n, ReadOnlySpan<float> flat)
    {
        Layout.Pack(flat, Network(Parameters, n));
        _steps = 0;
        new Span<float>(_first, (int)Length).Clear();
        new Span<float>(_second, (int)Length).Clear();
        _stale[n] = true;
    }

    /// <summary>Carries all networks and targets over to another normaliser of the observation; null: there was none.</summary>
    public void Carry(NormaliserChange? change)
    {
        if (change is null)
        {
            return;
        }

        Carry(Parameters, change);
        if (Targets != null)
        {
            Carry(Targets, change);
        }

        Changed();
    }

    private void Carry(float* block, NormaliserChange change)
    {
        Flat(block);
        for (int n = 0; n < Count; n++)
        {
            change.Carry(Layout.Shape, _flat.AsSpan(n * _flatLength, Layout.Shape.ParameterCount));
        }

        FromFlat(block);
    }

    /// <summary>Says that the parameters were written to.</summary>
    public void Changed() => Array.Fill(_stale, true);

    /// <summary>Writes parameters and moments under <paramref name="name"/>.</summary>
    public void Save(IStateWriter writer, string name)
    {
        writer.Write(name + "/parameters", Flat(Parameters));
        writer.Write(name + "/adam/steps", _steps);
        writer.Write(name + "/adam/first", Flat(_first));
        writer.Write(name + "/adam/second", Flat(_second));
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Load(IStateReader reader, string name)
    {
        ReadBlock(reader, name + "/parameters", Parameters);
        _steps = reader.ReadInt64(name + "/adam/steps");
        ReadBlock(reader, name + "/adam/first", _first);
        ReadBlock(reader, name + "/adam/second", _second);
        Changed();
    }

    /// <summary>Writes the targets.</summary>
    public void SaveTargets(IStateWriter writer, string name) => writer.Write(name, Flat(Targets));

    /// <summary>Reads the targets.</summary>
    public void LoadTargets(IStateReader reader, string name) => ReadBlock(reader, name, Targets);

    /// <summary>A block in the flat layout, network by network; valid until the next call.</summary>
    public ReadOnlySpan<float> Flat(float* block)
    {
        for (int n = 0; n < Count; n++)
        {
            Span<float> one = _flat.AsSpan(n * _flatLength, _flatLength);
            Layout.Unpack(Network(block, n), one[..Layout.Shape.ParameterCount]);
            new ReadOnlySpan<float>(Extras(block, n), ExtraCount).CopyTo(one[Layout.Shape.ParameterCount..]);
        }

        return _flat;
    }

    private void ReadBlock(IStateReader reader, string name, float* block)
    {
        reader.Read(name, _flat.AsSpan());
        FromFlat(block);
    }

    private void FromFlat(float* block)
    {
        for (int n = 0; n < Count; n++)
        {
            ReadOnlySpan<float> one = _flat.AsSpan(n * _flatLength, _flatLength);
            Layout.Pack(one[..Layout.Shape.ParameterCount], Network(block, n));
            one[Layout.Shape.ParameterCount..].CopyTo(new Span<float>(Extras(block, n), ExtraCount));
        }
    }
}
