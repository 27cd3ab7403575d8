using RobotRl.Algorithms.Kernels;

namespace RobotRl.Algorithms.Networks;

/// <summary>
/// Where the packed layers (<see cref="DenseKernels"/>) of an <see cref="MlpShape"/> lie in one block, and the way between it and
/// the flat layout of checkpoints and policies.
/// </summary>
internal sealed unsafe class DenseLayout
{
    private readonly int[] _offsets;

    public DenseLayout(MlpShape shape, SimdWidth width)
    {
        (Shape, Width) = (shape, width);
        _offsets = new int[shape.LayerCount];
        for (int l = 0; l < shape.LayerCount; l++)
        {
            _offsets[l] = Length;
            Length += DenseKernels.PackedLength(shape.LayerInputs(l), shape.LayerOutputs(l), width);
        }
    }

    public MlpShape Shape { get; }

    public SimdWidth Width { get; }

    /// <summary>Floats of one network; a multiple of 16.</summary>
    public int Length { get; }

    /// <summary>Where layer <paramref name="layer"/> starts.</summary>
    public int Offset(int layer) => _offsets[layer];

    /// <summary>From <see cref="MlpShape"/>'s layout to the packed one.</summary>
    public void Pack(ReadOnlySpan<float> flat, float* packed)
    {
        for (int l = 0; l < Shape.LayerCount; l++)
        {
            DenseKernels.Pack(
                flat[Shape.WeightOffset(l)..Shape.WeightOffset(l + 1)],
                Shape.LayerInputs(l),
                Shape.LayerOutputs(l),
                packed + _offsets[l],
                Width
            );
        }
    }

    /// <summary>The inverse of <see cref="Pack"/>.</summary>
    public void Unpack(float* packed, Span<float> flat)
    {
        for (int l = 0; l < Shape.LayerCount; l++)
        {
            DenseKernels.Unpack(
                packed + _offsets[l],
                Shape.LayerInputs(l),
                Shape.LayerOutputs(l),
                flat[Shape.WeightOffset(l)..Shape.WeightOffset(l + 1)],
                Width
            );
        }
    }
}
