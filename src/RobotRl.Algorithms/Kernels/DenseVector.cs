using System.Runtime.Intrinsics;

namespace RobotRl.Algorithms.Kernels;

/// <summary>
/// y = W x + b for one vector: the product that the control thread's policy inference is made of. Weights are packed in
/// panels of as many outputs as fit in registers, [panel][input][outputs of the panel]; the inputs come as a list of the
/// non-zero ones, so that what a ReLU has switched off is not even read.
/// </summary>
internal static unsafe class DenseVector
{
    /// <summary>Outputs are padded to this many floats, whatever the width, and blocks are aligned to this many bytes x 4.</summary>
    public const int Padding = 16;

    /// <summary>The widest registers that this processor has.</summary>
    public static SimdWidth BestWidth =>
        Vector512.IsHardwareAccelerated ? SimdWidth.Vector512
        : Vector256.IsHardwareAccelerated ? SimdWidth.Vector256
        : Vector128.IsHardwareAccelerated ? SimdWidth.Vector128
        : SimdWidth.Scalar;

    /// <summary>Length of <paramref name="count"/> floats with padding.</summary>
    public static int Padded(int count) => (count + Padding - 1) / Padding * Padding;

    /// <summary>
    /// Packs weights [inputs, outputs] (row-major) into <paramref name="packed"/> [inputs x Padded(outputs)], whose padding is
    /// zero already.
    /// </summary>
    public static void Pack(ReadOnlySpan<float> weights, int inputs, int outputs, float* packed, SimdWidth width)
    {
        int start = 0,
            padded = Padded(outputs);
        while (start < padded)
        {
            int panel = PanelVectors((padded - start) / (int)width, WidePanel(width)) * (int)width;
            int present = Math.Min(panel, outputs - start);
            for (int i = 0; i < inputs && present > 0; i++)
            {
                weights
                    .Slice((i * outputs) + start, present)
                    .CopyTo(new Span<float>(packed + ((long)start * inputs) + ((long)i * panel), panel));
            }

            start += panel;
        }
    }

    /// <summary>The product, with the kernel of <paramref name="width"/> (the one it was packed for).</summary>
    /// <param name="packed">Weights from <see cref="Pack"/>.</param>
    /// <param name="bias">[Padded(outputs)], the padding zero.</param>
    /// <param name="indices">Which inputs are not zero, rising, [count].</param>
    /// <param name="values">Their values, [count].</param>
    /// <param name="count">How many there are.</param>
    /// <param name="inputs">Inputs of the layer.</param>
    /// <param name="outputs">Outputs of the layer.</param>
    /// <param name="result">[Padded(outputs)].</param>
    /// <param name="width">Registers to use.</param>
    public static void Multiply(
        float* packed,
        float* bias,
        int* indices,
        float* values,
        int count,
        int inputs,
        int outputs,
        float* result,
        SimdWidth width
    )
    {
        switch (width)
        {
            case SimdWidth.Vector512:
                Multiply<Lanes512>(packed, bias, indices, values, count, inputs, Padded(outputs), result);
                break;
            case SimdWidth.Vector256:
                Multiply<Lanes256>(packed, bias, indices, values, count, inputs, Padded(outputs), result);
                break;
            case SimdWidth.Vector128:
                Multiply<Lanes128>(packed, bias, indices, values, count, inputs, Padded(outputs), result);
                break;
            default:
                Multiply<Lanes1>(packed, bias, indices, values, count, inputs, Padded(outputs), result);
                break;
        }
    }

    private static int WidePanel(SimdWidth width) =>
        width switch
        {
            SimdWidth.Vector512 => Lanes512.WidePanel,
            SimdWidth.Vector256 => Lanes256.WidePanel,
            SimdWidth.Vector128 => Lanes128.WidePanel,
            _ => Lanes1.WidePanel,
        };

    private static int PanelVectors(int left, int wide) =>
        left >= 16 && wide >= 16 ? 16
        : left >= 8 ? 8
        : left >= 4 ? 4
        : 1;

    private static void Multiply<T>(float* w, float* bias, int* indices, float* values, int count, int inputs, int padded, float* result)
        where T : unmanaged, ILanes<T>
    {
        int vectors = padded / T.Count;
        while (vectors > 0)
        {
            int panel = PanelVectors(vectors, T.WidePanel);
            switch (panel)
            {
                case 16:
                    Panel16<T>(w, bias, indices, values, count, result);
                    break;
                case 8:
                    Panel8<T>(w, bias, indices, values, count, result);
                    break;
                case 4:
                    Panel4<T>(w, bias, indices, values, count, result);
                    break;
                default:
                    Panel1<T>(w, bias, indices, values, count, result);
                    break;
            }

            int outputs = panel * T.Count;
            w += (long)outputs * inputs;
            bias += outputs;
            result += outputs;
            vectors -= panel;
        }
    }

