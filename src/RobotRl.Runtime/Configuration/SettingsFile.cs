using System.Text;
using System.Text.Json;

namespace RobotRl.Runtime.Configuration;

/// <summary>Reads a JSON options file (comments and trailing commas allowed) into settings that know their line and column.</summary>
internal static class SettingsFile
{
    private const int MaxBytes = 16 * 1024 * 1024;

    private static readonly JsonReaderOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Reads <paramref name="file"/>; a file that cannot be read or parsed adds a problem and gives nothing.</summary>
    public static IReadOnlyList<Setting> Read(string file, ICollection<string> problems)
    {
        byte[] bytes;
        try
        {
            bytes = ReadBounded(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            problems.Add(
                file.StartsWith('-')
                    ? $"{file}: there is no such option, nor an options file of that name. See --help."
                    : $"{file}: there is no such options file. Check the path."
            );
            return [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add($"{file}: the options file cannot be read: {e.Message}");
            return [];
        }

        return Parse(bytes, file, problems);
    }

    /// <summary>The whole file, which may be a pipe (<c>train &lt;(...)</c>), so that its length is not known.</summary>
    private static byte[] ReadBounded(string file)
    {
        using FileStream stream = File.OpenRead(file);
        using var bytes = new MemoryStream();
        byte[] part = new byte[64 * 1024];
        for (int count; (count = stream.Read(part)) > 0; )
        {
            bytes.Write(part, 0, count);
            if (bytes.Length > MaxBytes)
            {
                throw new IOException($"it is larger than {MaxBytes / (1024 * 1024)} MiB, which no options file needs.");
            }
        }

        return bytes.ToArray();
    }

    /// <summary>Parses UTF-8 text; <paramref name="file"/> names it in messages.</summary>
    public static IReadOnlyList<Setting> Parse(ReadOnlySpan<byte> utf8, string file, ICollection<string> problems)
    {
        if (utf8.StartsWith("\uFEFF"u8))
        {
            utf8 = utf8[3..];
        }

        var settings = new List<Setting>();
        if (Utf8Text.FirstInvalid(utf8) is { } invalid)
        {
            problems.Add(
                $"{file}:{Position(utf8, invalid)}: the options file is not UTF-8 text: byte 0x{utf8[invalid]:X2} is out of "
                    + $"place. Save it as UTF-8."
            );
            return settings;
        }

        var reader = new Utf8JsonReader(utf8, Lenient);
        try
        {
            if (!reader.Read())
            {
                return settings;
            }

            if (reader.TokenType != JsonTokenType.StartObject)
            {
                problems.Add($"{file}:{Position(utf8, reader.TokenStartIndex)}: the options file is not a JSON object. Begin it with {{.");
                return settings;
            }

            ReadObject(ref reader, utf8, "", file, settings, problems);
            reader.Read();
        }
        catch (JsonException e)
        {
            int start = Offset(utf8, e.LineNumber ?? 0, e.BytePositionInLine ?? 0);
            string reason = e.Message.Split(" LineNumber:")[0].TrimEnd('.');
            problems.Add($"{file}:{Position(utf8, start)}: malformed JSON: {reason}. Correct it there.");
            settings.Clear();
        }
        catch (InvalidOperationException)
        {
            // The reader says so only once the text is asked for: an escape such as \ud800 stands for half a character.
            problems.Add(
                $"{file}:{Position(utf8, reader.TokenStartIndex)}: malformed JSON: an escape \\uD800 to \\uDFFF without its "
                    + $"other half. Correct it there."
            );
            settings.Clear();
        }

        return settings;
    }

    private static void ReadObject(
        ref Utf8JsonReader reader,
        ReadOnlySpan<byte> utf8,
        string path,
        string file,
        List<Setting> settings,
        ICollection<string> problems
    )
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            string origin = $"{file}:{Position(utf8, reader.TokenStartIndex)}";
            string child = path.Length == 0 ? name : $"{path}:{name}";

            // A schema for editors; identity and checksum of a run's own options.json.
            bool hidden = path.Length == 0 && name is "$schema" or "$run" or "$sha256";
            if (!seen.Add(name))
            {
                problems.Add($"{origin}: {child} is set twice in this file. Remove one.");
            }

            reader.Read();
            JsonTokenType token = reader.TokenType;
            if (token == JsonTokenType.StartObject)
            {
                settings.Add(new Setting(child, null, JsonValueKind.Object, origin));
                ReadObject(ref reader, utf8, child, file, settings, problems);
            }
            else if (token == JsonTokenType.StartArray)
            {
                int start = (int)reader.TokenStartIndex;
                reader.Skip();
                string text = Encoding.UTF8.GetString(utf8[start..(int)reader.BytesConsumed]);
                settings.Add(new Setting(child, text, JsonValueKind.Array, origin));
            }
            else if (!hidden)
            {
                settings.Add(
                    token switch
                    {
                        JsonTokenType.String => new Setting(child, reader.GetString(), JsonValueKind.String, origin),
                        JsonTokenType.Number => new Setting(child, Encoding.UTF8.GetString(reader.ValueSpan), JsonValueKind.Number, origin),
                        JsonTokenType.True => new Setting(child, "true", JsonValueKind.True, origin),
                        JsonTokenType.False => new Setting(child, "false", JsonValueKind.False, origin),
                        _ => new Setting(child, null, JsonValueKind.Null, origin),
                    }
                );
            }
        }
    }

    /// <summary>Line and column (characters), both from 1, as <c>line:column</c>.</summary>
    private static string Position(ReadOnlySpan<byte> utf8, long offset)
    {
        ReadOnlySpan<byte> before = utf8[..(int)Math.Min(offset, utf8.Length)];
        int line = before.Count((byte)'\n') + 1;
        int column = Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1;
        return $"{line}:{column}";
    }

    private static int Offset(ReadOnlySpan<byte> utf8, long line, long column)
    {
        int start = 0;
        for (long i = 0; i < line; i++)
        {
            start += utf8[start..].IndexOf((byte)'\n') + 1;
        }

        return (int)Math.Min(start + column, utf8.Length);
    }
}
