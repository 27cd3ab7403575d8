namespace RobotRl.Algorithms.ActorCritic;

/// <summary>
/// A step size that falls linearly with what was learned from, as SB3's linear schedules (lin_ in RL Baselines3 Zoo) have it, but
/// for where it
/// ends: a robot's life has no known end, so a share is left to go on with. A run's progress is in the checkpoint.
/// </summary>
public sealed record StepDecayOptions
{
    /// <summary>
    /// Transitions learned from, after which the step size has reached <see cref="Final"/> of what it was. Default 0: it stays as
    /// it is.
    /// </summary>
    public int Steps { get; set; }

    /// <summary>Share of the step size that is left from then on. Default 0.05.</summary>
    public double Final { get; set; } = 0.05;

    /// <summary>What to multiply a step size by after <paramref name="learned"/> transitions.</summary>
    internal double Factor(long learned) => Steps == 0 ? 1 : 1 - ((1 - Final) * Math.Min(1, learned / (double)Steps));

    /// <summary>Every problem with these settings.</summary>
    /// <param name="path">Path of this record in the options file.</param>
    internal IEnumerable<string> Validate(string path)
    {
        string?[] problems =
        [
            Numbers.OutOfRange(
                path,
                nameof(Steps),
                Steps,
                0,
                1_000_000_000,
                "Set it to 0 for a constant step size, or to the transitions of the whole run."
            ),
            Numbers.OutOfRange(path, nameof(Final), Final, 0, 1, "Set it to 0.05, or to 0 to stop learning there."),
        ];
        return problems.OfType<string>();
    }
}