    private static void Panel16<T>(float* w, float* bias, int* indices, float* values, int count, float* result)
        where T : unmanaged, ILanes<T>
    {
        int n = T.Count;
        T a0 = T.Load(bias),
            a1 = T.Load(bias + n),
            a2 = T.Load(bias + (2 * n)),
            a3 = T.Load(bias + (3 * n));
        T a4 = T.Load(bias + (4 * n)),
            a5 = T.Load(bias + (5 * n)),
            a6 = T.Load(bias + (6 * n)),
            a7 = T.Load(bias + (7 * n));
        T a8 = T.Load(bias + (8 * n)),
            a9 = T.Load(bias + (9 * n)),
            a10 = T.Load(bias + (10 * n)),
            a11 = T.Load(bias + (11 * n));
        T a12 = T.Load(bias + (12 * n)),
            a13 = T.Load(bias + (13 * n)),
            a14 = T.Load(bias + (14 * n)),
            a15 = T.Load(bias + (15 * n));
        for (int k = 0; k < count; k++)
        {
            T x = T.Create(values[k]);
            float* row = w + ((long)indices[k] * (16 * n));
            a0 = T.MultiplyAdd(T.Load(row), x, a0);
            a1 = T.MultiplyAdd(T.Load(row + n), x, a1);
            a2 = T.MultiplyAdd(T.Load(row + (2 * n)), x, a2);
            a3 = T.MultiplyAdd(T.Load(row + (3 * n)), x, a3);
            a4 = T.MultiplyAdd(T.Load(row + (4 * n)), x, a4);
            a5 = T.MultiplyAdd(T.Load(row + (5 * n)), x, a5);
            a6 = T.MultiplyAdd(T.Load(row + (6 * n)), x, a6);
            a7 = T.MultiplyAdd(T.Load(row + (7 * n)), x, a7);
            a8 = T.MultiplyAdd(T.Load(row + (8 * n)), x, a8);
            a9 = T.MultiplyAdd(T.Load(row + (9 * n)), x, a9);
            a10 = T.MultiplyAdd(T.Load(row + (10 * n)), x, a10);
            a11 = T.MultiplyAdd(T.Load(row + (11 * n)), x, a11);
            a12 = T.MultiplyAdd(T.Load(row + (12 * n)), x, a12);
            a13 = T.MultiplyAdd(T.Load(row + (13 * n)), x, a13);
            a14 = T.MultiplyAdd(T.Load(row + (14 * n)), x, a14);
            a15 = T.MultiplyAdd(T.Load(row + (15 * n)), x, a15);
        }

        T.Store(a0, result);
        T.Store(a1, result + n);
        T.Store(a2, result + (2 * n));
        T.Store(a3, result + (3 * n));
        T.Store(a4, result + (4 * n));
        T.Store(a5, result + (5 * n));
        T.Store(a6, result + (6 * n));
        T.Store(a7, result + (7 * n));
        T.Store(a8, result + (8 * n));
        T.Store(a9, result + (9 * n));
        T.Store(a10, result + (10 * n));
        T.Store(a11, result + (11 * n));
        T.Store(a12, result + (12 * n));
        T.Store(a13, result + (13 * n));
        T.Store(a14, result + (14 * n));
        T.Store(a15, result + (15 * n));
    }

    private static void Panel8<T>(float* w, float* bias, int* indices, float* values, int count, float* result)
        where T : unmanaged, ILanes<T>
    {
        int n = T.Count;
        T a0 = T.Load(bias),
            a1 = T.Load(bias + n),
            a2 = T.Load(bias + (2 * n)),
            a3 = T.Load(bias + (3 * n));
        T a4 = T.Load(bias + (4 * n)),
            a5 = T.Load(bias + (5 * n)),
            a6 = T.Load(bias + (6 * n)),
            a7 = T.Load(bias + (7 * n));
        for (int k = 0; k < count; k++)
        {
            T x = T.Create(values[k]);
            float* row = w + ((long)indices[k] * (8 * n));
            a0 = T.MultiplyAdd(T.Load(row), x, a0);
            a1 = T.MultiplyAdd(T.Load(row + n), x, a1);
            a2 = T.MultiplyAdd(T.Load(row + (2 * n)), x, a2);
            a3 = T.MultiplyAdd(T.Load(row + (3 * n)), x, a3);
            a4 = T.MultiplyAdd(T.Load(row + (4 * n)), x, a4);
            a5 = T.MultiplyAdd(T.Load(row + (5 * n)), x, a5);
            a6 = T.MultiplyAdd(T.Load(row + (6 * n)), x, a6);
            a7 = T.MultiplyAdd(T.Load(row + (7 * n)), x, a7);
        }

        T.Store(a0, result);
        T.Store(a1, result + n);
        T.Store(a2, result + (2 * n));
        T.Store(a3, result + (3 * n));
        T.Store(a4, result + (4 * n));
        T.Store(a5, result + (5 * n));
        T.Store(a6, result + (6 * n));
        T.Store(a7, result + (7 * n));
    }

