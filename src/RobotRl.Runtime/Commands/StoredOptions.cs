using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RobotRl.Runtime.Checkpoints;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Runs;

namespace RobotRl.Runtime.Commands;

/// <summary>
/// The options that a run holds: those of its <c>options.json</c>, or those of its newest checkpoint if that file is damaged or was
/// changed since the run wrote it. Reads only.
/// </summary>
/// <param name="File">Where they are from, for messages.</param>
/// <param name="Content">The options, JSON in UTF-8.</param>
/// <param name="Notes">What the operator should know about them; may be empty.</param>
internal sealed record StoredOptions(string File, byte[] Content, IReadOnlyList<string> Notes)
{
    private const int ShownDifferences = 8;

    /// <summary>Reads them.</summary>
    /// <exception cref="BadInputException">The run has none that can be trusted.</exception>
    public static StoredOptions Of(RunDirectory run)
    {
        RunOptionsFile file = RunOptionsFile.Read(run.OptionsPath);
        Checkpoint? checkpoint = run.Checkpoints(TimeProvider.System, id: file.Run).LoadNewest().Newest;
        byte[]? saved = checkpoint is null ? null : Encoding.UTF8.GetBytes(checkpoint.Header.OptionsJson);
        if (file.Damage is null)
        {
            List<string> changes = saved is null ? [] : Differences(file.Content, saved);
            string note =
                $"{run.OptionsPath}: differs from the newest checkpoint's options: {Join(changes)}. "
                + (
                    file.IsSigned
                        ? "It is used: the run wrote it after that checkpoint."
                        : "It is used. If nobody changed it, set the checkpoint's values with --set."
                );
            return new(run.OptionsPath, file.Content, changes.Count == 0 ? [] : [note]);
        }

        if (saved is null)
        {
            throw new BadInputException(
                $"{run.OptionsPath}: {file.Damage}, and there is no checkpoint that holds the run's options. Name an options "
                    + $"file: robotrl train FILE --run {ShellWord.Quote(run.Path)} --resume."
            );
        }

        List<string> damaged = Differences(file.Content, saved);
        return new(
            checkpoint!.Path,
            saved,
            [
                $"{run.OptionsPath}: {file.Damage}. The options of {checkpoint.Path} are used"
                    + (damaged.Count == 0 ? "." : $"; the file says otherwise: {Join(damaged)}. To change an option, use --set."),
            ]
        );
    }

    /// <summary>Tells the operator what there is to know about them.</summary>
    public void Tell(CommandContext context)
    {
        foreach (string note in Notes)
        {
            context.Error.WriteLine(note);
        }
    }

    /// <summary>Each value that differs, as <c>Section:Key is value, in the checkpoint value</c>; empty if the first is no JSON.</summary>
    private static List<string> Differences(byte[] file, byte[] checkpoint)
    {
        try
        {
            var lines = new List<string>();
            Compare("", JsonNode.Parse(file), JsonNode.Parse(checkpoint), lines);
            return lines;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return [];
        }
    }

    private static void Compare(string path, JsonNode? file, JsonNode? checkpoint, List<string> lines)
    {
        if (file is JsonObject left && checkpoint is JsonObject right)
        {
            foreach (
                string name in left.Select(p => p.Key).Union(right.Select(p => p.Key)).Where(n => path.Length > 0 || !n.StartsWith('$'))
            )
            {
                Compare(path.Length == 0 ? name : $"{path}:{name}", left[name], right[name], lines);
            }
        }
        else if (!JsonNode.DeepEquals(file, checkpoint))
        {
            lines.Add($"{path} is {Show(file)}, in the checkpoint {Show(checkpoint)}");
        }
    }

    private static string Show(JsonNode? node) => node?.ToJsonString() ?? "null";

    private static string Join(List<string> lines) =>
        string.Join("; ", lines.Take(ShownDifferences))
        + (lines.Count > ShownDifferences ? FormattableString.Invariant($"; and {lines.Count - ShownDifferences} more") : "");
}
