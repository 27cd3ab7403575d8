using System.Globalization;
using System.Runtime.InteropServices;
using RobotRl.Runtime.Control;

namespace RobotRl.Runtime.Runs;

/// <summary>
/// The process that holds a run, known by the run's lock file that it has open for writing (<c>/proc/PID/fd</c>), and held by a
/// pidfd: a signal never reaches another process that was given the same number since.
/// </summary>
/// <remarks>Linux only; elsewhere nobody is found.</remarks>
internal sealed partial class RunHolder : IDisposable
{
    /// <summary>SIGTERM.</summary>
    public const int Terminate = 15;

    /// <summary>SIGQUIT.</summary>
    public const int Quit = 3;

    // The same numbers on every architecture.
    private const nint PidfdSendSignal = 424,
        PidfdOpen = 434;
    private const string Deleted = " (deleted)";

    private readonly int _handle;

    private RunHolder(int processId, string directory, int handle) => (ProcessId, Directory, _handle) = (processId, directory, handle);

    /// <summary>Its process id.</summary>
    public int ProcessId { get; }

    /// <summary>Where the run lies now, which the kernel knows after it was renamed too.</summary>
    public string Directory { get; }

    /// <summary>
    /// The process that holds the run in <paramref name="directory"/>; null where none is seen that this user may look at. This
    /// process does not count.
    /// </summary>
    public static RunHolder? Find(string directory)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        string wanted = Canonical(directory);
        // Who says so first; the others where that is wrong.
        int? said = RunLock.Owner(directory);
        RunHolder? holder = said is { } id ? Open(id, d => d == wanted) : null;
        return holder ?? All(d => d == wanted).FirstOrDefault();
    }

    /// <summary>Every run that a process of this user holds on this machine. They are the caller's to dispose.</summary>
    public static IReadOnlyList<RunHolder> All() => OperatingSystem.IsLinux() ? [.. All(_ => true)] : [];

    /// <summary>Sends <paramref name="signal"/> to it; false where it has ended, or it may not be signalled.</summary>
    public bool TrySignal(int signal) => SystemCall(PidfdSendSignal, _handle, signal, 0, 0) == 0;

    /// <summary>Waits for its end; false where it has not ended within <paramref name="limit"/>.</summary>
    public bool WaitForEnd(TimeSpan limit)
    {
        Span<UnixSocket.PollDescriptor> polled = [new() { File = _handle, Events = UnixSocket.Readable }];
        return UnixSocket.Wait(polled, (int)limit.TotalMilliseconds);
    }

    /// <inheritdoc/>
    public void Dispose() => UnixSocket.Close(_handle);

    private static IEnumerable<RunHolder> All(Func<string, bool> wanted)
    {
        foreach (string process in System.IO.Directory.EnumerateDirectories("/proc"))
        {
            if (
                int.TryParse(Path.GetFileName(process), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                && Open(id, wanted) is { } holder
            )
            {
                yield return holder;
            }
        }
    }

    private static RunHolder? Open(int id, Func<string, bool> wanted)
    {
        if (id == Environment.ProcessId)
        {
            return null;
        }

        // First the handle, then the look: were the number given to another process in between, the handle would be that of the dead one.
        int handle = (int)SystemCall(PidfdOpen, id, 0, 0, 0);
        if (handle < 0)
        {
            return null;
        }

        if (Held(id).FirstOrDefault(wanted) is { } directory && SystemCall(PidfdSendSignal, handle, 0, 0, 0) == 0)
        {
            return new(id, directory, handle);
        }

        UnixSocket.Close(handle);
        return null;
    }

    /// <summary>Directories whose lock file a process has open for writing; empty where it may not be looked at.</summary>
    private static List<string> Held(int id)
    {
        var held = new List<string>();
        try
        {
            string process = string.Create(CultureInfo.InvariantCulture, $"/proc/{id}");
            foreach (string file in System.IO.Directory.EnumerateFileSystemEntries(Path.Combine(process, "fd")))
            {
                string? target = new FileInfo(file).LinkTarget;
                target = target?.EndsWith(Deleted, StringComparison.Ordinal) == true ? target[..^Deleted.Length] : target;
                if (
                    target is not null
                    && Path.GetFileName(target) == RunLock.LockName
                    && Path.GetDirectoryName(target) is { } directory
                    && IsForWriting(Path.Combine(process, "fdinfo", Path.GetFileName(file)))
                )
                {
                    held.Add(directory);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended, or belongs to another user.
        }

        return held;
    }

    /// <summary>Whether a descriptor may write: who only looks whether the lock is free opens it to read.</summary>
    private static bool IsForWriting(string information)
    {
        const string field = "flags:";
        string? line = File.ReadLines(information).FirstOrDefault(l => l.StartsWith(field, StringComparison.Ordinal));
        return line is not null && (Convert.ToInt32(line[field.Length..].Trim(), 8) & 3) != 0;
    }

    /// <summary>The path of a directory without links, as the kernel names it; as it stands where there is no such directory.</summary>
    private static string Canonical(string directory)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        if (!System.IO.Directory.Exists(full))
        {
            return full;
        }

        using var address = new ControlAddress(full);
        return address.CanonicalPath ?? full;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint first, nint second, nint third, nint fourth);
}
