using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.PolicyGradient;
using RobotRl.Algorithms.Randomness;

namespace RobotRl.Algorithms.Tests.PolicyGradient;

public sealed class ConjugateGradientTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(40)]
    public void Solve_OfAPositiveDefiniteMatrix_FindsTheSolutionItWasMadeFrom(int size)
    {
        (float[,] matrix, float[] expected, float[] b) = Make(size, (ulong)size + 1);
        float[] x = new float[size];
        x.AsSpan().Fill(float.NaN);
        var solver = new ConjugateGradient(size);
        solver.Solve((v, product) => Multiply(matrix, v, product), b, x, 4 * size);
        double scale = expected.Max(MathF.Abs);
        Assert.All(expected.Zip(x), pair => Assert.Equal(pair.First, pair.Second, 2e-3 * scale));
        Assert.InRange(solver.Iterations, 1, 4 * size);
    }

    [Fact]
    public void Solve_StoppedEarly_NeverGoesAgainstTheGradient_AndEveryIterationGainsOnTheQuadratic()
    {
        (float[,] matrix, _, float[] b) = Make(30, 9);
        float[] x = new float[30],
            product = new float[30];
        var solver = new ConjugateGradient(30);
        double before = 0;
        for (int most = 1; most <= 7; most++)
        {
            solver.Solve((v, p) => Multiply(matrix, v, p), b, x, most);
            Multiply(matrix, x, product);
            double quadratic = SampleKernels.WideDot(b, x) - (0.5 * SampleKernels.WideDot(x, product));
            Assert.Equal(most, solver.Iterations);
            Assert.True(SampleKernels.WideDot(b, x) > 0);
            Assert.True(quadratic > before, $"{quadratic} after {most} iterations, {before} before");
            before = quadratic;
        }
    }

    [Fact]
    public void Solve_OfAZeroRightSide_IsZeroWithoutAProduct()
    {
        float[] x = [1, 2];
        new ConjugateGradient(2).Solve((_, _) => Assert.Fail("a product"), [0, 0], x, 5);
        Assert.Equal([0, 0], x);
    }

    private static (float[,] Matrix, float[] Solution, float[] Right) Make(int size, ulong seed)
    {
        var random = new CounterRandom(seed, RandomPurpose.Simulation);
        float[,] root = new float[size, size],
            matrix = new float[size, size];
        for (int i = 0; i < size * size; i++)
        {
            root[i / size, i % size] = random.NextGaussian();
        }

        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j < size; j++)
            {
                matrix[i, j] = i == j ? 0.5f : 0;
                for (int k = 0; k < size; k++)
                {
                    matrix[i, j] += root[i, k] * root[j, k] / size;
                }
            }
        }

        float[] solution = new float[size],
            right = new float[size];
        random.FillGaussian(solution);
        Multiply(matrix, solution, right);
        return (matrix, solution, right);
    }

    private static void Multiply(float[,] matrix, float[] vector, float[] product)
    {
        for (int i = 0; i < vector.Length; i++)
        {
            double sum = 0;
            for (int j = 0; j < vector.Length; j++)
            {
                sum += (double)matrix[i, j] * vector[j];
            }

            product[i] = (float)sum;
        }
    }
}
