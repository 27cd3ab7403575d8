using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Tests.OffPolicy;
using RobotRl.Algorithms.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Tests.Kernels;

/// <summary>What happens between two layers of the control thread's policy (it never goes back), against TorchSharp in float64.</summary>
public sealed unsafe class VectorActivationsTests
{
    [Theory]
    [MemberData(nameof(Seeds))]
    public void EveryActivation_RandomLength_EqualsTorchSharpInFloat64(int seed)
    {
        using var work = new KernelCase(seed, fewestColumns: 3);
        int count = work.Columns;
        float[] x = work.Draw(count, 2);
        Tensor reference = KernelCase.Rows64(x, count).flatten();

        float* values = Padded(work, x);
        VectorActivations.LayerNorm(values, count, 1e-5f);
        Gradients.Near(nn.functional.layer_norm(reference, [count]), new ReadOnlySpan<float>(values, count));
        values = Padded(work, x);
        VectorActivations.LeakyRelu(values, count, 0.01f);
        Gradients.Near(maximum(reference, reference.Times(0.01)), new ReadOnlySpan<float>(values, count));
        values = Padded(work, x);
        VectorActivations.Tanh(values, count);
        Gradients.Near(reference.tanh(), new ReadOnlySpan<float>(values, count));
        foreach (SimdWidth width in Enum.GetValues<SimdWidth>())
        {
            float* listed = work.Memory.Floats(DenseVector.Padded(count) + 64);
            int[] places = new int[DenseVector.Padded(count) + 64];
            fixed (int* indices = places)
            {
                int found = VectorActivations.ListPositive(Padded(work, x), count, indices, listed, width);
                int[] positive = [.. Enumerable.Range(0, count).Where(i => x[i] > 0)];
                Assert.Equal(positive, places[..found]);
                Assert.Equal(positive.Select(i => x[i]), new ReadOnlySpan<float>(listed, found).ToArray());
            }
        }
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    private static float* Padded(KernelCase work, float[] x)
    {
        float* to = work.Memory.Floats(DenseVector.Padded(x.Length));
        x.CopyTo(new Span<float>(to, x.Length));
        return to;
    }
}
