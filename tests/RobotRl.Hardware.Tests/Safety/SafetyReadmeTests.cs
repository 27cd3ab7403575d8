using RobotRl.Hardware.Safety;

namespace RobotRl.Hardware.Tests.Safety;

public sealed class SafetyReadmeTests
{
    [Fact]
    public void Readme_TableOfLimits_NamesEveryKey()
    {
        string[] keys =
        [
            .. File.ReadLines(Find()).Where(l => l.StartsWith("| `", StringComparison.Ordinal))
                .SelectMany(l => l.Split('|')[1].Split(',', StringSplitOptions.TrimEntries)).Select(k => k.Trim('`')),
        ];
        Assert.Equal(typeof(JointLimits).GetProperties().Where(p => p.CanWrite).Select(p => p.Name).Order(), keys.Order());
    }

    private static string Find()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "RobotRl.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("No RobotRl.sln above the tests.");
        }

        return Path.Combine(folder, "src/RobotRl.Hardware/Safety/README.md");
    }
}
