namespace RobotRl.Algorithms.Kernels;

/// <summary>
/// C = A B, where B lies in panels of two registers' width. One micro-kernel of 6 rows by 2 registers (12 accumulators, of 16
/// registers) serves every product of a dense layer, because A may have any two strides.
/// </summary>
/// <remarks>
/// A panel of B (16 kB at 256 deep) stays in the first-level cache while rows of A pass by; the depth is cut into equal pieces of
/// at most <see cref="DepthBlock"/>, the rows into pieces that the second-level cache holds. Sums are formed in the same order
/// every time: the same bits from run to run.
/// </remarks>
internal static unsafe class MatrixProduct
{
    /// <summary>Rows of a tile.</summary>
    public const int TileRows = 6;

    private const int DepthBlock = 320,
        BlockFloats = 80_000;

    /// <summary>What is done with a tile when its sums are whole.</summary>
    public enum Finish
    {
        /// <summary>Stored as it is.</summary>
        None,

        /// <summary>max(0, x), NaN kept.</summary>
        Relu,

        /// <summary>Kept where the matrix of <see cref="Job.Mask"/> is above 0.</summary>
        Mask,
    }

    /// <summary>Columns of a panel of B with registers of <paramref name="width"/>.</summary>
    public static int PanelWidth(SimdWidth width) => 2 * (int)width;

    /// <summary>Panels for <paramref name="columns"/>.</summary>
    public static int Panels(int columns, SimdWidth width) => (columns + PanelWidth(width) - 1) / PanelWidth(width);

    /// <summary>One product.</summary>
    public struct Job
    {
        /// <summary>First element of A; element (i, k) is at i x <see cref="RowStride"/> + k x <see cref="DepthStride"/>.</summary>
        public float* A;

        /// <summary>Floats from one row of A to the next.</summary>
        public nint RowStride;

        /// <summary>Floats from one column of A to the next.</summary>
        public nint DepthStride;

        /// <summary>Floats from one group of <see cref="TileRows"/> rows of A to the next.</summary>
        public nint GroupStride;

        /// <summary>Rows of A and C, at least 1.</summary>
        public int Rows;

        /// <summary>Columns of A and rows of B, at least 1.</summary>
        public int Depth;

        /// <summary>First panel of B.</summary>
        public float* B;

        /// <summary>Floats from one panel of B to the next.</summary>
        public nint PanelStride;

        /// <summary>Floats from one row of a panel of B to the next.</summary>
        public nint PanelRowStride;

        /// <summary>Number of panels.</summary>
        public int Panels;

        /// <summary>Whether the row behind B's last one in each panel is added to every row of C (a bias).</summary>
        public bool Bias;

        /// <summary>First element of C; its rows must bear whole panels.</summary>
        public float* C;

        /// <summary>Floats from one row of C to the next.</summary>
        public nint CRowStride;

        /// <summary>Floats from one panel of C to the next.</summary>
        public nint CPanelStride;

        /// <summary>What to do at the end.</summary>
        public Finish Finish;

        /// <summary>For <see cref="Finish.Mask"/>: a matrix of C's size.</summary>
        public float* Mask;

        /// <summary>Floats from one of its rows to the next; panels are next to each other.</summary>
        public nint MaskStride;
    }

    /// <summary>Does it with the registers that B was packed for.</summary>
    public static void Run(in Job job, SimdWidth width)
    {
        switch (width)
        {
            case SimdWidth.Vector512:
                Run<Lanes512>(in job);
                break;
            case SimdWidth.Vector256:
                Run<Lanes256>(in job);
                break;
            case SimdWidth.Vector128:
                Run<Lanes128>(in job);
                break;
            default:
                Run<Lanes1>(in job);
                break;
        }
    }

    private static void Run<T>(in Job t)
        where T : unmanaged, ILanes<T>
    {
        int panel = 2 * T.Count;
        int depthPieces = (t.Depth + DepthBlock - 1) / DepthBlock,
            depth = (t.Depth + depthPieces - 1) / depthPieces;
        int groups = (t.Rows + TileRows - 1) / TileRows;
        int groupPieces = (int)((((long)groups * TileRows * depth) + BlockFloats - 1) / BlockFloats),
            groupBlock = (groups + groupPieces - 1) / groupPieces;
        for (int k = 0; k < t.Depth; k += depth)
        {
            int length = Math.Min(depth, t.Depth - k);
            bool first = k == 0,
                last = k + length == t.Depth;
            for (int start = 0; start < groups; start += groupBlock)
            {
                int end = Math.Min(groups, start + groupBlock);
                for (int p = 0; p < t.Panels; p++)
                {
                    float* b = t.B + (p * t.PanelStride),
                        bias = t.Bias && first ? b + (t.Depth * t.PanelRowStride) : null;
                    for (int g = start; g < end; g++)
                    {
                        int row = g * TileRows;
                        Tile<T>(
                            t.A + (g * t.GroupStride) + (k * t.DepthStride),
                            t.RowStride,
                            t.DepthStride,
                            Math.Min(TileRows, t.Rows - row),
                            b + (k * t.PanelRowStride),
                            t.PanelRowStride,
                            length,
                            bias,
                            !first,
                            t.C + (row * t.CRowStride) + (p * t.CPanelStride),
                            t.CRowStride,
                            last ? t.Finish : Finish.None,
                            t.Mask + (row * t.MaskStride) + (p * panel),
                            t.MaskStride
                        );
                    }
                }
            }
        }
    }

