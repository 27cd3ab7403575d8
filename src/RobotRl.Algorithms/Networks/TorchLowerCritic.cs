#if TORCH
using System.Numerics;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Networks;

/// <summary>
/// Gradient of the lower of two critics at their action inputs. Each sample goes back through its own lower critic only: the
/// samples of either critic are put together, which halves the products of going back through both. Host memory, float32.
/// </summary>
/// <remarks>
/// Where both are equal the first counts. <see cref="TorchMlpPass.Backward"/> through both is the general form; a test holds the
/// two together.
/// </remarks>
internal sealed class TorchLowerCritic : IDisposable
{
    private readonly int _rows,
        _layers;
    private readonly int[] _order;
    private readonly Tensor[] _gradients;
    private readonly Tensor _actionGradient;

    /// <summary>Makes buffers for <paramref name="rows"/> samples of critics of <paramref name="shape"/>.</summary>
    public TorchLowerCritic(MlpShape shape, int rows, int actions)
    {
        (_rows, _layers, _order) = (rows, shape.LayerCount, new int[rows]);
        _gradients = [.. Enumerable.Range(1, _layers - 1).Select(l => zeros(rows, shape.LayerInputs(l)))];
        _actionGradient = zeros(rows, actions);
    }

    /// <summary>
    /// Writes <paramref name="weight"/> x d min(Q1, Q2) / da to <paramref name="actionGradient"/>, [rows, action], after both
    /// passes went forward.
    /// </summary>
    /// <param name="passes">The critics' passes.</param>
    /// <param name="critics">The critics.</param>
    /// <param name="actionWeights">Transposed first-layer weights of the actions, [first hidden, action] each.</param>
    /// <param name="weight">Factor.</param>
    /// <param name="actionGradient">Where to.</param>
    public void Compute(TorchMlpPass[] passes, TorchMlp[] critics, Tensor[] actionWeights, float weight, Tensor actionGradient)
    {
        int first = Split(TorchMemory.Host(passes[0].Output), TorchMemory.Host(passes[1].Output));
        for (int i = 0; i < 2; i++)
        {
            (int start, int count) = i == 0 ? (0, first) : (first, _rows - first);
            if (count == 0)
            {
                continue;
            }

            ReadOnlySpan<int> order = _order.AsSpan(start, count);
            Span<float> top = Rows(_gradients[^1], start, count);
            ReadOnlySpan<float> output = TorchMemory.Host(critics[i].WeightsTransposed[_layers - 1]);
            for (int row = 0; row < count; row++)
            {
                output.CopyTo(top[(row * output.Length)..]);
            }

            Mask(top, order, passes[i].Activations(_layers - 1, out int topStride), topStride, weight);

            for (int l = _layers - 2; l > 0; l--)
            {
                using Tensor upper = _gradients[l].narrow(0, start, count),
                    lower = _gradients[l - 1].narrow(0, start, count);
                lower.addmm_(upper, critics[i].WeightsTransposed[l], beta: 0, alpha: 1);
                Mask(Rows(_gradients[l - 1], start, count), order, passes[i].Activations(l, out int stride), stride, 1f);
            }

            using Tensor hidden = _gradients[0].narrow(0, start, count),
                actions = _actionGradient.narrow(0, start, count);
            actions.addmm_(hidden, actionWeights[i], beta: 0, alpha: 1);
        }

        Span<float> sorted = TorchMemory.Host(_actionGradient),
            destination = TorchMemory.Host(actionGradient);
        int size = sorted.Length / _rows;
        for (int k = 0; k < _rows; k++)
        {
            sorted.Slice(k * size, size).CopyTo(destination[(_order[k] * size)..]);
        }
    }

    public void Dispose()
    {
        foreach (Tensor gradient in _gradients)
        {
            gradient.Dispose();
        }

        _actionGradient.Dispose();
    }

    /// <summary>Puts the samples whose first critic is the lower (or equal) in front; returns how many.</summary>
    private int Split(ReadOnlySpan<float> q1, ReadOnlySpan<float> q2)
    {
        int front = 0,
            back = _rows;
        for (int row = 0; row < _rows; row++)
        {
            _order[q1[row] <= q2[row] ? front++ : --back] = row;
        }

        return front;
    }

    /// <summary>Row by row: gradient = weight x gradient where the sample's activation is above 0, else 0.</summary>
    private static void Mask(Span<float> gradients, ReadOnlySpan<int> order, ReadOnlySpan<float> activations, int stride, float weight)
    {
        int width = gradients.Length / order.Length;
        for (int row = 0; row < order.Length; row++)
        {
            Span<float> gradient = gradients.Slice(row * width, width);
            ReadOnlySpan<float> activation = activations.Slice(order[row] * stride, width);
            Span<Vector<float>> g = MemoryMarshal.Cast<float, Vector<float>>(gradient);
            ReadOnlySpan<Vector<float>> h = MemoryMarshal.Cast<float, Vector<float>>(activation);
            for (int i = 0; i < g.Length && i < h.Length; i++)
            {
                g[i] = Vector.ConditionalSelect(Vector.GreaterThan(h[i], Vector<float>.Zero), g[i] * weight, Vector<float>.Zero);
            }

            for (int i = g.Length * Vector<float>.Count; i < width; i++)
            {
                gradient[i] = activation[i] > 0 ? gradient[i] * weight : 0;
            }
        }
    }

    private static Span<float> Rows(Tensor tensor, int start, int count)
    {
        Span<float> all = TorchMemory.Host(tensor);
        int width = (int)tensor.stride(0);
        return all.Slice(start * width, count * width);
    }
}
#endif
