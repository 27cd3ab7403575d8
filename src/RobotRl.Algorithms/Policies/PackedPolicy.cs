using System.Runtime.InteropServices;
using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Randomness;

namespace RobotRl.Algorithms.Policies;

/// <summary>
/// A policy laid out for acting: SIMD code on aligned native memory, without allocation, lock or call into a native library,
/// fit for the control thread. It draws what the learner's own network would draw from the same noise, within rounding.
/// </summary>
/// <remarks>
/// Not thread safe: <see cref="Pack"/> it on the learner's side while the control thread acts from another instance, then
/// exchange the references at a tick.
/// </remarks>
public sealed unsafe class PackedPolicy : IDisposable
{
    private const float LayerNormEpsilon = 1e-5f,
        LeakySlope = 0.01f;

    private readonly PolicySpec _spec;
    private readonly MlpShape _network;
    private readonly SimdWidth _width;
    private readonly long[] _weights,
        _biases;
    private readonly long _length;
    private readonly float* _shift,
        _scale,
        _input,
        _values,
        _result,
        _noise,
        _head,
        _sigma;
    private readonly int* _indices,
        _everything;
    private readonly ExplorationState _exploration;
    private float* _block,
        _features;
    private int* _featureIndices;
    private int _featureCount;
    private bool _normalise,
        _uniform,
        _finite;

    /// <summary>Allocates everything for policies of <paramref name="spec"/>; <see cref="Pack"/> before acting.</summary>
    public PackedPolicy(PolicySpec spec)
        : this(spec, DenseVector.BestWidth) { }

    internal PackedPolicy(PolicySpec spec, SimdWidth width)
    {
        PolicyHeads.Check(spec);
        _spec = spec;
        _network = spec.Network;
        _width = width;
        _weights = new long[_network.LayerCount];
        _biases = new long[_network.LayerCount];
        long length = 0,
            widest = DenseVector.Padded(_network.Inputs);
        for (int l = 0; l < _network.LayerCount; l++)
        {
            int padded = DenseVector.Padded(_network.LayerOutputs(l));
            _weights[l] = length;
            length += (long)padded * _network.LayerInputs(l);
            _biases[l] = length;
            length += padded;
            widest = Math.Max(widest, padded);
        }

        // A list may be written one register's length past its end.
        int observation = DenseVector.Padded(_network.Inputs);
        long list = widest + DenseVector.Padding;
        _length = length + (3 * observation) + widest + (3 * list) + (3 * DenseVector.Padded(spec.ActionSize)) + spec.NoiseParameterCount;
        _exploration = new(spec);
        _block = (float*)NativeMemory.AlignedAlloc((nuint)_length * sizeof(float), DenseVector.Padding * sizeof(float));
        new Span<byte>(_block, checked((int)(_length * sizeof(float)))).Clear();
        _shift = _block + length;
        _scale = _shift + observation;
        _input = _scale + observation;
        _result = _input + observation;
        _values = _result + widest;
        _indices = (int*)(_values + list);
        _everything = _indices + list;
        _noise = (float*)(_everything + list);
        _head = _noise + DenseVector.Padded(spec.ActionSize);
        _sigma = _head + (2 * DenseVector.Padded(spec.ActionSize));
        for (int i = 0; i < widest; i++)
        {
            _everything[i] = i;
        }
    }

    /// <summary>Frees the native memory of a policy that was not disposed.</summary>
    ~PackedPolicy() => Free();

    /// <summary>What the policy looks like; fixed for life.</summary>
    public PolicySpec Spec => _spec;

    /// <summary>Version of the block packed last.</summary>
    public long Version { get; private set; }

    /// <summary>False where a weight or a normaliser entry of the packed block is NaN or infinite: every action is then NaN.</summary>
    public bool WeightsAreFinite => _finite;

    /// <summary>True while actions are drawn uniformly.</summary>
    public bool UniformActions => _uniform;

    /// <summary>Takes over <paramref name="block"/>, whose specification must equal <see cref="Spec"/>. Allocates nothing.</summary>
    public void Pack(PolicyBlock block)
    {
        ArgumentNullException.ThrowIfNull(block);
        ObjectDisposedException.ThrowIf(_block == null, this);
        if (!ReferenceEquals(block.Spec, _spec) && block.Spec != _spec)
        {
            throw new ArgumentException($"The block is for {block.Spec}; this policy is {_spec}.", nameof(block));
        }

        for (int l = 0; l < _network.LayerCount; l++)
        {
            int inputs = _network.LayerInputs(l),
                outputs = _network.LayerOutputs(l);
            DenseVector.Pack(
                block.Parameters.AsSpan(_network.WeightOffset(l), inputs * outputs),
                inputs,
                outputs,
                _block + _weights[l],
                _width
            );
            block.Parameters.AsSpan(_network.BiasOffset(l), outputs).CopyTo(new Span<float>(_block + _biases[l], outputs));
        }

        for (int i = 0; i < _spec.NoiseParameterCount; i++)
        {
            _sigma[i] = MathF.Exp(block.Parameters[_network.ParameterCount + i]);
        }

        block.NormaliserMean.CopyTo(new Span<float>(_shift, _network.Inputs));
        block.NormaliserScale.CopyTo(new Span<float>(_scale, _network.Inputs));
        (Version, _normalise, _uniform) = (block.Version, block.Normalise, block.UniformActions);
        _finite = AllFinite(block.Parameters) && AllFinite(block.NormaliserMean) && AllFinite(block.NormaliserScale);
        GC.KeepAlive(this);
    }

