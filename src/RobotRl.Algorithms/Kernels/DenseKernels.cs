using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace RobotRl.Algorithms.Kernels;

/// <summary>
/// The three products of a dense layer y = x W + b over a batch. A layer lies packed: panels of
/// <see cref="MatrixProduct.PanelWidth"/> outputs, [panel][inputs + 1][width], the last row of a panel being the bias; a layer of
/// one output is a plain vector [inputs + 1]. Its gradient has the same layout, so that optimiser and target average are passes
/// over one block, and nothing is packed again for the forward product.
/// </summary>
internal static unsafe class DenseKernels
{
    /// <summary>Floats that a layer takes; a multiple of 16.</summary>
    public static int PackedLength(int inputs, int outputs, SimdWidth width)
    {
        int length = outputs == 1 ? inputs + 1 : MatrixProduct.Panels(outputs, width) * (inputs + 1) * MatrixProduct.PanelWidth(width);
        return (length + 15) / 16 * 16;
    }

    /// <summary>
    /// Packs weights [inputs, outputs] and bias [outputs], one after the other in <paramref name="flat"/>; padding is left alone.
    /// </summary>
    public static void Pack(ReadOnlySpan<float> flat, int inputs, int outputs, float* packed, SimdWidth width)
    {
        int panel = outputs == 1 ? 1 : MatrixProduct.PanelWidth(width);
        for (int start = 0; start < outputs; start += panel)
        {
            int present = Math.Min(panel, outputs - start);
            float* to = packed + ((long)start * (inputs + 1));
            for (int i = 0; i <= inputs; i++)
            {
                flat.Slice((i * outputs) + start, present).CopyTo(new Span<float>(to + ((long)i * panel), present));
            }
        }
    }

    /// <summary>The inverse of <see cref="Pack"/>.</summary>
    public static void Unpack(float* packed, int inputs, int outputs, Span<float> flat, SimdWidth width)
    {
        int panel = outputs == 1 ? 1 : MatrixProduct.PanelWidth(width);
        for (int start = 0; start < outputs; start += panel)
        {
            int present = Math.Min(panel, outputs - start);
            float* from = packed + ((long)start * (inputs + 1));
            for (int i = 0; i <= inputs; i++)
            {
                new ReadOnlySpan<float>(from + ((long)i * panel), present).CopyTo(flat.Slice((i * outputs) + start, present));
            }
        }
    }

    /// <summary>Floats that <see cref="PackTransposed"/> writes.</summary>
    public static int TransposedLength(int inputs, int outputs, SimdWidth width) =>
        MatrixProduct.Panels(inputs, width) * outputs * MatrixProduct.PanelWidth(width);

    /// <summary>
    /// Packs the transpose of rows <paramref name="first"/> to <paramref name="first"/> + <paramref name="count"/> of a packed layer
    /// with more than one output, for <see cref="InputGradient"/>.
    /// </summary>
    public static void PackTransposed(float* packed, int inputs, int outputs, int first, int count, float* transposed, SimdWidth width)
    {
        int panel = MatrixProduct.PanelWidth(width),
            block = Avx.IsSupported && panel % 8 == 0 ? 8 : 1;
        for (int i = 0; i < count; i += panel)
        {
            float* to = transposed + ((long)i * outputs);
            int rows = Math.Min(panel, count - i);
            for (int o = 0; o < outputs; o += panel)
            {
                float* from = packed + ((long)o * (inputs + 1)) + ((long)(first + i) * panel);
                int columns = Math.Min(panel, outputs - o);
                int wholeRows = rows / block * block,
                    wholeColumns = columns / block * block;
                if (block == 8)
                {
                    for (int c = 0; c < wholeColumns; c += 8)
                    {
                        for (int r = 0; r < wholeRows; r += 8)
                        {
                            Transpose8(from + (r * panel) + c, panel, to + ((long)(o + c) * panel) + r, panel);
                        }
                    }
                }
                else
                {
                    wholeRows = wholeColumns = 0;
                }

                for (int c = 0; c < columns; c++)
                {
                    float* row = to + ((long)(o + c) * panel);
                    for (int r = c < wholeColumns ? wholeRows : 0; r < rows; r++)
                    {
                        row[r] = from[(r * panel) + c];
                    }

                    for (int r = rows; r < panel; r++)
                    {
                        row[r] = 0f;
                    }
                }
            }
        }
    }

    /// <summary>y = x W + b, and max(0, .) of it where asked for; <paramref name="y"/> has the layer's outputs as columns.</summary>
    public static void Forward(in Matrix x, float* layer, in Matrix y, bool relu, SimdWidth width)
    {
        if (y.Columns == 1)
        {
            SingleOutput.Forward(x, layer, y, relu);
            return;
        }

        int panel = MatrixProduct.PanelWidth(width);
        MatrixProduct.Run(
            new()
            {
                A = x.Row(0),
                RowStride = x.Stride,
                DepthStride = 1,
                GroupStride = (nint)x.Stride * MatrixProduct.TileRows,
                Rows = x.Rows,
                Depth = x.Columns,
                B = layer,
                PanelRowStride = panel,
                PanelStride = (nint)(x.Columns + 1) * panel,
                Panels = MatrixProduct.Panels(y.Columns, width),
                Bias = true,
                C = y.Row(0),
                CRowStride = y.Stride,
                CPanelStride = panel,
                Finish = relu ? MatrixProduct.Finish.Relu : MatrixProduct.Finish.None,
            },
            width
        );
    }

