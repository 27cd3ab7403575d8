using RobotRl.Runtime.Configuration;

namespace RobotRl.Runtime.Tests.Configuration;

/// <summary>What is handed out as a sample is valid, and powers no robot by itself.</summary>
public sealed class SampleSettingsTests
{
    public static TheoryData<string> Samples =>
        [.. Directory.GetFiles(Path.Combine(Repository.Root, "deploy", "samples"), "*.json").Select(f => Path.GetFileName(f))];

    [Theory]
    [MemberData(nameof(Samples))]
    public void Sample_Loads_AndWaitsToBeArmed(string name)
    {
        RobotRlOptions options = OptionsLoader.Load(Path.Combine(Repository.Root, "deploy", "samples", name), [], null);
        Assert.False(options.Loop.AutoArm);
        Assert.Contains(RobotOptions.Sections(options.Robot), s => s.Robot == options.Robot.Name && s.IsSet);
        Assert.Empty(options.Robot.Unused("Robot"));
    }
}