    /// <summary>
    /// Draws an action. Where anything on the way is not finite (a weight, the observation, the outcome), the answer and every
    /// component of <paramref name="action"/> and <paramref name="preSquash"/> are NaN, for the safety gate to refuse.
    /// </summary>
    /// <param name="rawObservation">[obs], not normalised.</param>
    /// <param name="random">
    /// Noise: <see cref="CounterRandom.FillGaussian"/> of the action's size; where the choice is discrete or actions are uniform,
    /// one <see cref="CounterRandom.NextSingle"/> per action float.
    /// </param>
    /// <param name="action">[action], in [-1, 1], or the index of the choice.</param>
    /// <param name="preSquash">
    /// [action] before squashing or clipping (of a uniform action under <see cref="PolicyHead.SquashedGaussian"/> the inverse of
    /// the squashing).
    /// </param>
    /// <returns>
    /// Log-density of the action (of the sample before clipping where the head clips; 0 where it is deterministic without
    /// exploration noise), or log-probability of the choice.
    /// </returns>
    public float Act(ReadOnlySpan<float> rawObservation, CounterRandom random, Span<float> action, Span<float> preSquash) =>
        Act(rawObservation, random, _exploration, action, preSquash);

    /// <summary>
    /// As the other, with the exploration's memory in the caller's hands, so that it outlives this policy; of the same
    /// specification.
    /// </summary>
    public float Act(
        ReadOnlySpan<float> rawObservation,
        CounterRandom random,
        ExplorationState exploration,
        Span<float> action,
        Span<float> preSquash
    )
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(exploration);
        CheckSizes(rawObservation.Length, action.Length, nameof(action));
        CheckSizes(rawObservation.Length, preSquash.Length, nameof(preSquash));
        var noise = new Span<float>(_noise, _spec.ActionSize);
        if (_uniform || _spec.Head != PolicyHead.StateDependentGaussian)
        {
            PolicyHeads.Draw(_spec, _uniform, random, noise);
        }

        if (!_uniform && exploration.Size > 0)
        {
            exploration.Advance(random);
        }

        float logDensity = float.NaN;
        if (_finite && AllFinite(rawObservation))
        {
            if (_uniform)
            {
                logDensity = PolicyHeads.Uniform(_spec, noise, action, preSquash);
            }
            else if (Forward(rawObservation) is var outputs && AllFinite(outputs))
            {
                logDensity = PolicyHeads.Sample(_spec, WithNoise(outputs, exploration, noise), noise, action, preSquash, exploration);
            }
        }

        if (!float.IsFinite(logDensity) || !AllFinite(action) || !AllFinite(preSquash))
        {
            action.Fill(float.NaN);
            preSquash.Fill(float.NaN);
            logDensity = float.NaN;
        }

