using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.ML.OnnxRuntime;
using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Randomness;

namespace RobotRl.Benchmarks.Inference;

/// <summary>
/// One observation to one action on one thread: <see cref="PackedPolicy"/> against ONNX Runtime with IoBinding, same weights,
/// same observations, in turn in one run.
/// </summary>
internal sealed class InferenceBenchmark : IPeerBenchmark
{
    private const int Rounds = 30,
        Calls = 2000,
        Observations = 64;
    private const double Floor = 3,
        Tolerance = 1e-5;

    public string Name => "inference";

    public string Summary => "policy inference, batch 1, against ONNX Runtime with IoBinding, p50";

    public IReadOnlyList<BenchmarkResult> Compare(TextWriter log) => [Run([], log)];

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log)
    {
        log.WriteLine(
            $"Batch 1, one thread, {DenseVector.BestWidth}; medians over {Rounds} rounds of {Calls} calls, in turn with ONNX "
                + $"Runtime {OrtEnv.Instance().GetVersionString()} (IoBinding, spinning off). Times in us."
        );
        log.WriteLine("| network | p50 | p99 | bytes a call | ONNX Runtime p50 | p99 | ratio p50 | ratio p99 | sampled action p50 |");
        log.WriteLine("|---|---|---|---|---|---|---|---|---|");
        Row main = Measure(new MlpShape(17, [256, 256], 6), log);
        Measure(new MlpShape(17, [256, 256], 6, Activation.LeakyRelu), log);
        Measure(new MlpShape(17, [256, 256], 6, Activation.Tanh), log);
        Measure(new MlpShape(3, [64, 64], 1), log);
        double ratio = main.Theirs.P50 / main.Ours.P50;
        return new(
            Name,
            main.Ours.P50,
            "us",
            "ONNX Runtime IoBinding",
            main.Theirs.P50,
            ratio,
            $"{Floor}x faster at p50, 0 bytes a call",
            ratio >= Floor && main.Bytes == 0
        );
    }

    private static Row Measure(MlpShape shape, TextWriter log)
    {
        var random = new CounterRandom(1, RandomPurpose.Initialisation);
        var block = Block(new PolicySpec(shape, PolicyHead.Deterministic, shape.Outputs), random);
        using var policy = new PackedPolicy(block.Spec);
        policy.Pack(block);
        PolicyBlock stochastic = Block(
            new PolicySpec(shape with { Outputs = 2 * shape.Outputs }, PolicyHead.SquashedGaussian, shape.Outputs),
            random
        );
        using var sampled = new PackedPolicy(stochastic.Spec);
        sampled.Pack(stochastic);

        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        using var session = new InferenceSession(OnnxModel.Write(shape, block.Parameters), options);
        float[] observations = new float[Observations * shape.Inputs],
            input = new float[shape.Inputs],
            output = new float[shape.Outputs],
            action = new float[shape.Outputs],
            preSquash = new float[shape.Outputs];
        random.FillGaussian(observations);
        using OrtValue inputValue = OrtValue.CreateTensorValueFromMemory(input, [1, shape.Inputs]),
            outputValue = OrtValue.CreateTensorValueFromMemory(output, [1, shape.Outputs]);
        using var run = new RunOptions();
        using OrtIoBinding binding = session.CreateIoBinding();
        binding.BindInput("observation", inputValue);
        binding.BindOutput("action", outputValue);

        double difference = 0;
        for (int o = 0; o < Observations; o++)
        {
            observations.AsSpan(o * shape.Inputs, shape.Inputs).CopyTo(input);
            session.RunWithBinding(run, binding);
            policy.ActFrozen(input, action);
            difference = Math.Max(difference, action.Zip(output, (a, b) => Math.Abs(a - b)).Max());
        }

        if (!(difference <= Tolerance))
        {
            throw new InvalidOperationException($"The outputs differ by {difference:G3}, more than {Tolerance:G1}.");
        }

        var noise = new CounterRandom(1, RandomPurpose.Acting);
        Action ours = () => policy.ActFrozen(input, action),
            theirs = () => session.RunWithBinding(run, binding),
            drawn = () => sampled.Act(input, noise, action, preSquash);
        double[] times = new double[Calls];
        foreach (Action one in new[] { ours, theirs, drawn, ours, theirs, drawn })
        {
            // Twice with a pause between: the second time runs what the just-in-time compiler has made better.
            for (int i = 0; i < 10; i++)
            {
                Time(one, observations, input, times);
            }

            Thread.Sleep(150);
        }

        List<Quantiles> our = [],
            their = [],
            draw = [];
        long before = GC.GetAllocatedBytesForCurrentThread(),
            allocated = 0;
        for (int round = 0; round < Rounds; round++)
        {
            before = GC.GetAllocatedBytesForCurrentThread();
            Time(ours, observations, input, times);
            allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            our.Add(Quantiles.Of(times));
            Time(theirs, observations, input, times);
            their.Add(Quantiles.Of(times));
            before = GC.GetAllocatedBytesForCurrentThread();
            Time(drawn, observations, input, times);
            allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            draw.Add(Quantiles.Of(times));
        }

        var row = new Row(Quantiles.Median(our), Quantiles.Median(their), allocated / (2.0 * Rounds * Calls));
        string network = $"{shape.Inputs}-{string.Join('-', shape.Hidden)}-{shape.Outputs} {shape.Activation}";
        log.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"| {network} | {row.Ours.P50:F2} | {row.Ours.P99:F2} | {row.Bytes:G3} | {row.Theirs.P50:F2} | "
                    + $"{row.Theirs.P99:F2} | {row.Theirs.P50 / row.Ours.P50:F2} | {row.Theirs.P99 / row.Ours.P99:F2} | "
                    + $"{Quantiles.Median(draw).P50:F2} |"
            )
        );
        return row;
    }

    // PyTorch's default for linear layers: uniform within 1 / sqrt(inputs).
    private static PolicyBlock Block(PolicySpec spec, CounterRandom random)
    {
        var block = new PolicyBlock(spec);
        for (int l = 0; l < spec.Network.LayerCount; l++)
        {
            double limit = 1 / Math.Sqrt(spec.Network.LayerInputs(l));
            for (int i = spec.Network.WeightOffset(l); i < spec.Network.WeightOffset(l + 1); i++)
            {
                block.Parameters[i] = (float)random.NextDouble(-limit, limit);
            }
        }

        return block;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Time(Action action, float[] observations, float[] input, double[] times)
    {
        for (int i = 0; i < times.Length; i++)
        {
            Array.Copy(observations, i % Observations * input.Length, input, 0, input.Length);
            long start = Stopwatch.GetTimestamp();
            action();
            times[i] = (Stopwatch.GetTimestamp() - start) * 1e6 / Stopwatch.Frequency;
        }
    }

    private sealed record Row(Quantiles Ours, Quantiles Theirs, double Bytes);

    private readonly record struct Quantiles(double P50, double P99)
    {
        public static Quantiles Of(double[] times)
        {
            Array.Sort(times);
            return new(times[times.Length / 2], times[times.Length * 99 / 100]);
        }

        public static Quantiles Median(List<Quantiles> rounds) =>
            new(
                rounds.Select(r => r.P50).Order().ElementAt(rounds.Count / 2),
                rounds.Select(r => r.P99).Order().ElementAt(rounds.Count / 2)
            );
    }
}
