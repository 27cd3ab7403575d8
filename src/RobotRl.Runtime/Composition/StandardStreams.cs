using System.Globalization;
using System.Runtime.InteropServices;
using RobotRl.Runtime.Views;

namespace RobotRl.Runtime.Composition;

/// <summary>Standard output and error of this process, which whoever started it may have closed.</summary>
internal static partial class StandardStreams
{
    private const int GetFlags = 3,
        AccessMode = 3;

    /// <summary>Standard output.</summary>
    public static SteadyWriter Output { get; } = new(IsOurs(1) ? Console.Out : TextWriter.Null);

    /// <summary>Standard error.</summary>
    public static SteadyWriter Error { get; } = new(IsOurs(2) ? Console.Error : TextWriter.Null);

    /// <summary>
    /// Whether a descriptor is what the caller gave. Where it was closed, the runtime has its number by now for a pipe of its own, to
    /// which nobody else may write: both ends of that are in this process.
    /// </summary>
    internal static bool IsOurs(int file)
    {
        if (!OperatingSystem.IsLinux())
        {
            return true;
        }

        try
        {
            string? target = Target(file);
            if (
                target is null
                || target.StartsWith("anon_inode:", StringComparison.Ordinal)
                || target.StartsWith("/memfd:", StringComparison.Ordinal)
            )
            {
                return false;
            }

            return !target.StartsWith("pipe:", StringComparison.Ordinal)
                || !Directory
                    .EnumerateFileSystemEntries("/proc/self/fd")
                    .Select(f => int.Parse(Path.GetFileName(f), CultureInfo.InvariantCulture))
                    .Any(f => f != file && Target(f) == target && Mode(f) != Mode(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    private static string? Target(int file) =>
        new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{file}")).LinkTarget;

    private static int Mode(int file) => Control(file, GetFlags, 0) & AccessMode;

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int file, int command, nint argument);
}