        GC.KeepAlive(this);
        return logDensity;
    }

    /// <summary>
    /// The action without noise, whatever <see cref="UniformActions"/> says; NaN throughout where anything is not finite.
    /// </summary>
    /// <param name="rawObservation">[obs], not normalised.</param>
    /// <param name="action">[action].</param>
    public void ActFrozen(ReadOnlySpan<float> rawObservation, Span<float> action)
    {
        CheckSizes(rawObservation.Length, action.Length, nameof(action));
        bool good = _finite && AllFinite(rawObservation);
        if (good)
        {
            ReadOnlySpan<float> outputs = Forward(rawObservation);
            PolicyHeads.Frozen(_spec, outputs, action);
            good = AllFinite(outputs);
        }

        if (!good)
        {
            action.Fill(float.NaN);
        }

        GC.KeepAlive(this);
    }

    /// <summary>
    /// <see cref="ActFrozen"/> for each row of <paramref name="rawObservations"/> [n, obs] into <paramref name="actions"/> [n,
    /// action].
    /// </summary>
    public void ActFrozenBatch(ReadOnlySpan<float> rawObservations, Span<float> actions)
    {
        int observation = _spec.ObservationSize,
            action = _spec.ActionSize,
            rows = rawObservations.Length / observation;
        if (rows * observation != rawObservations.Length || rows * action != actions.Length)
        {
            throw new ArgumentException(
                $"{rawObservations.Length} observation floats and {actions.Length} action floats are not rows of "
                    + $"{observation} and {action}.",
                nameof(actions)
            );
        }

        for (int r = 0; r < rows; r++)
        {
            ActFrozen(rawObservations.Slice(r * observation, observation), actions.Slice(r * action, action));
        }
    }

    /// <summary>Frees the native memory.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    // The network's outputs for a finite observation; the span is valid until the next call.
    internal ReadOnlySpan<float> Forward(ReadOnlySpan<float> rawObservation)
    {
        ObjectDisposedException.ThrowIf(_block == null, this);
        SetInput(rawObservation);
        int* indices = _everything;
        float* values = _input;
        int count = rawObservation.Length;
        for (int l = 0; ; l++)
        {
            int outputs = _network.LayerOutputs(l);
            DenseVector.Multiply(
                _block + _weights[l],
                _block + _biases[l],
                indices,
                values,
                count,
                _network.LayerInputs(l),
                outputs,
                _result,
                _width
            );
            if (l == _network.LayerCount - 1)
            {
                _features = values;
                _featureIndices = indices;
                _featureCount = count;
                return new ReadOnlySpan<float>(_result, outputs);
            }

            if (_network.LayerNorm)
            {
                VectorActivations.LayerNorm(_result, outputs, LayerNormEpsilon);
            }

            bool unit = _network.UnitFeatures && l == _network.LayerCount - 2;
            if (_network.Activation == Activation.Relu && !unit)
            {
                count = VectorActivations.ListPositive(_result, outputs, _indices, _values, _width);
                indices = _indices;
                values = _values;
                continue;
            }

            if (_network.Activation == Activation.Tanh)
            {
                VectorActivations.Tanh(_result, outputs);
            }
            else
            {
                VectorActivations.LeakyRelu(_result, outputs, _network.Activation == Activation.Relu ? 0f : LeakySlope);
            }

            if (unit)
            {
                SampleKernels.ScaleToUnit(new Span<float>(_result, outputs));
            }

            // The next product reads what it would overwrite: copied aside.
            Buffer.MemoryCopy(_result, _values, outputs * sizeof(float), outputs * sizeof(float));
            indices = _everything;
            values = _values;
            count = outputs;
        }
    }

    /// <summary>
    /// gSDE: from the mean to [mean, log standard deviation] and the standardised noise. With phi the last hidden layer, whose zeros are
    /// left out: variance_j = sum_i (phi_i sigma_ij)^2 + epsilon, noise_j = sum_i phi_i sigma_ij epsilon_ij / sqrt(variance_j)
    /// [arXiv 2005.05719].
    /// </summary>
    private ReadOnlySpan<float> WithNoise(ReadOnlySpan<float> mean, ExplorationState exploration, Span<float> noise)
    {
        if (_spec.Head != PolicyHead.StateDependentGaussian)
        {
            return mean;
        }

        int n = _spec.ActionSize;
        ReadOnlySpan<float> matrix = exploration.Values;
        for (int a = 0; a < n; a++)
        {
            float variance = PolicyHeads.NoiseVarianceFloor,
                sum = 0f;
            for (int k = 0; k < _featureCount; k++)
            {
                int i = (_featureIndices[k] * n) + a;
                float spread = _features[k] * _sigma[i];
                variance += spread * spread;
                sum += spread * matrix[i];
            }

            _head[a] = mean[a];
            _head[n + a] = 0.5f * MathF.Log(variance);
            noise[a] = sum / MathF.Sqrt(variance);
        }

        return new ReadOnlySpan<float>(_head, 2 * n);
    }

    private void SetInput(ReadOnlySpan<float> raw)
    {
        if (!_normalise)
        {
            raw.CopyTo(new Span<float>(_input, raw.Length));
            return;
        }

        for (int i = 0; i < raw.Length; i++)
        {
            _input[i] = Math.Clamp((raw[i] - _shift[i]) * _scale[i], -PolicyBlock.ClipNormalised, PolicyBlock.ClipNormalised);
        }
    }

    private static bool AllFinite(ReadOnlySpan<float> values)
    {
        // x - x is 0 for finite x and NaN otherwise.
        float sum = 0f;
        foreach (float value in values)
        {
            sum += value - value;
        }

        return sum == 0f;
    }

    private void CheckSizes(int observation, int action, string parameter)
    {
        if (observation != _spec.ObservationSize || action != _spec.ActionSize)
        {
            throw new ArgumentException(
                $"The policy takes {_spec.ObservationSize} observation floats and {_spec.ActionSize} action floats, not "
                    + $"{observation} and {action}.",
                parameter
            );
        }
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_block);
        _block = null;
    }
}
