#if TORCH
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Networks;

/// <summary>
/// The dense layers of an <see cref="MlpShape"/> as views of a slice of one flat tensor. Weights [in, out] are followed by the
/// bias [out], so a layer is one matrix [in + 1, out]: with a column of ones behind its input, a product is weights and bias
/// at once, forwards and backwards.
/// </summary>
internal sealed class TorchMlp : IDisposable
{
    /// <summary>Makes the views; <paramref name="flat"/> [ParameterCount] stays its owner's.</summary>
    public TorchMlp(MlpShape shape, Tensor flat)
    {
        Layers = new Tensor[shape.LayerCount];
        WeightsTransposed = new Tensor[shape.LayerCount];
        for (int l = 0; l < shape.LayerCount; l++)
        {
            int inputs = shape.LayerInputs(l),
                outputs = shape.LayerOutputs(l);
            using Tensor slice = flat.narrow(0, shape.WeightOffset(l), (inputs + 1) * outputs);
            Layers[l] = slice.view(inputs + 1, outputs);
            using Tensor weights = Layers[l].narrow(0, 0, inputs);
            WeightsTransposed[l] = weights.t();
        }
    }

    /// <summary>Weights and bias per layer, [in + 1, out].</summary>
    public Tensor[] Layers { get; }

    /// <summary>Weights without bias per layer, [out, in].</summary>
    public Tensor[] WeightsTransposed { get; }

    public void Dispose()
    {
        foreach (Tensor tensor in Layers.Concat(WeightsTransposed))
        {
            tensor.Dispose();
        }
    }
}
#endif
