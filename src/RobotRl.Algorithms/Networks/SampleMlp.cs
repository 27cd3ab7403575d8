using RobotRl.Algorithms.Kernels;

namespace RobotRl.Algorithms.Networks;

/// <summary>
/// A multilayer perceptron for one sample at a time, forward and backward, over a flat parameter block in the layout of
/// <see cref="MlpShape"/>. The gradient goes into a buffer of the same layout, on top of a decayed older one, so that the buffer
/// is an eligibility trace as it stands.
/// </summary>
/// <remarks>Holds only the activations of the newest <see cref="Forward"/>. Not thread safe; no method allocates.</remarks>
public sealed class SampleMlp
{
    private const float LeakySlope = 0.01f,
        LayerNormEpsilon = 1e-5f;

    private readonly float[] _input,
        _output,
        _gradient,
        _nextGradient,
        _tangent,
        _nextTangent,
        _unit;
    private readonly float[][] _normalised,
        _activated;
    private readonly float[] _inverseDeviation;
    private float _inverseLength;

    /// <summary>Makes the activations' buffers.</summary>
    public SampleMlp(MlpShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        Shape = shape;
        _input = new float[shape.Inputs];
        _output = new float[shape.Outputs];
        _normalised = [.. shape.Hidden.Select(width => new float[width])];
        _activated = [.. shape.Hidden.Select(width => new float[width])];
        _inverseDeviation = new float[shape.Hidden.Length];
        _unit = shape is { UnitFeatures: true, Hidden.Length: > 0 } ? new float[shape.Hidden[^1]] : [];
        int widest = shape.Hidden.Append(shape.Inputs).Append(shape.Outputs).Max();
        _gradient = new float[widest];
        _nextGradient = new float[widest];
        _tangent = new float[widest];
        _nextTangent = new float[widest];
    }

    /// <summary>The network's shape.</summary>
    public MlpShape Shape { get; }

    /// <summary>Output of the newest <see cref="Forward"/>, [outputs]; overwritten by the next.</summary>
    public ReadOnlySpan<float> Output => _output;

    /// <summary>
    /// What the last layer got in the newest <see cref="Forward"/>: the last hidden layer, or the input where there is none.
    /// </summary>
    public ReadOnlySpan<float> Features => Input(Shape.LayerCount - 1);

    /// <summary>Computes <see cref="Output"/> and keeps what <see cref="Accumulate"/> needs.</summary>
    /// <param name="parameters">Flat block, [<see cref="MlpShape.ParameterCount"/>].</param>
    /// <param name="input">[inputs].</param>
    public ReadOnlySpan<float> Forward(ReadOnlySpan<float> parameters, ReadOnlySpan<float> input)
    {
        input.CopyTo(_input);
        ReadOnlySpan<float> x = _input;
        int offset = 0;
        for (int layer = 0; layer < Shape.LayerCount; layer++)
        {
            int inputs = Shape.LayerInputs(layer),
                outputs = Shape.LayerOutputs(layer);
            ReadOnlySpan<float> weights = parameters.Slice(offset, inputs * outputs),
                bias = parameters.Slice(offset + (inputs * outputs), outputs);
            offset += (inputs + 1) * outputs;
            if (layer == Shape.Hidden.Length)
            {
                SampleKernels.Affine(weights, bias, x, _output);
                break;
            }

            float[] normalised = _normalised[layer],
                activated = _activated[layer];
            SampleKernels.Affine(weights, bias, x, normalised);
            if (Shape.LayerNorm)
            {
                _inverseDeviation[layer] = Normalise(normalised);
            }

            Activate(normalised, activated);
            x = activated;
            if (IsUnit(layer))
            {
                activated.CopyTo(_unit, 0);
                _inverseLength = SampleKernels.ScaleToUnit(_unit);
                x = _unit;
            }
        }

        return _output;
    }

    /// <summary>
    /// trace = decay x trace + d(outputGradient . output)/d(parameters) at the sample of the newest <see cref="Forward"/>, which
    /// must have had the same parameters. Returns the sum of the absolute values of the trace (its L1 norm).
    /// </summary>
    /// <param name="parameters">Flat block, [<see cref="MlpShape.ParameterCount"/>].</param>
    /// <param name="outputGradient">[outputs].</param>
    /// <param name="decay">Factor on the older trace; 0 overwrites it.</param>
    /// <param name="trace">Same layout as the parameters.</param>
    /// <param name="atInput">Receives d(outputGradient . output)/d(input), [inputs]; where it is empty, it is not computed.</param>
    public float Accumulate(
        ReadOnlySpan<float> parameters,
        ReadOnlySpan<float> outputGradient,
        float decay,
        Span<float> trace,
        Span<float> atInput = default
    )
    {
        Span<float> current = _gradient,
            spare = _nextGradient;
        outputGradient.CopyTo(current);
        float sum = 0;
        int end = Shape.ParameterCount;
        for (int layer = Shape.Hidden.Length; layer >= 0; layer--)
        {
            int inputs = Shape.LayerInputs(layer),
                outputs = Shape.LayerOutputs(layer),
                start = end - ((inputs + 1) * outputs);
            ReadOnlySpan<float> input = Input(layer);
            Span<float> gradient = current[..outputs],
                inputGradient = layer == 0 ? atInput : spare[..inputs];
            sum += SampleKernels.AccumulateScaled(gradient, 1f, decay, trace.Slice(end - outputs, outputs));
            sum += SampleKernels.AccumulateOuter(
                parameters.Slice(start, inputs * outputs),
                input,
                gradient,
                inputGradient,
                decay,
                trace.Slice(start, inputs * outputs)
            );
            end = start;
            if (layer > 0)
            {
                if (IsUnit(layer - 1))
                {
                    BackThroughUnit(inputGradient);
                }

                BackThroughActivation(_activated[layer - 1], inputGradient);
                if (Shape.LayerNorm)
                {
                    BackThroughNormalise(_normalised[layer - 1], _inverseDeviation[layer - 1], inputGradient);
                }

                Span<float> free = current;
                current = spare;
                spare = free;
            }
        }

        return sum;
    }

