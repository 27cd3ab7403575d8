using RobotRl.Algorithms.Networks;
using RobotRl.Runtime.Composition;

namespace RobotRl.Runtime.Commands.Bench;

/// <summary>What the table is to hold, and under which conditions.</summary>
/// <param name="RateHz">Control rate.</param>
/// <param name="Learners">Names; empty for all.</param>
/// <param name="Widths">Widths of the hidden layers.</param>
/// <param name="Batches">Minibatches, for the learners that have one.</param>
/// <param name="Observations">Floats per observation.</param>
/// <param name="Actions">Action dimensions.</param>
/// <param name="Seconds">How long each try runs in real time.</param>
internal sealed record BenchPlan(
    double RateHz,
    IReadOnlyList<string> Learners,
    IReadOnlyList<int> Widths,
    IReadOnlyList<int> Batches,
    int Observations,
    int Actions,
    double Seconds
)
{
    /// <summary>The rows, in order.</summary>
    public IEnumerable<BenchCase> Rows =>
        from learner in BenchCase.Learners.Where(l => Learners.Count == 0 || Learners.Contains(l))
        from width in Widths
        from batch in BenchCase.Streams(learner) ? [null] : Batches.Select(b => (int?)b)
        select new BenchCase(learner, width, batch);

    /// <summary>About how long it takes, where every first try holds.</summary>
    public TimeSpan Estimate => Rows.Count() * TimeSpan.FromSeconds((1.4 * BenchRunner.UpdateSeconds) + 1 + Seconds);

    /// <summary>Says all that is wrong with it.</summary>
    /// <exception cref="BadInputException">Something is.</exception>
    public void Validate()
    {
        string[] problems =
        [
            .. Within("--rate", RateHz, 1, 1000, "Hz, such as 50"),
            .. Within("--seconds", Seconds, 0.5, 600, "seconds for each row, such as 2"),
            .. Learners
                .Where(l => !BenchCase.Learners.Contains(l))
                .Select(l => $"--learner is \"{l}\"; allowed: {string.Join(", ", BenchCase.Learners)}."),
            .. Widths.SelectMany(w => Within("--width", w, ManagedLimits.MinimumWidth, 4096, "units per hidden layer, such as 256")),
            .. Batches.SelectMany(b => Within("--batch", b, 1, 4096, "samples, such as 256")),
            .. Within("--observations", Observations, 1, 4096, "floats per observation, such as 17"),
            .. Within("--actions", Actions, 1, 256, "action dimensions, such as 6"),
        ];
        if (problems.Length > 0)
        {
            throw new BadInputException(string.Join(Environment.NewLine, problems));
        }
    }

    private static IEnumerable<string> Within(string option, double value, double minimum, double maximum, string meaning) =>
        value >= minimum && value <= maximum
            ? []
            : [FormattableString.Invariant($"{option} is {value}; allowed: {minimum} to {maximum} ({meaning}).")];
}
