namespace RobotRl.Runtime.Evaluation;

/// <summary>Returns of a frozen policy over a set of starts.</summary>
/// <param name="Returns">Undiscounted return of each episode, in the order of the starts.</param>
/// <param name="Steps">Policy steps of all episodes.</param>
/// <param name="GatedSteps">Steps whose action the gate changed.</param>
public sealed record EvaluationResult(double[] Returns, long Steps, long GatedSteps)
{
    /// <summary>Share of episodes at whose end the task's goal was reached, 0 to 1; null where the task has none.</summary>
    public double? SuccessRate { get; init; }

    /// <summary>Mean return.</summary>
    public double Mean => Returns.Average();

    /// <summary>Standard deviation of the returns.</summary>
    public double StandardDeviation
    {
        get
        {
            double mean = Mean;
            return Math.Sqrt(Returns.Sum(r => (r - mean) * (r - mean)) / Math.Max(1, Returns.Length - 1));
        }
    }

    /// <summary>Worst return.</summary>
    public double Minimum => Returns.Min();

    /// <summary>Best return.</summary>
    public double Maximum => Returns.Max();

    /// <summary>Mean length of an episode, policy steps.</summary>
    public double MeanLength => (double)Steps / Returns.Length;
}
