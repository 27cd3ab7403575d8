namespace RobotRl.Runtime.Configuration;

/// <summary>What the robot is to do (section <c>Task</c>).</summary>
public sealed record TaskOptions
{
    /// <summary>Name of a task; null (default) takes the one with the robot's name.</summary>
    public string? Name { get; set; }

    /// <summary>Every problem with these options.</summary>
    public IEnumerable<string> Validate(string path)
    {
        if (Name is not null && string.IsNullOrWhiteSpace(Name))
        {
            yield return $"{path}:Name is \"{Name}\"; allowed: the name of a task, or null for the robot's own. `robotrl doctor` lists them.";
        }
    }
}
