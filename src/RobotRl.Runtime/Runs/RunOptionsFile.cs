using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Runs;

/// <summary>
/// The <c>options.json</c> of a run: the effective options, and before them <c>$run</c>, the run's id, and <c>$sha256</c>, the
/// SHA-256 of the whole file with zeros in the place of these 64 digits. An options file of one's own needs neither.
/// </summary>
/// <param name="Content">The file's bytes; empty if there are none.</param>
/// <param name="Run">The run's id; null if the file was written before runs had one, or is damaged.</param>
/// <param name="IsSigned">Whether it has a checksum. Files of before have none.</param>
/// <param name="Damage">What is wrong with it; null if it is as it was written, as far as can be told.</param>
internal sealed record RunOptionsFile(byte[] Content, RunId? Run, bool IsSigned, string? Damage)
{
    private const string RunKey = "$run",
        HashKey = "$sha256";
    private const int HashDigits = 64;

    /// <summary>The text of a file with <paramref name="options"/> (a JSON object) of <paramref name="run"/>.</summary>
    public static string Text(string options, RunId run)
    {
        string rest = options.TrimStart()[1..].TrimStart();
        string text =
            $"{{\n  \"{RunKey}\": \"{run}\",\n  \"{HashKey}\": "
            + $"\"{new string('0', HashDigits)}\"{(rest.StartsWith('}') ? "\n" : ",\n  ")}{rest}";
        return text.Replace(new string('0', HashDigits), Hash(Encoding.UTF8.GetBytes(text)), StringComparison.Ordinal);
    }

    /// <summary>Reads <paramref name="path"/>. Does not throw: a file that cannot be read is a damaged one.</summary>
    public static RunOptionsFile Read(string path)
    {
        byte[] content;
        try
        {
            content = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(
                [],
                null,
                false,
                e is FileNotFoundException or DirectoryNotFoundException ? "it is missing" : $"it cannot be read: {e.Message.TrimEnd('.')}"
            );
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(content);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return new(content, null, false, "it is no JSON object");
            }

            (string? run, string? hash) = (Text(document.RootElement, RunKey), Text(document.RootElement, HashKey));
            return hash is null ? new(content, RunId.Parse(run), false, run is null ? null : "it names a run and has no checksum")
                : hash == HashOf(content, hash) ? new(content, RunId.Parse(run), true, null)
                : new(content, null, true, "it was changed since the run wrote it: its checksum is not that of its text");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return new(content, null, false, $"it is no JSON: {e.Message.TrimEnd('.')}");
        }
    }

    private static string? Text(JsonElement root, string key) =>
        root.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string? HashOf(byte[] content, string hash)
    {
        byte[] digits = Encoding.UTF8.GetBytes(hash);
        int at = content.AsSpan().IndexOf(digits);
        if (at < 0 || digits.Length != HashDigits)
        {
            return null;
        }

        byte[] copy = [.. content];
        copy.AsSpan(at, HashDigits).Fill((byte)'0');
        return Hash(copy);
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
