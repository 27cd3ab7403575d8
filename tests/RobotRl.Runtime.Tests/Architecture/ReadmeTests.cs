using System.Text.RegularExpressions;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Runs;
using RobotRl.Runtime.Tests.Composition;

namespace RobotRl.Runtime.Tests.Architecture;

/// <summary>What READMEs say of folders and files is so.</summary>
public sealed partial class ReadmeTests
{
    public static TheoryData<string> Projects { get; } = ["RobotRl.Algorithms", "RobotRl.Hardware", "RobotRl.Sim", "RobotRl.Runtime"];

    [Theory]
    [MemberData(nameof(Projects))]
    public void FolderTable_OfAProject_NamesEveryFolderAndNoOther(string project)
    {
        string root = Path.Combine(Repository.Root, "src", project);
        string[] folders =
        [
            .. Repository
                .Files(Path.Combine("src", project), "*.cs")
                .Select(f => Path.GetRelativePath(root, f).Split('/'))
                .Where(parts => parts.Length > 1)
                .Select(parts => parts[0])
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];
        Assert.Equal(folders, Named(Path.Combine(root, "README.md"), "folder").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Links_OfEveryReadme_LeadSomewhere()
    {
        string[] dead =
        [
            .. from folder in new[] { "src", "tests", "hil", "deploy" }
            from readme in Repository.Files(folder, "*.md").Append(Path.Combine(Repository.Root, "README.md")).Distinct()
            from Match link in Link().Matches(File.ReadAllText(readme))
            let target = link.Groups[1].Value
            where !target.Contains("://", StringComparison.Ordinal)
            let path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(readme)!, target))
            where !File.Exists(path) && !Directory.Exists(path)
            select $"{Repository.Relative(readme)}: {target}",
        ];
        Assert.Empty(dead.Distinct());
    }

    /// <summary>The table of a run's files against a run that has ended, and against one's own names of them.</summary>
    [Fact]
    public void FileTable_OfARun_NamesWhatAFinishedRunHas()
    {
        string[] named = [.. Named(Path.Combine(Repository.Root, "src/RobotRl.Runtime/Runs/README.md"), "name")];

        // Only there while it runs, or once a file was full, or a policy was judged.
        string[] sometimes = ["control.sock", "stop.sock", "champion.safetensors", "metrics.1.jsonl", "log.1.jsonl"];
        using var rig = new SessionRig();
        rig.Run(SessionRig.Stream(), "run");
        string[] found = [.. Directory.EnumerateFileSystemEntries(rig.In("run")).Select(f => Path.GetFileName(f)!)];
        Assert.Empty(found.Except(named));
        Assert.Empty(named.Except(found).Except(sometimes));
        var run = new RunDirectory(rig.In("run"));
        Assert.Contains(Path.GetFileName(run.ChampionPath), named);
    }

    /// <summary>Names in backticks in the first column of the tables whose first heading is <paramref name="heading"/>.</summary>
    private static IEnumerable<string> Named(string readme, string heading)
    {
        bool inside = false;
        foreach (string line in File.ReadLines(readme))
        {
            string[] cells = line.Split('|');
            bool row = cells.Length > 2 && cells[0].Length == 0;
            inside = row && (inside || cells[1].Trim() == heading);
            if (inside)
            {
                foreach (Match name in Backticks().Matches(cells[1]))
                {
                    yield return name.Groups[1].Value.TrimEnd('/');
                }
            }
        }
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Backticks();

    [GeneratedRegex(@"\]\(([^)#\s]+)(?:#[^)]*)?\)")]
    private static partial Regex Link();
}
