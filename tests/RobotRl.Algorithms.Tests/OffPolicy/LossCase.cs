using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Tests.Networks;

namespace RobotRl.Algorithms.Tests.OffPolicy;

/// <summary>
/// A random minibatch, and what the whole losses of the off-policy learners are written down with in double precision: their
/// central differences are the
/// oracle of the gradients, and nothing of the product's arithmetic is in them.
/// </summary>
internal sealed class LossCase(int observations, int actions, int rows)
{
    /// <summary>Relative error that losses and gradients must keep to.</summary>
    private const double Tolerance = 2e-5;

    public float[] States { get; } = Gradients.Draw(1, rows * observations);

    public float[] Next { get; } = Gradients.Draw(2, rows * observations);

    public float[] Acted { get; } = Gradients.Draw(3, rows * actions);

    public float[] Returns { get; } = Gradients.Draw(4, rows);

    public float[] Noise { get; } = Gradients.Draw(5, rows * actions);

    public float[] NextNoise { get; } = Gradients.Draw(6, rows * actions);

    /// <summary>gamma, but 0 for two rows that terminated.</summary>
    public float[] Bootstraps { get; } = [.. Enumerable.Range(0, rows).Select(i => i is 1 or 4 ? 0f : 0.9f)];

    public double[] State(int row) => Row(States, row, observations);

    public double[] After(int row) => Row(Next, row, observations);

    public double[] Action(int row) => Row(Acted, row, actions);

    public double[] Epsilon(int row) => Row(Noise, row, actions);

    public double[] NextEpsilon(int row) => Row(NextNoise, row, actions);

    /// <summary>The mean of a term of each row.</summary>
    public double Mean(Func<int, double> term) => Enumerable.Range(0, rows).Average(term);

    /// <summary>Gives the learner targets (and whatever else is named) that are not its networks.</summary>
    public static void Disturb(ILearner learner, params string[] names)
    {
        MemoryState state = OffPolicyCases.Saved(learner);
        foreach (string name in names)
        {
            state.Change(name, (value, normal) => value + (0.2f * normal));
        }

        learner.Load(state);
    }

    /// <summary>Network <paramref name="n"/> of several without extras, at an input.</summary>
    public static double[] Forward(MlpShape shape, double[] networks, int n, double[] input) =>
        ReferenceMlp.Forward(shape, networks[(n * shape.ParameterCount)..((n + 1) * shape.ParameterCount)], input);

    /// <summary>The lower of two such critics.</summary>
    public static double Lower(MlpShape shape, double[] critics, double[] input) =>
        Math.Min(Forward(shape, critics, 0, input)[0], Forward(shape, critics, 1, input)[0]);

    /// <summary>a = tanh(mu + sigma epsilon) and log pi(a), of a network's output [mu, log sigma].</summary>
    public static (double[] Action, double LogPi) Squash(double[] head, double[] epsilon)
    {
        int size = epsilon.Length;
        double[] action = new double[size];
        double log = 0;
        for (int i = 0; i < size; i++)
        {
            double sigma = Math.Exp(Math.Clamp(head[size + i], -20, 2));
            action[i] = Math.Tanh(head[i] + (sigma * epsilon[i]));
            log -= (epsilon[i] * epsilon[i] / 2) + Math.Log(sigma * Math.Sqrt(2 * Math.PI)) + Math.Log(1 - (action[i] * action[i]));
        }

        return (action, log);
    }

    public static double[] Doubles(ReadOnlySpan<float> values) => [.. values.ToArray().Select(v => (double)v)];

    /// <summary>Whether a loss is what the formula gives.</summary>
    public static void AssertLoss(double expected, double actual) => Assert.Equal(expected, actual, Tolerance * (1 + Math.Abs(expected)));

    /// <summary>
    /// Whether a gradient is the central difference of <paramref name="loss"/> at <paramref name="parameters"/>: |difference| /
    /// |gradient| of the whole.
    /// </summary>
    public static void AssertGradient(double[] parameters, Func<double[], double> loss, ReadOnlySpan<float> actual)
    {
        double[] expected = ReferenceMlp.Gradient([.. parameters.Select(p => (float)p)], loss);
        Assert.Equal(expected.Length, actual.Length);
        (double difference, double size) = (0, 0);
        for (int i = 0; i < expected.Length; i++)
        {
            difference += Math.Pow(expected[i] - actual[i], 2);
            size += expected[i] * expected[i];
        }

        Assert.True(size > 0);
        Assert.InRange(Math.Sqrt(difference / size), 0, Tolerance);
    }

    private static double[] Row(float[] values, int row, int columns) =>
        [.. values.Skip(row * columns).Take(columns).Select(v => (double)v)];
}
