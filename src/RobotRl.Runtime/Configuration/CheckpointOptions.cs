namespace RobotRl.Runtime.Configuration;

/// <summary>When checkpoints are written and how many are kept (section <c>Checkpoint</c>). One is always written at the end.</summary>
public sealed record CheckpointOptions
{
    /// <summary>In lockstep: steps between two; 0 for none but the last. Default 2500: an eighth of the default run.</summary>
    public long EverySteps { get; set; } = 2500;

    /// <summary>
    /// In real time: time between two. Default 1 min: at 50 Hz a crash then replays at most 3,000 transitions of the journal.
    /// </summary>
    public TimeSpan Every { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How many are kept. Default 3: the newest, and two to fall back on where it is damaged.</summary>
    public int Keep { get; set; } = 3;

    /// <summary>Every problem with these options.</summary>
    public IEnumerable<string> Validate(string path)
    {
        if (EverySteps < 0)
        {
            yield return $"{path}:EverySteps is {EverySteps}; allowed: 0 to {long.MaxValue}. Set 0 to write only the last.";
        }

        if (Every < TimeSpan.FromSeconds(1) || Every > TimeSpan.FromDays(7))
        {
            yield return $"{path}:Every is {Every}; allowed: 00:00:01 to 7.00:00:00. Set it to the time that a resume may take to replay.";
        }

        if (Keep is < 1 or > 1000)
        {
            yield return $"{path}:Keep is {Keep}; allowed: 1 to 1000. Keep two or more, so that a damaged one has a forerunner.";
        }
    }
}
