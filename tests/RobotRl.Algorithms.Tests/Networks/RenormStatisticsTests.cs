using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Randomness;

namespace RobotRl.Algorithms.Tests.Networks;

/// <summary>Managed and TorchSharp CrossQ share the running statistics, so nothing else would see a mistake in them.</summary>
public sealed class RenormStatisticsTests
{
    private static readonly MlpShape Shape = new(4, [3], 2);

    [Fact]
    public void Correct_NotYetWarm_LeavesTheBatchAsItIs_AndTakesItIn()
    {
        var statistics = new RenormStatistics(Shape, 2, 0.9);
        float[] r = new float[4],
            d = new float[4];
        statistics.Correct(1, 0, warm: false, [1, -2, 0, 4], [4, 0.25f, 1, 0], r, d);
        Assert.Equal([1f, 1, 1, 1], r);
        Assert.Equal([0f, 0, 0, 0], d);
        // momentum old + (1 - momentum) new, from mean 0 and variance 1.
        Near([0.1, -0.2, 0, 0.4], statistics.Mean(1, 0));
        Near([1.3, 0.925, 1, 0.9], statistics.Variance(1, 0));
        Near([0, 0, 0, 0], statistics.Mean(0, 0));
        Near([0, 0, 0], statistics.Mean(1, 1));
        statistics.Correct(1, 0, warm: false, [1, -2, 0, 4], [4, 0.25f, 1, 0], r, d);
        Near([0.19, -0.38, 0, 0.76], statistics.Mean(1, 0));
        Near([1.57, 0.8575, 1, 0.81], statistics.Variance(1, 0));
    }

    [Fact]
    public void Correct_Warm_IsTheRatioAndTheDistanceToTheRunningOnesWithinTheirBounds()
    {
        var statistics = new RenormStatistics(Shape, 1, 0.5);
        (float[] mean, float[] variance) = (statistics.Mean(0, 0), statistics.Variance(0, 0));
        new float[] { 1, 2, -1, 0 }.CopyTo(mean, 0);
        new float[] { 0.999f, 3.999f, 0.249f, 0.999f }.CopyTo(variance, 0); // with epsilon 0.001 the deviations are 1, 2, 0.5, 1
        float[] r = new float[4],
            d = new float[4];
        statistics.Correct(0, 0, warm: true, [3, 3, -9, 4], [3.999f, 0.249f, 24.999f, 0.999f], r, d);
        Near([2, 1.0 / 3, 3, 1], r); // 2/1; 0.5/2 and 5/0.5 are cut to [1/3, 3]; 1/1
        Near([2, 0.5, -5, 4], d); // (3-1)/1; (3-2)/2; (-9+1)/0.5 is cut to -5; 4/1
        // What corrects is what stood before the batch was taken in.
        Near([2, 2.5, -5, 2], mean);
        Near([2.499, 2.124, 12.624, 0.999], variance);
    }

    [Fact]
    public void Fold_RandomNetwork_ComputesTheSameWithoutStatistics_AndUnfoldBringsItBack()
    {
        var shape = new MlpShape(5, [7, 6], 3);
        var statistics = new RenormStatistics(shape, 2, 0.99);
        var random = new CounterRandom(3, RandomPurpose.Simulation);
        float[] flat = Draw(random, shape.ParameterCount),
            extras = Draw(random, RenormStatistics.InitialExtras(shape).Length),
            x = Draw(random, 5);
        for (int l = 0; l < shape.LayerCount; l++)
        {
            Draw(random, shape.LayerInputs(l)).CopyTo(statistics.Mean(1, l), 0);
            Draw(random, shape.LayerInputs(l)).Select(v => 0.2f + (v * v)).ToArray().CopyTo(statistics.Variance(1, l), 0);
        }

        double[] y = [.. x.Select(v => (double)v)];
        for (int l = 0, offset = 0; l < shape.LayerCount; l++)
        {
            int inputs = shape.LayerInputs(l),
                at = offset;
            Assert.Equal(offset, RenormStatistics.ExtraOffset(shape, l));
            y =
            [
                .. y.Select(
                    (v, i) =>
                        ((v - statistics.Mean(1, l)[i]) / Math.Sqrt(statistics.Variance(1, l)[i] + BatchRenorm.Epsilon) * extras[at + i])
                        + extras[at + inputs + i]
                ),
            ];
            y =
            [
                .. Enumerable
                    .Range(0, shape.LayerOutputs(l))
                    .Select(o =>
                        flat[shape.BiasOffset(l) + o]
                        + y.Select((v, i) => v * flat[shape.WeightOffset(l) + (i * shape.LayerOutputs(l)) + o]).Sum()
                    ),
            ];
            y = l == shape.LayerCount - 1 ? y : [.. y.Select(v => Math.Max(0, v))];
            offset += 2 * inputs;
        }

        float[] folded = [.. flat];
        statistics.Fold(1, extras, folded);
        double[] plain = ReferenceMlp.Forward(shape, [.. folded.Select(p => (double)p)], [.. x.Select(v => (double)v)]);
        Assert.All(y.Zip(plain), pair => Assert.Equal(pair.First, pair.Second, 1e-5 * (1 + y.Max(Math.Abs))));
        Assert.NotEqual(flat, folded);
        statistics.Unfold(1, extras, folded);
        Near([.. flat.Select(p => (double)p)], folded, 1e-4);
    }

    private static float[] Draw(CounterRandom random, int count)
    {
        float[] values = new float[count];
        random.FillGaussian(values);
        return values;
    }

    private static void Near(double[] expected, float[] actual, double tolerance = 1e-5)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }
}
