using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Tests.OffPolicy;

/// <summary>
/// Networks on a flat tensor in float64, laid out as <see cref="MlpShape"/> says, for automatic differentiation, in the caller's
/// dispose scope.
/// </summary>
internal static class FlatMlp
{
    /// <summary>A leaf with these parameters.</summary>
    public static Tensor Leaf(ReadOnlySpan<float> parameters)
    {
        using Tensor single = tensor(parameters.ToArray());
        return single.to(ScalarType.Float64).requires_grad_(true);
    }

    /// <summary>Output of network <paramref name="n"/> of <paramref name="parameters"/> at <paramref name="inputs"/> [rows, in].</summary>
    public static Tensor Forward(Tensor parameters, MlpShape shape, int n, Tensor inputs)
    {
        Tensor x = inputs,
            network = parameters.narrow(0, (long)n * shape.ParameterCount, shape.ParameterCount);
        for (int l = 0; l < shape.LayerCount; l++)
        {
            int rows = shape.LayerInputs(l),
                columns = shape.LayerOutputs(l);
            x = x.matmul(network.narrow(0, shape.WeightOffset(l), rows * columns).view(rows, columns))
                .Plus(network.narrow(0, shape.BiasOffset(l), columns));
            x = l == shape.LayerCount - 1 ? x : Hidden(shape, l, x);
        }

        return x;
    }

    private static Tensor Hidden(MlpShape shape, int layer, Tensor x)
    {
        x = shape.LayerNorm ? nn.functional.layer_norm(x, [shape.LayerOutputs(layer)]) : x;
        x = shape.Activation switch
        {
            Activation.Relu => x.relu(),
            Activation.LeakyRelu => maximum(x, x.Times(0.01)),
            _ => x.tanh(),
        };
        return shape.UnitFeatures && layer == shape.Hidden.Length - 1 ? x / x.Squared().sum(1, keepdim: true).sqrt() : x;
    }

    /// <summary>d(loss)/d(leaf).</summary>
    public static Tensor Gradient(Tensor loss, Tensor leaf) => autograd.grad([loss], [leaf], retain_graph: true)[0];
}
