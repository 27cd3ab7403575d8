namespace RobotRl.Algorithms.Kernels;

/// <summary>
/// A row-major matrix in aligned native memory that somebody else owns. Rows are padded to <see cref="KernelMemory.RowPadding"/>
/// floats, so that kernels may store whole registers; padding columns are 0 unless a kernel says otherwise.
/// </summary>
/// <param name="Data">First element.</param>
/// <param name="Rows">Rows in use.</param>
/// <param name="Columns">Columns that mean something.</param>
/// <param name="Stride">Floats from one row to the next.</param>
internal readonly unsafe record struct Matrix(nint Data, int Rows, int Columns, int Stride)
{
    /// <summary>First element of <paramref name="row"/>.</summary>
    public float* Row(int row) => (float*)Data + ((long)row * Stride);

    /// <summary>The columns in use of <paramref name="row"/>.</summary>
    public Span<float> Span(int row) => new(Row(row), Columns);

    /// <summary>Rows <paramref name="start"/> to <paramref name="start"/> + <paramref name="count"/>.</summary>
    public Matrix Part(int start, int count) => new((nint)Row(start), count, Columns, Stride);
}
