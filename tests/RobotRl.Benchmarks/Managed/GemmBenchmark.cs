using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Torch;
using RobotRl.Benchmarks.Sac;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Benchmarks.Managed;

/// <summary>
/// The three products of a dense layer in managed code against libtorch's addmm, one thread each, in turns, for each shape that a
/// SAC update uses.
/// </summary>
internal sealed unsafe class GemmBenchmark : IBenchmark
{
    private const int Rounds = 15;
    private const double Floor = 0.95,
        FloorEach = 0.8,
        MultiplicationsPerTurn = 4e8;

    private static readonly SimdWidth s_width = DenseVector.BestWidth;

    public string Name => "gemm";

    public string Summary => "managed matrix products against libtorch's, 256x256x256 and the shapes of a SAC update";

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        TorchThreads.Set(1);
        using IDisposable noGradient = no_grad();
        log.WriteLine($"| product | rows x inputs x outputs | managed GFLOP/s | libtorch GFLOP/s | ratio |  ({s_width})");
        log.WriteLine("|---|---|---|---|---|");
        double square = double.PositiveInfinity,
            worst = double.PositiveInfinity,
            rate = 0;
        foreach (
            (int rows, int inputs, int outputs) in (ReadOnlySpan<(int, int, int)>)
                [(256, 256, 256), (512, 256, 256), (512, 17, 256), (256, 23, 256), (512, 256, 12), (256, 256, 1)]
        )
        {
            foreach (string form in (ReadOnlySpan<string>)["forward", "input gradient", "weight gradient"])
            {
                // What no SAC update has: gradients of the target's and the doubled batch, and of the first layer's observations.
                if (form != "forward" && (rows == 512 || (form == "input gradient" && inputs < 256)))
                {
                    continue;
                }

                (double ours, double theirs, double ratio) = Measure(form, rows, inputs, outputs);
                log.WriteLine($"| {form} | {rows} x {inputs} x {outputs} | {ours:F1} | {theirs:F1} | {ratio:F2} |");
                worst = Math.Min(worst, ratio);
                if ((rows, inputs, outputs) == (256, 256, 256))
                {
                    square = Math.Min(square, ratio);
                    rate = Math.Max(rate, ours);
                }
            }
        }

        return new(
            Name,
            rate,
            "GFLOP/s at 256x256x256",
            "libtorch",
            rate / square,
            square,
            $"{Floor} at 256x256x256 in each form, {FloorEach} elsewhere (worst {worst:F2})",
            square >= Floor && worst >= FloorEach
        );
    }

    private static (double Ours, double Theirs, double Ratio) Measure(string form, int rows, int inputs, int outputs)
    {
        using var memory = new KernelMemory();
        Matrix x = Random(memory.Matrix(rows, inputs)),
            dy = Random(memory.Matrix(rows, outputs)),
            y = memory.Matrix(rows, outputs),
            dx = memory.Matrix(rows, inputs);
        int length = DenseKernels.PackedLength(inputs, outputs, s_width);
        float* layer = memory.Floats(length),
            gradient = memory.Floats(length),
            scratch = memory.Floats(DenseKernels.ScratchLength(inputs, rows));
        float* transposed = memory.Floats(outputs == 1 ? 1 : DenseKernels.TransposedLength(inputs, outputs, s_width));
        Tensor tx = randn(rows, inputs),
            tw = randn(inputs, outputs),
            tb = randn(outputs),
            tdy = randn(rows, outputs);
        Tensor ty = zeros(rows, outputs),
            tdx = zeros(rows, inputs),
            tdw = zeros(inputs, outputs),
            txt = tx.t(),
            twt = tw.t();
        int repeats = (int)Math.Max(1, MultiplicationsPerTurn / ((double)rows * inputs * outputs));
        repeats = Math.Min(repeats, 1500);
        Action ours = form switch
        {
            "forward" => () => DenseKernels.Forward(x, layer, y, false, s_width),
            "input gradient" when outputs == 1 => () => SingleOutput.InputGradient(dy, layer, default, dx),
            "input gradient" => () =>
            {
                // Packing belongs to it: once per product here, as in an update.
                DenseKernels.PackTransposed(layer, inputs, outputs, 0, inputs, transposed, s_width);
                DenseKernels.InputGradient(dy, transposed, default, dx, s_width);
            },
            _ => () => DenseKernels.WeightGradient(x, dy, gradient, scratch, s_width),
        };
        Action theirs = form switch
        {
            "forward" => () => ty.copy_(tb).addmm_(tx, tw, beta: 1, alpha: 1),
            "input gradient" => () => tdx.addmm_(tdy, twt, beta: 0, alpha: 1),
            _ => () => tdw.addmm_(txt, tdy, beta: 0, alpha: 1),
        };
        var times = new List<(double Ours, double Theirs)>();
        for (int round = -8; round < Rounds; round++)
        {
            double a = Seconds(ours, repeats),
                b = Seconds(theirs, repeats);
            if (round >= 0)
            {
                times.Add((a, b));
            }
        }

        double work = 2e-9 * rows * inputs * outputs * repeats;
        return (
            work / SacWork.Median(times.Select(t => t.Ours)),
            work / SacWork.Median(times.Select(t => t.Theirs)),
            SacWork.Median(times.Select(t => t.Theirs / t.Ours))
        );
    }

    private static double Seconds(Action work, int repeats)
    {
        TimeSpan start = Environment.CpuUsage.TotalTime;
        for (int i = 0; i < repeats; i++)
        {
            work();
        }

        return (Environment.CpuUsage.TotalTime - start).TotalSeconds;
    }

    private static Matrix Random(Matrix matrix)
    {
        var random = new Algorithms.Randomness.CounterRandom(1, 2);
        for (int r = 0; r < matrix.Rows; r++)
        {
            random.FillGaussian(matrix.Span(r));
        }

        return matrix;
    }
}
