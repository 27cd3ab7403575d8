using System.Buffers;
using System.Text;

namespace RobotRl.Runtime.Configuration;

/// <summary>Whether bytes are UTF-8 text.</summary>
internal static class Utf8Text
{
    /// <summary>Index of the first byte that cannot stand there; null where all of <paramref name="bytes"/> is UTF-8.</summary>
    public static int? FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        int at = 0;
        while (at < bytes.Length)
        {
            if (Rune.DecodeFromUtf8(bytes[at..], out _, out int consumed) != OperationStatus.Done)
            {
                return at;
            }

            at += consumed;
        }

        return null;
    }
}
