using System.Runtime.InteropServices;

namespace RobotRl.Runtime.Composition;

/// <summary>What the system allows this process: open files, and files that grow no longer.</summary>
internal static unsafe partial class ProcessLimits
{
    /// <summary>Files that a command may have open beside what is open when it starts, mostly its libraries: measured 60.</summary>
    public const int FilesOfACommand = 72;

    /// <summary>Files that a run may have open beside those of its command: measured 40, and some for whoever asks it.</summary>
    public const int FilesOfARun = 80;

    private const int OpenFiles = 7,
        FileTooLarge = 25;

    /// <summary>
    /// Puts up with the end of <c>ulimit -f</c>: a write fails then, instead of ending the process (SIGXFSZ) while the robot
    /// moves.
    /// </summary>
    public static void IgnoreFileSizeSignal()
    {
        if (OperatingSystem.IsLinux())
        {
            SetSignal(FileTooLarge, 1);
        }
    }

    /// <summary>Why <paramref name="needed"/> more files cannot be opened at a time, and what to do; null where they can.</summary>
    public static string? MissingFiles(int needed)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        ulong* limit = stackalloc ulong[2];
        if (GetLimit(OpenFiles, limit) != 0 || limit[0] > int.MaxValue)
        {
            return null;
        }

        int most = (int)limit[0],
            open = CountOpen(most);
        return most - open >= needed
            ? null
            : $"This process may have {most} files open at a time, of which {open} are; allowed: {open + needed} or more. Raise "
                + $"the limit (ulimit -n 1024; LimitNOFILE= in a service's unit).";
    }

    private static int CountOpen(int most)
    {
        int open = 0;
        for (int i = 0; i < Math.Min(most, 4096); i++)
        {
            // F_GETFD: asks for no descriptor itself.
            open += Control(i, 1, 0) >= 0 ? 1 : 0;
        }

        return open;
    }

    /// <summary>Writes a line to standard error without anything that must be loaded first.</summary>
    public static void WriteError(string line)
    {
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(line + "\n");
        fixed (byte* first = bytes)
        {
            _ = Write(2, first, (nuint)bytes.Length);
        }
    }

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint SetSignal(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, ulong* limits);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int file, int command, nint argument);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int file, byte* bytes, nuint count);
}
