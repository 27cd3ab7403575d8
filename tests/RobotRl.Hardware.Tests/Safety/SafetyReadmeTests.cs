using RobotRl.Hardware.Safety;

namespace RobotRl.Hardware.Tests.Safety;

public sealed class SafetyReadmeTests
{
    [Fact]
    public void Readme_TableOfLimits_NamesEveryKey()
    {
        string[] keys =
        [
            .. File.ReadLines(Path.Combine(Repository.Root, "src/RobotRl.Hardware/Safety/README.md"))
                .Where(l => l.StartsWith("| `", StringComparison.Ordinal))
                .SelectMany(l => l.Split('|')[1].Split(',', StringSplitOptions.TrimEntries))
                .Select(k => k.Trim('`')),
        ];
        Assert.Equal(typeof(JointLimits).GetProperties().Where(p => p.CanWrite).Select(p => p.Name).Order(), keys.Order());
    }
}
