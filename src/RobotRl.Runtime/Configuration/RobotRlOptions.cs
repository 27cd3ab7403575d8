namespace RobotRl.Runtime.Configuration;

/// <summary>Everything that can be set. Each section belongs to the feature that reads it; every default runs.</summary>
public sealed record RobotRlOptions
{
    /// <summary>Which robot.</summary>
    public RobotOptions Robot { get; set; } = new();

    /// <summary>What it is to do.</summary>
    public TaskOptions Task { get; set; } = new();

    /// <summary>Where the run is kept, how long it takes, what it starts from.</summary>
    public RunOptions Run { get; set; } = new();

    /// <summary>When checkpoints are written.</summary>
    public CheckpointOptions Checkpoint { get; set; } = new();

    /// <summary>Every problem that can be seen without the robot.</summary>
    public IEnumerable<string> Validate() =>
    [
        .. Robot.Validate(nameof(Robot)),
        .. Task.Validate(nameof(Task)),
        .. Run.Validate(nameof(Run)),
        .. Checkpoint.Validate(nameof(Checkpoint)),
    ];
}
