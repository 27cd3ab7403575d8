using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Randomness;

namespace RobotRl.Algorithms.Tests.Kernels;

public sealed unsafe class AdamKernelTests
{
    [Theory]
    [InlineData(0.9f)]
    [InlineData(0.5f)]
    public void Step_ManyTimes_FollowsTheFormulaInDoublePrecisionWithItsTarget(float beta1)
    {
        const int n = 48;
        using var memory = new KernelMemory();
        float* p = memory.Floats(n),
            g = memory.Floats(n),
            m = memory.Floats(n),
            v = memory.Floats(n),
            target = memory.Floats(n);
        double[] p64 = new double[n],
            m64 = new double[n],
            v64 = new double[n],
            target64 = new double[n];
        float onep = 0,
            onem = 0,
            onev = 0;
        var random = new CounterRandom(4, RandomPurpose.Simulation);
        for (int step = 1; step <= 50; step++)
        {
            random.FillGaussian(new Span<float>(g, n));
            AdamKernel.Step(p, g, m, v, n, step, 1e-2, beta1, target, 0.05f);
            AdamKernel.Step(ref onep, g[3], ref onem, ref onev, step, 1e-2, beta1);
            for (int i = 0; i < n; i++)
            {
                m64[i] = (beta1 * m64[i]) + ((1 - beta1) * g[i]);
                v64[i] = (0.999 * v64[i]) + (0.001 * g[i] * g[i]);
                p64[i] -= 1e-2 / (1 - Math.Pow(beta1, step)) * m64[i] / (Math.Sqrt(v64[i] / (1 - Math.Pow(0.999, step))) + 1e-8);
                target64[i] += 0.05 * (p64[i] - target64[i]);
            }
        }

        for (int i = 0; i < n; i++)
        {
            Assert.Equal(p64[i], p[i], 2e-5);
            Assert.Equal(target64[i], target[i], 2e-5);
        }

        Assert.Equal(p64[3], onep, 2e-5);
    }
}
