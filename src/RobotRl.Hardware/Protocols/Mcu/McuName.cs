using System.Text;

namespace RobotRl.Hardware.Protocols.Mcu;

/// <summary>Names of a fixed length, UTF-8, padded with zeros.</summary>
internal static class McuName
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Null where it is not UTF-8 or goes on after a zero.</summary>
    public static string? Decode(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        ReadOnlySpan<byte> text = end < 0 ? field : field[..end];
        if (field[text.Length..].ContainsAnyExcept((byte)0) || !System.Text.Unicode.Utf8.IsValid(text))
        {
            return null;
        }

        return Strict.GetString(text);
    }
}