    /// <summary>
    /// dx = dy W^T, kept where <paramref name="mask"/> (the layer's input after its ReLU) is above 0; a mask without data keeps all.
    /// </summary>
    /// <param name="dy">Gradient at the layer's outputs, more than one.</param>
    /// <param name="transposed">From <see cref="PackTransposed"/>, of <paramref name="dx"/>'s columns.</param>
    /// <param name="mask">As many columns as dx.</param>
    /// <param name="dx">Gradient at the layer's inputs.</param>
    /// <param name="width">Registers.</param>
    public static void InputGradient(in Matrix dy, float* transposed, in Matrix mask, in Matrix dx, SimdWidth width)
    {
        int panel = MatrixProduct.PanelWidth(width);
        MatrixProduct.Run(
            new()
            {
                A = dy.Row(0),
                RowStride = dy.Stride,
                DepthStride = 1,
                GroupStride = (nint)dy.Stride * MatrixProduct.TileRows,
                Rows = dy.Rows,
                Depth = dy.Columns,
                B = transposed,
                PanelRowStride = panel,
                PanelStride = (nint)dy.Columns * panel,
                Panels = MatrixProduct.Panels(dx.Columns, width),
                C = dx.Row(0),
                CRowStride = dx.Stride,
                CPanelStride = panel,
                Finish = mask.Data == 0 ? MatrixProduct.Finish.None : MatrixProduct.Finish.Mask,
                Mask = (float*)mask.Data,
                MaskStride = mask.Stride,
            },
            width
        );
    }

    /// <summary>Floats that <see cref="WeightGradient"/> needs beside.</summary>
    public static long ScratchLength(int inputs, int rows) =>
        ((inputs + MatrixProduct.TileRows) / MatrixProduct.TileRows * (long)MatrixProduct.TileRows * rows) + 16;

    /// <summary>dW = x^T dy and db = column sums of dy, in the layer's packed layout; overwrites <paramref name="gradient"/>.</summary>
    public static void WeightGradient(in Matrix x, in Matrix dy, float* gradient, float* scratch, SimdWidth width)
    {
        if (dy.Columns == 1)
        {
            SingleOutput.WeightGradient(x, dy, gradient);
            return;
        }

        // x^T with a row of ones below, in groups of 6 rows, [group][sample][6]: read once in the order it is used in.
        const int group = MatrixProduct.TileRows;
        int inputs = x.Columns,
            rows = x.Rows,
            panel = MatrixProduct.PanelWidth(width);
        for (int i = 0; i <= inputs; i += group)
        {
            float* to = scratch + ((long)i * rows);
            int present = Math.Min(group, inputs - i);
            for (int r = 0; r < rows; r++, to += group)
            {
                float* from = x.Row(r) + i;
                if (present == group)
                {
                    Vector128.Store(Vector128.Load(from), to);
                    Vector64.Store(Vector64.Load(from + 4), to + 4);
                }
                else
                {
                    for (int c = 0; c < present; c++)
                    {
                        to[c] = from[c];
                    }

                    to[present] = 1f;
                }
            }
        }

        MatrixProduct.Run(
            new()
            {
                A = scratch,
                RowStride = 1,
                DepthStride = group,
                GroupStride = (nint)rows * group,
                Rows = inputs + 1,
                Depth = rows,
                B = dy.Row(0),
                PanelRowStride = dy.Stride,
                PanelStride = panel,
                Panels = MatrixProduct.Panels(dy.Columns, width),
                C = gradient,
                CRowStride = panel,
                CPanelStride = (nint)(inputs + 1) * panel,
            },
            width
        );
    }

    private static void Transpose8(float* from, int fromStride, float* to, int toStride)
    {
        Vector256<float> r0 = Vector256.Load(from),
            r1 = Vector256.Load(from + fromStride),
            r2 = Vector256.Load(from + (2 * fromStride)),
            r3 = Vector256.Load(from + (3 * fromStride));
        Vector256<float> r4 = Vector256.Load(from + (4 * fromStride)),
            r5 = Vector256.Load(from + (5 * fromStride)),
            r6 = Vector256.Load(from + (6 * fromStride)),
            r7 = Vector256.Load(from + (7 * fromStride));
        Vector256<float> t0 = Avx.UnpackLow(r0, r1),
            t1 = Avx.UnpackHigh(r0, r1),
            t2 = Avx.UnpackLow(r2, r3),
            t3 = Avx.UnpackHigh(r2, r3);
        Vector256<float> t4 = Avx.UnpackLow(r4, r5),
            t5 = Avx.UnpackHigh(r4, r5),
            t6 = Avx.UnpackLow(r6, r7),
            t7 = Avx.UnpackHigh(r6, r7);
        r0 = Avx.Shuffle(t0, t2, 0x44);
        r1 = Avx.Shuffle(t0, t2, 0xEE);
        r2 = Avx.Shuffle(t1, t3, 0x44);
        r3 = Avx.Shuffle(t1, t3, 0xEE);
        r4 = Avx.Shuffle(t4, t6, 0x44);
        r5 = Avx.Shuffle(t4, t6, 0xEE);
        r6 = Avx.Shuffle(t5, t7, 0x44);
        r7 = Avx.Shuffle(t5, t7, 0xEE);
        Avx.Permute2x128(r0, r4, 0x20).Store(to);
        Avx.Permute2x128(r1, r5, 0x20).Store(to + toStride);
        Avx.Permute2x128(r2, r6, 0x20).Store(to + (2 * toStride));
        Avx.Permute2x128(r3, r7, 0x20).Store(to + (3 * toStride));
        Avx.Permute2x128(r0, r4, 0x31).Store(to + (4 * toStride));
        Avx.Permute2x128(r1, r5, 0x31).Store(to + (5 * toStride));
        Avx.Permute2x128(r2, r6, 0x31).Store(to + (6 * toStride));
        Avx.Permute2x128(r3, r7, 0x31).Store(to + (7 * toStride));
    }
}