    // With fewer than 6 rows the last one is computed several times over and stored each time to the same place.
    private static void Tile<T>(
        float* a,
        nint rowStride,
        nint step,
        int rows,
        float* b,
        nint bStep,
        int depth,
        float* bias,
        bool add,
        float* c,
        nint cStride,
        Finish finish,
        float* mask,
        nint maskStride
    )
        where T : unmanaged, ILanes<T>
    {
        int n = T.Count;
        float* a0 = a,
            a1 = a + (Math.Min(1, rows - 1) * rowStride),
            a2 = a + (Math.Min(2, rows - 1) * rowStride);
        float* a3 = a + (Math.Min(3, rows - 1) * rowStride),
            a4 = a + (Math.Min(4, rows - 1) * rowStride),
            a5 = a + (Math.Min(5, rows - 1) * rowStride);
        T s00 = T.Zero,
            s01 = T.Zero;
        if (bias != null)
        {
            s00 = T.Load(bias);
            s01 = T.Load(bias + n);
        }

        T s10 = s00,
            s11 = s01,
            s20 = s00,
            s21 = s01,
            s30 = s00,
            s31 = s01,
            s40 = s00,
            s41 = s01,
            s50 = s00,
            s51 = s01;
        float* end = b + (depth * bStep);
        for (nint o = 0; b < end; b += bStep, o += step)
        {
            T b0 = T.Load(b),
                b1 = T.Load(b + n);
            T x = T.Create(a0[o]);
            s00 = T.MultiplyAdd(x, b0, s00);
            s01 = T.MultiplyAdd(x, b1, s01);
            x = T.Create(a1[o]);
            s10 = T.MultiplyAdd(x, b0, s10);
            s11 = T.MultiplyAdd(x, b1, s11);
            x = T.Create(a2[o]);
            s20 = T.MultiplyAdd(x, b0, s20);
            s21 = T.MultiplyAdd(x, b1, s21);
            x = T.Create(a3[o]);
            s30 = T.MultiplyAdd(x, b0, s30);
            s31 = T.MultiplyAdd(x, b1, s31);
            x = T.Create(a4[o]);
            s40 = T.MultiplyAdd(x, b0, s40);
            s41 = T.MultiplyAdd(x, b1, s41);
            x = T.Create(a5[o]);
            s50 = T.MultiplyAdd(x, b0, s50);
            s51 = T.MultiplyAdd(x, b1, s51);
        }

        int last = rows - 1;
        float* c1 = c + (Math.Min(1, last) * cStride),
            c2 = c + (Math.Min(2, last) * cStride),
            c3 = c + (Math.Min(3, last) * cStride);
        float* c4 = c + (Math.Min(4, last) * cStride),
            c5 = c + (Math.Min(5, last) * cStride);
        if (add)
        {
            s00 = T.Add(s00, T.Load(c));
            s01 = T.Add(s01, T.Load(c + n));
            s10 = T.Add(s10, T.Load(c1));
            s11 = T.Add(s11, T.Load(c1 + n));
            s20 = T.Add(s20, T.Load(c2));
            s21 = T.Add(s21, T.Load(c2 + n));
            s30 = T.Add(s30, T.Load(c3));
            s31 = T.Add(s31, T.Load(c3 + n));
            s40 = T.Add(s40, T.Load(c4));
            s41 = T.Add(s41, T.Load(c4 + n));
            s50 = T.Add(s50, T.Load(c5));
            s51 = T.Add(s51, T.Load(c5 + n));
        }

        if (finish != Finish.None)
        {
            bool relu = finish == Finish.Relu;
            float* m1 = mask + (Math.Min(1, last) * maskStride),
                m2 = mask + (Math.Min(2, last) * maskStride),
                m3 = mask + (Math.Min(3, last) * maskStride);
            float* m4 = mask + (Math.Min(4, last) * maskStride),
                m5 = mask + (Math.Min(5, last) * maskStride);
            s00 = T.WherePositive(s00, relu ? s00 : T.Load(mask));
            s01 = T.WherePositive(s01, relu ? s01 : T.Load(mask + n));
            s10 = T.WherePositive(s10, relu ? s10 : T.Load(m1));
            s11 = T.WherePositive(s11, relu ? s11 : T.Load(m1 + n));
            s20 = T.WherePositive(s20, relu ? s20 : T.Load(m2));
            s21 = T.WherePositive(s21, relu ? s21 : T.Load(m2 + n));
            s30 = T.WherePositive(s30, relu ? s30 : T.Load(m3));
            s31 = T.WherePositive(s31, relu ? s31 : T.Load(m3 + n));
            s40 = T.WherePositive(s40, relu ? s40 : T.Load(m4));
            s41 = T.WherePositive(s41, relu ? s41 : T.Load(m4 + n));
            s50 = T.WherePositive(s50, relu ? s50 : T.Load(m5));
            s51 = T.WherePositive(s51, relu ? s51 : T.Load(m5 + n));
        }

        T.Store(s00, c);
        T.Store(s01, c + n);
        T.Store(s10, c1);
        T.Store(s11, c1 + n);
        T.Store(s20, c2);
        T.Store(s21, c2 + n);
        T.Store(s30, c3);
        T.Store(s31, c3 + n);
        T.Store(s40, c4);
        T.Store(s41, c4 + n);
        T.Store(s50, c5);
        T.Store(s51, c5 + n);
    }
}
