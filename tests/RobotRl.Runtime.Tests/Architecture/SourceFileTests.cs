using System.Text.RegularExpressions;

namespace RobotRl.Runtime.Tests.Architecture;

/// <summary>House rules that a compiler does not check.</summary>
public sealed partial class SourceFileTests
{
    private const int MaxLines = 500,
        MaxProgramLines = 100,
        MaxColumns = 140;

    /// <summary>What is longer is split, or its first line says why not.</summary>
    [Fact]
    public void Src_EveryFile_IsShort()
    {
        string[] tooLong =
        [
            .. Repository
                .Files("src", "*.cs")
                .Select(f => (File: Repository.Relative(f), Lines: File.ReadLines(f).Count()))
                .Where(f => f.Lines > (f.File.EndsWith("Runtime/Program.cs", StringComparison.Ordinal) ? MaxProgramLines : MaxLines))
                .Where(f => f.Lines > 2 * MaxLines || !Excuse().IsMatch(File.ReadLines(Path.Combine(Repository.Root, f.File)).First()))
                .Select(f => $"{f.File}: {f.Lines} lines"),
        ];
        Assert.Empty(tooLong);
    }

    /// <summary>
    /// A length is never met by width. Raw strings are left out: a line break would be part of them.
    /// </summary>
    [Fact]
    public void EveryFile_EveryLine_IsNarrow()
    {
        string[] wide =
        [
            .. from folder in new[] { "src", "tests", "hil" }
            from file in Repository.Files(folder, "*.cs")
            from line in File.ReadLines(file).Select((text, i) => (Text: text, Number: i + 1))
            where line.Text.Length > MaxColumns && !line.Text.Contains("\"\"\"", StringComparison.Ordinal)
            select $"{Repository.Relative(file)}:{line.Number}: {line.Text.Length} columns",
        ];
        Assert.Empty(wide);
    }

    [Fact]
    public void Src_Namespace_IsTheFolder()
    {
        string[] strays =
        [
            .. Repository
                .Files("src", "*.cs")
                .Where(f =>
                    Namespace().Match(File.ReadAllText(f)) is { Success: true } found
                    && found.Groups[1].Value != Path.GetDirectoryName(Repository.Relative(f))!["src/".Length..].Replace('/', '.')
                )
                .Select(Repository.Relative),
        ];
        Assert.Empty(strays);
    }

    [Fact]
    public void Src_WorkLeftOpen_IsNone()
    {
        string[] open =
        [
            .. Repository.Files("src", "*.cs").Where(f => LeftOpen().IsMatch(File.ReadAllText(f))).Select(Repository.Relative),
        ];
        Assert.Empty(open);
    }

    [GeneratedRegex(@"^// Over 500 lines: \w.{20,}\.$")]
    private static partial Regex Excuse();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|NotImplementedException")]
    private static partial Regex LeftOpen();
}