    /// <summary>
    /// J x direction, J = d(output)/d(parameters) at the sample of the newest <see cref="Forward"/>, which must have had the same
    /// parameters: how the outputs move when the parameters move so (forward-mode derivative; <see cref="Accumulate"/> is its transpose).
    /// </summary>
    /// <param name="parameters">Flat block, [<see cref="MlpShape.ParameterCount"/>].</param>
    /// <param name="direction">Same layout.</param>
    /// <returns>[outputs]; overwritten by the next call.</returns>
    public ReadOnlySpan<float> Tangent(ReadOnlySpan<float> parameters, ReadOnlySpan<float> direction)
    {
        ReadOnlySpan<float> current = default;
        int offset = 0;
        for (int layer = 0; layer < Shape.LayerCount; layer++)
        {
            // d(x W + b) = x dW + db + dx W; the input itself does not move.
            int inputs = Shape.LayerInputs(layer),
                outputs = Shape.LayerOutputs(layer),
                bias = offset + (inputs * outputs);
            Span<float> next = (layer % 2 == 0 ? _tangent : _nextTangent).AsSpan(0, outputs);
            SampleKernels.Affine(direction[offset..bias], direction.Slice(bias, outputs), Input(layer), next);
            if (layer > 0)
            {
                SampleKernels.Affine(parameters[offset..bias], next, current, next);
            }

            offset = bias + outputs;
            if (layer < Shape.Hidden.Length)
            {
                // Each of these Jacobians is symmetric: forward and backward are the same product.
                if (Shape.LayerNorm)
                {
                    BackThroughNormalise(_normalised[layer], _inverseDeviation[layer], next);
                }

                BackThroughActivation(_activated[layer], next);
                if (IsUnit(layer))
                {
                    BackThroughUnit(next);
                }
            }

            current = next;
        }

        return current;
    }

    private static float Normalise(Span<float> x)
    {
        // Two passes: the variance of the differences, as layer norm is defined, not E[x^2] - E[x]^2, which cancels.
        float mean = SampleKernels.Sum(x) / x.Length;
        for (int i = 0; i < x.Length; i++)
        {
            x[i] -= mean;
        }

        float inverse = 1f / MathF.Sqrt((SampleKernels.Dot(x, x) / x.Length) + LayerNormEpsilon);
        for (int i = 0; i < x.Length; i++)
        {
            x[i] *= inverse;
        }

        return inverse;
    }

    private static void BackThroughNormalise(ReadOnlySpan<float> normalised, float inverseDeviation, Span<float> gradient)
    {
        float mean = SampleKernels.Sum(gradient) / gradient.Length;
        float projection = SampleKernels.Dot(gradient, normalised) / gradient.Length;
        for (int i = 0; i < gradient.Length; i++)
        {
            gradient[i] = inverseDeviation * (gradient[i] - mean - (normalised[i] * projection));
        }
    }

    private bool IsUnit(int layer) => Shape.UnitFeatures && layer == Shape.Hidden.Length - 1;

    private ReadOnlySpan<float> Input(int layer) =>
        layer == 0 ? _input
        : IsUnit(layer - 1) ? _unit
        : _activated[layer - 1];

    /// <summary>y = x / |x|: dx = (dy - (dy . y) y) / |x|.</summary>
    private void BackThroughUnit(Span<float> gradient)
    {
        float along = SampleKernels.Dot(gradient, _unit);
        for (int i = 0; i < gradient.Length; i++)
        {
            gradient[i] = (gradient[i] - (along * _unit[i])) * _inverseLength;
        }
    }

    private void Activate(ReadOnlySpan<float> x, Span<float> y)
    {
        if (Shape.Activation != Activation.Tanh)
        {
            SampleKernels.LeakyRelu(x, Shape.Activation == Activation.LeakyRelu ? LeakySlope : 0, y);
            return;
        }

        for (int i = 0; i < x.Length; i++)
        {
            y[i] = MathF.Tanh(x[i]);
        }
    }

    private void BackThroughActivation(ReadOnlySpan<float> y, Span<float> gradient)
    {
        if (Shape.Activation != Activation.Tanh)
        {
            SampleKernels.BackThroughLeakyRelu(y, Shape.Activation == Activation.LeakyRelu ? LeakySlope : 0, gradient);
            return;
        }

        for (int i = 0; i < y.Length; i++)
        {
            gradient[i] *= 1 - (y[i] * y[i]);
        }
    }
}
