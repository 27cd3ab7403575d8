using System.Numerics;
using System.Runtime.InteropServices;
using RobotRl.Algorithms.Kernels;

namespace RobotRl.Algorithms.Networks;

/// <summary>
/// Gradient of the lower of two ReLU critics at their action inputs. Each sample goes back through its own lower critic only: the
/// samples of either critic are put together, which halves the products of going back through both.
/// </summary>
/// <remarks>Where both are equal the first counts.</remarks>
internal sealed unsafe class ManagedLowerCritic
{
    private readonly DenseLayout _layout;
    private readonly int _rows,
        _states,
        _actions;
    private readonly int[] _order;
    private readonly Matrix[] _gradients;
    private readonly Matrix _actionGradient;
    private readonly float* _actionWeights;

    /// <summary>Takes buffers for <paramref name="rows"/> samples of critics whose inputs are states, then actions.</summary>
    public ManagedLowerCritic(KernelMemory memory, DenseLayout layout, int rows, int actions)
    {
        MlpShape shape = layout.Shape;
        (_layout, _rows, _states, _actions, _order) = (layout, rows, shape.Inputs - actions, actions, new int[rows]);
        _gradients = [.. Enumerable.Range(1, shape.LayerCount - 1).Select(l => memory.Matrix(rows, shape.LayerInputs(l)))];
        _actionGradient = memory.Matrix(rows, actions);
        _actionWeights = memory.Floats(DenseKernels.TransposedLength(actions, shape.LayerOutputs(0), layout.Width));
        Result = memory.Matrix(rows, actions);
    }

    /// <summary>What <see cref="Compute"/> leaves, [rows, action].</summary>
    public Matrix Result { get; }

    /// <summary>
    /// Computes <paramref name="weight"/> x d min(Q1, Q2) / da after both passes went forward with the networks' parameters.
    /// </summary>
    public void Compute(ManagedMlpPass[] passes, ManagedNetworks critics, float weight)
    {
        int first = Split(passes[0].Output, passes[1].Output),
            top = _layout.Shape.LayerCount - 1;
        for (int i = 0; i < 2; i++)
        {
            (int start, int count) = i == 0 ? (0, first) : (first, _rows - first);
            if (count == 0)
            {
                continue;
            }

            ReadOnlySpan<int> order = _order.AsSpan(start, count);
            float* network = critics.Network(critics.Parameters, i);
            var output = new ReadOnlySpan<float>(network + _layout.Offset(top), _layout.Shape.LayerInputs(top));
            Matrix upper = _gradients[top - 1].Part(start, count),
                activations = passes[i].Activations(top);
            for (int row = 0; row < count; row++)
            {
                Mask(output, activations.Span(order[row]), weight, upper.Span(row));
            }

            for (int l = top - 1; l > 0; l--)
            {
                Matrix lower = _gradients[l - 1].Part(start, count);
                DenseKernels.InputGradient(upper, critics.Transposed(i, l), default, lower, _layout.Width);
                activations = passes[i].Activations(l);
                for (int row = 0; row < count; row++)
                {
                    Mask(lower.Span(row), activations.Span(order[row]), 1f, lower.Span(row));
                }

                upper = lower;
            }

            DenseKernels.PackTransposed(
                network,
                _layout.Shape.Inputs,
                _layout.Shape.LayerOutputs(0),
                _states,
                _actions,
                _actionWeights,
                _layout.Width
            );
            DenseKernels.InputGradient(upper, _actionWeights, default, _actionGradient.Part(start, count), _layout.Width);
        }

        for (int k = 0; k < _rows; k++)
        {
            _actionGradient.Span(k).CopyTo(Result.Span(_order[k]));
        }
    }

    /// <summary>Puts the samples whose first critic is the lower (or equal) in front; returns how many.</summary>
    private int Split(in Matrix q1, in Matrix q2)
    {
        int front = 0,
            back = _rows;
        for (int row = 0; row < _rows; row++)
        {
            _order[*q1.Row(row) <= *q2.Row(row) ? front++ : --back] = row;
        }

        return front;
    }

    /// <summary>result = weight x gradient where the activation is above 0, else 0.</summary>
    private static void Mask(ReadOnlySpan<float> gradient, ReadOnlySpan<float> activation, float weight, Span<float> result)
    {
        ReadOnlySpan<Vector<float>> g = MemoryMarshal.Cast<float, Vector<float>>(gradient),
            h = MemoryMarshal.Cast<float, Vector<float>>(activation);
        Span<Vector<float>> r = MemoryMarshal.Cast<float, Vector<float>>(result);
        for (int i = 0; i < r.Length && i < g.Length && i < h.Length; i++)
        {
            r[i] = Vector.ConditionalSelect(Vector.GreaterThan(h[i], Vector<float>.Zero), g[i] * weight, Vector<float>.Zero);
        }

        for (int i = r.Length * Vector<float>.Count; i < result.Length; i++)
        {
            result[i] = activation[i] > 0 ? gradient[i] * weight : 0;
        }
    }
}
