using System.Collections.Immutable;

namespace RobotRl.Algorithms.Networks;

/// <summary>
/// Shape of a multilayer perceptron and the layout of its flat parameter block. Layer by layer: weights [inputs, outputs] in
/// row-major order, then bias [outputs]. Hidden layers apply the layer norm (without learned scale or shift, epsilon 1e-5)
/// where asked for, then the activation; with unit features the last hidden layer's output is divided by its Euclidean norm
/// (a vector of zeros stays); the last layer is linear.
/// </summary>
/// <param name="Inputs">Width of the input.</param>
/// <param name="Hidden">Widths of the hidden layers, from the input on.</param>
/// <param name="Outputs">Width of the output.</param>
/// <param name="Activation">Non-linearity of the hidden layers.</param>
/// <param name="LayerNorm">Whether hidden pre-activations are normalised.</param>
/// <param name="UnitFeatures">Whether the last hidden layer's output has length one (penultimate normalisation, arXiv 2411.15370).</param>
public sealed record MlpShape(
    int Inputs,
    ImmutableArray<int> Hidden,
    int Outputs,
    Activation Activation = Activation.Relu,
    bool LayerNorm = false,
    bool UnitFeatures = false
)
{
    /// <summary>Number of dense layers.</summary>
    public int LayerCount => Hidden.Length + 1;

    /// <summary>Length of the flat parameter block.</summary>
    public int ParameterCount => WeightOffset(LayerCount);

    /// <summary>Inputs of layer <paramref name="layer"/>.</summary>
    public int LayerInputs(int layer) => layer == 0 ? Inputs : Hidden[layer - 1];

    /// <summary>Outputs of layer <paramref name="layer"/>.</summary>
    public int LayerOutputs(int layer) => layer == Hidden.Length ? Outputs : Hidden[layer];

    /// <summary>Where the weights of layer <paramref name="layer"/> start; for <see cref="LayerCount"/>, the end of the block.</summary>
    public int WeightOffset(int layer)
    {
        int offset = 0;
        for (int l = 0; l < layer; l++)
        {
            offset += (LayerInputs(l) + 1) * LayerOutputs(l);
        }

        return offset;
    }

    /// <summary>Where the bias of layer <paramref name="layer"/> starts.</summary>
    public int BiasOffset(int layer) => WeightOffset(layer) + (LayerInputs(layer) * LayerOutputs(layer));

    /// <summary>Shapes are equal where every number is.</summary>
    public bool Equals(MlpShape? other) =>
        other is not null
        && Inputs == other.Inputs
        && Outputs == other.Outputs
        && Activation == other.Activation
        && LayerNorm == other.LayerNorm
        && UnitFeatures == other.UnitFeatures
        && Hidden.AsSpan().SequenceEqual(other.Hidden.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Inputs, Hidden.Length, Outputs, Activation, LayerNorm, UnitFeatures);
}