    // Narrow panels take several inputs at a time: one chain of additions per output would wait for its own latency.
    private static void Panel4<T>(float* w, float* bias, int* indices, float* values, int count, float* result)
        where T : unmanaged, ILanes<T>
    {
        int n = T.Count,
            k = 0;
        T a0 = T.Load(bias),
            a1 = T.Load(bias + n),
            a2 = T.Load(bias + (2 * n)),
            a3 = T.Load(bias + (3 * n));
        T b0 = T.Zero,
            b1 = T.Zero,
            b2 = T.Zero,
            b3 = T.Zero;
        for (; k + 1 < count; k += 2)
        {
            T x = T.Create(values[k]),
                y = T.Create(values[k + 1]);
            float* row = w + ((long)indices[k] * (4 * n)),
                next = w + ((long)indices[k + 1] * (4 * n));
            a0 = T.MultiplyAdd(T.Load(row), x, a0);
            a1 = T.MultiplyAdd(T.Load(row + n), x, a1);
            a2 = T.MultiplyAdd(T.Load(row + (2 * n)), x, a2);
            a3 = T.MultiplyAdd(T.Load(row + (3 * n)), x, a3);
            b0 = T.MultiplyAdd(T.Load(next), y, b0);
            b1 = T.MultiplyAdd(T.Load(next + n), y, b1);
            b2 = T.MultiplyAdd(T.Load(next + (2 * n)), y, b2);
            b3 = T.MultiplyAdd(T.Load(next + (3 * n)), y, b3);
        }

        if (k < count)
        {
            T x = T.Create(values[k]);
            float* row = w + ((long)indices[k] * (4 * n));
            a0 = T.MultiplyAdd(T.Load(row), x, a0);
            a1 = T.MultiplyAdd(T.Load(row + n), x, a1);
            a2 = T.MultiplyAdd(T.Load(row + (2 * n)), x, a2);
            a3 = T.MultiplyAdd(T.Load(row + (3 * n)), x, a3);
        }

        T.Store(T.Add(a0, b0), result);
        T.Store(T.Add(a1, b1), result + n);
        T.Store(T.Add(a2, b2), result + (2 * n));
        T.Store(T.Add(a3, b3), result + (3 * n));
    }

    private static void Panel1<T>(float* w, float* bias, int* indices, float* values, int count, float* result)
        where T : unmanaged, ILanes<T>
    {
        int n = T.Count,
            k = 0;
        T a0 = T.Load(bias),
            a1 = T.Zero,
            a2 = T.Zero,
            a3 = T.Zero,
            a4 = T.Zero,
            a5 = T.Zero,
            a6 = T.Zero,
            a7 = T.Zero;
        for (; k + 7 < count; k += 8)
        {
            a0 = T.MultiplyAdd(T.Load(w + ((long)indices[k] * n)), T.Create(values[k]), a0);
            a1 = T.MultiplyAdd(T.Load(w + ((long)indices[k + 1] * n)), T.Create(values[k + 1]), a1);
            a2 = T.MultiplyAdd(T.Load(w + ((long)indices[k + 2] * n)), T.Create(values[k + 2]), a2);
            a3 = T.MultiplyAdd(T.Load(w + ((long)indices[k + 3] * n)), T.Create(values[k + 3]), a3);
            a4 = T.MultiplyAdd(T.Load(w + ((long)indices[k + 4] * n)), T.Create(values[k + 4]), a4);
            a5 = T.MultiplyAdd(T.Load(w + ((long)indices[k + 5] * n)), T.Create(values[k + 5]), a5);
            a6 = T.MultiplyAdd(T.Load(w + ((long)indices[k + 6] * n)), T.Create(values[k + 6]), a6);
            a7 = T.MultiplyAdd(T.Load(w + ((long)indices[k + 7] * n)), T.Create(values[k + 7]), a7);
        }

        for (; k < count; k++)
        {
            a0 = T.MultiplyAdd(T.Load(w + ((long)indices[k] * n)), T.Create(values[k]), a0);
        }

        T.Store(T.Add(T.Add(T.Add(a0, a1), T.Add(a2, a3)), T.Add(T.Add(a4, a5), T.Add(a6, a7))), result);
    }
}
