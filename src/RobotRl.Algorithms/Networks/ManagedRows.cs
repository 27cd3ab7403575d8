using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Kernels;

namespace RobotRl.Algorithms.Networks;

/// <summary>Small passes over the rows of a batch that several learners need.</summary>
internal static unsafe class ManagedRows
{
    /// <summary>Puts rows without padding, [rows x size], at <paramref name="column"/> of a batch's rows, from the first on.</summary>
    public static void Place(ReadOnlySpan<float> values, int size, in Matrix to, int column = 0)
    {
        for (int row = 0; row * size < values.Length; row++)
        {
            values.Slice(row * size, size).CopyTo(to.Span(row)[column..]);
        }
    }

    /// <summary>Puts <paramref name="count"/> actions, without padding, behind the states of a critic's inputs.</summary>
    public static void PlaceActions(float* actions, int count, int size, in Matrix inputs, int column)
    {
        for (int row = 0; row < count; row++)
        {
            new ReadOnlySpan<float>(actions + ((long)row * size), size).CopyTo(inputs.Span(row)[column..]);
        }
    }

    /// <summary>Puts states and tanh of the first <paramref name="size"/> outputs of a policy together as a critic's inputs.</summary>
    public static void PlaceSquashed(in Matrix states, in Matrix outputs, int rows, int size, in Matrix inputs)
    {
        for (int row = 0; row < rows; row++)
        {
            states.Span(row).CopyTo(inputs.Span(row));
            for (int a = 0; a < size; a++)
            {
                inputs.Row(row)[states.Columns + a] = MathF.Tanh(outputs.Row(row)[a]);
            }
        }
    }

    /// <summary>min(Q1, Q2) of a row; NaN in either is NaN, as in torch.minimum.</summary>
    public static float Lowest(in Matrix q1, in Matrix q2, int row) => MathF.Min(*q1.Row(row), *q2.Row(row));

    /// <summary>Mean of min(Q1, Q2).</summary>
    public static double MeanLowest(in Matrix q1, in Matrix q2)
    {
        double sum = 0;
        for (int row = 0; row < q1.Rows; row++)
        {
            sum += Lowest(q1, q2, row);
        }

        return sum / q1.Rows;
    }

    /// <summary>Logarithms of the softmax of <paramref name="outputs"/>, without overflow.</summary>
    public static void LogSoftmax(ReadOnlySpan<float> outputs, Span<float> logPi)
    {
        float logSum = LogSumExp.Of<float>(outputs);
        for (int a = 0; a < outputs.Length; a++)
        {
            logPi[a] = outputs[a] - logSum;
        }
    }

    /// <summary>Puts values divided by <paramref name="divisor"/> in a single column.</summary>
    public static void PlaceQuotients(ReadOnlySpan<float> values, float divisor, in Matrix to)
    {
        for (int row = 0; row < values.Length; row++)
        {
            *to.Row(row) = values[row] / divisor;
        }
    }

    /// <summary>Mean of a single column.</summary>
    public static double Mean(in Matrix q)
    {
        double sum = 0;
        for (int row = 0; row < q.Rows; row++)
        {
            sum += *q.Row(row);
        }

        return sum / q.Rows;
    }

    /// <summary>Mean, summed in double precision.</summary>
    public static double Mean(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values)
        {
            sum += value;
        }

        return sum / values.Length;
    }

    /// <summary>Mean square, summed in double precision.</summary>
    public static double MeanSquare(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values)
        {
            sum += (double)value * value;
        }

        return sum / values.Length;
    }
}
