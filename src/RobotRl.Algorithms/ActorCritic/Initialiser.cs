using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Randomness;

namespace RobotRl.Algorithms.ActorCritic;

/// <summary>Fills flat parameter blocks with initial values.</summary>
internal static class Initialiser
{
    /// <summary>
    /// LeCun-uniform weights, U(-1/sqrt(n), 1/sqrt(n)) for n inputs, of which a share is then set to zero for every output at
    /// inputs of its own; biases zero (arXiv 2410.14606, SparseInit).
    /// </summary>
    /// <remarks>
    /// ceil(sparsity x n) inputs are zeroed: with fewer than ten inputs and 90% that is the whole first layer. That is the
    /// published program's rule, and it learns sooner than leaving one weight per unit (measured on cart-pole and pendulum):
    /// later layers pass gradient down, and the first features are copies of one direction, which layer norm makes a switch.
    /// </remarks>
    public static void Sparse(MlpShape shape, double sparsity, CounterRandom random, Span<float> parameters)
    {
        parameters.Clear();
        for (int layer = 0; layer < shape.LayerCount; layer++)
        {
            int inputs = shape.LayerInputs(layer),
                outputs = shape.LayerOutputs(layer),
                offset = shape.WeightOffset(layer);
            int zeros = (int)Math.Ceiling(sparsity * inputs);
            double bound = 1 / Math.Sqrt(inputs);
            int[] order = new int[inputs];
            for (int j = 0; j < outputs; j++)
            {
                for (int i = 0; i < inputs; i++)
                {
                    order[i] = i;
                    parameters[offset + (i * outputs) + j] = (float)random.NextDouble(-bound, bound);
                }

                for (int i = 0; i < zeros; i++)
                {
                    int other = i + random.NextInt32(inputs - i);
                    (order[i], order[other]) = (order[other], order[i]);
                    parameters[offset + (order[i] * outputs) + j] = 0;
                }
            }
        }
    }

    /// <summary>Weights and biases U(-1/sqrt(n), 1/sqrt(n)) for n inputs (PyTorch's Linear).</summary>
    public static void Dense(MlpShape shape, CounterRandom random, Span<float> parameters)
    {
        for (int layer = 0; layer < shape.LayerCount; layer++)
        {
            double bound = 1 / Math.Sqrt(shape.LayerInputs(layer));
            foreach (ref float parameter in parameters[shape.WeightOffset(layer)..shape.WeightOffset(layer + 1)])
            {
                parameter = (float)random.NextDouble(-bound, bound);
            }
        }
    }

    /// <summary>
    /// Weights with orthonormal rows or columns, whichever are fewer, times <paramref name="gain"/>; biases zero (arXiv
    /// 1312.6120).
    /// </summary>
    public static void Orthogonal(MlpShape shape, CounterRandom random, Span<float> parameters, double gain = 1)
    {
        parameters.Clear();
        for (int layer = 0; layer < shape.LayerCount; layer++)
        {
            int inputs = shape.LayerInputs(layer),
                outputs = shape.LayerOutputs(layer);
            bool wide = outputs > inputs;
            double[][] basis = Orthonormal(wide ? inputs : outputs, wide ? outputs : inputs, random);
            for (int i = 0; i < inputs; i++)
            {
                for (int j = 0; j < outputs; j++)
                {
                    parameters[shape.WeightOffset(layer) + (i * outputs) + j] = (float)(gain * (wide ? basis[i][j] : basis[j][i]));
                }
            }
        }
    }

    /// <summary>
    /// <paramref name="count"/> orthonormal vectors: Gaussian ones, each freed of the earlier ones (twice, against rounding).
    /// </summary>
    private static double[][] Orthonormal(int count, int size, CounterRandom random)
    {
        double[][] basis = new double[count][];
        for (int k = 0; k < count; k++)
        {
            double[] vector = basis[k] = new double[size];
            for (int i = 0; i < size; i++)
            {
                vector[i] = random.NextGaussian();
            }

            for (int pass = 0; pass < 2; pass++)
            {
                for (int earlier = 0; earlier < k; earlier++)
                {
                    AddScaled(vector, -Dot(vector, basis[earlier]), basis[earlier]);
                }
            }

            AddScaled(vector, (1 / Math.Sqrt(Dot(vector, vector))) - 1, vector);
        }

        return basis;
    }

    private static double Dot(double[] left, double[] right)
    {
        double sum = 0;
        for (int i = 0; i < left.Length; i++)
        {
            sum += left[i] * right[i];
        }

        return sum;
    }

    private static void AddScaled(double[] target, double factor, double[] source)
    {
        for (int i = 0; i < target.Length; i++)
        {
            target[i] += factor * source[i];
        }
    }
}
