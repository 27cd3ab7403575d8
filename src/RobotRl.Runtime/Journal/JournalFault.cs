using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Journal;

/// <summary>What it means for a journal that the disk refuses.</summary>
internal static class JournalFault
{
    /// <summary>The status, and one sentence for the operator that names <paramref name="directory"/>.</summary>
    public static (JournalStatus Status, string Problem) Of(Exception exception, string directory)
    {
        const string waits = "experience waits in memory and is then lost.";
        if (DiskFiles.IsDiskFull(exception))
        {
            return (JournalStatus.DiskFull, $"{directory}: the disk is full; {waits} Free some space: writing goes on by itself.");
        }

        string problem = exception switch
        {
            FileNotFoundException or DirectoryNotFoundException =>
                $"the journal is no longer there, for the run's directory or a file in it was removed or renamed; {waits} Put "
                    + $"it back, or stop the run.",
            _ when DiskFiles.IsReadOnly(exception) => $"the file system is read-only; {waits} Make it writable: writing goes on by itself.",
            _ => $"writing failed: {exception.Message}",
        };
        return (JournalStatus.WriteFailed, $"{directory}: {problem}");
    }
}
