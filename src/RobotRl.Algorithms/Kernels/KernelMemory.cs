using System.Runtime.InteropServices;

namespace RobotRl.Algorithms.Kernels;

/// <summary>Aligned native memory, zeroed, in pieces that are freed together. Learners take all they need when they are made.</summary>
/// <remarks>Native and not managed: it is aligned to a cache line, never moves, and is nothing that a collection has to look at.</remarks>
internal sealed unsafe class KernelMemory : IDisposable
{
    /// <summary>Rows of matrices are padded to this many floats: the widest panel of <see cref="MatrixProduct"/>.</summary>
    public const int RowPadding = 32;

    private const nuint Alignment = 64;
    private const int LineFloats = 16;

    private readonly List<nint> _pieces = [];

    /// <summary>Frees the memory of a learner that was not disposed.</summary>
    ~KernelMemory() => Free();

    /// <summary>Bytes taken so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>
    /// <paramref name="count"/> floats, aligned to 64 bytes, all 0; readable and writable up to the next multiple of 64 bytes.
    /// </summary>
    public float* Floats(long count)
    {
        nuint bytes = (((nuint)count * sizeof(float)) + Alignment) / Alignment * Alignment;
        void* piece = NativeMemory.AlignedAlloc(bytes, Alignment);
        NativeMemory.Clear(piece, bytes);
        _pieces.Add((nint)piece);
        Bytes += (long)bytes;
        return (float*)piece;
    }

    /// <summary>A matrix of its own, all 0.</summary>
    public Matrix Matrix(int rows, int columns)
    {
        // An odd number of cache lines: a column of many rows then spreads over all sets of the first-level cache.
        int stride = ((columns + RowPadding - 1) / RowPadding * RowPadding) + LineFloats;
        return new((nint)Floats((long)rows * stride), rows, columns, stride);
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        _pieces.ForEach(p => NativeMemory.AlignedFree((void*)p));
        _pieces.Clear();
    }
}
