namespace RobotRl.Runtime.Runs;

/// <summary>A word of a command line that a message offers for copying.</summary>
internal static class ShellWord
{
    /// <summary><paramref name="word"/> as a POSIX shell takes it for one word.</summary>
    public static string Quote(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "/._-+:,@%=".Contains(c, StringComparison.Ordinal))
            ? word
            : "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
