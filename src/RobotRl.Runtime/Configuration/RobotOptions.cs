namespace RobotRl.Runtime.Configuration;

/// <summary>Which robot (section <c>Robot</c>).</summary>
public sealed record RobotOptions
{
    /// <summary>Name of a built-in robot or of one that the program added. Default pendulum: the main job's.</summary>
    public string Name { get; set; } = "pendulum";

    /// <summary>Every problem with these options.</summary>
    public IEnumerable<string> Validate(string path)
    {
        if (string.IsNullOrWhiteSpace(Name))
        {
            yield return $"{path}:Name is \"{Name}\"; allowed: the name of a robot. `robotrl doctor` lists them.";
        }
    }
}
