using System.Globalization;
using RobotRl.Hardware.Transports;

namespace RobotRl.Runtime.Runs;

/// <summary>Checks what lies in a run's directory before any of it is opened.</summary>
/// <remarks>
/// A named pipe in the place of a file would be waited for without end, and what is written to a symbolic link lands in a file that is
/// not the run's. So nothing of a run is opened where something else than the run's own kind of file is found.
/// </remarks>
internal static class RunFiles
{
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };

    /// <summary>Checks every file of <paramref name="run"/> that the program may open.</summary>
    /// <param name="run">The run.</param>
    /// <param name="write">Whether it is to be written too.</param>
    /// <exception cref="RunException">One is of a kind that no run has, or this user may not read or write it; the message names
    /// it and says what to do.</exception>
    public static void Check(RunDirectory run, bool write)
    {
        ArgumentNullException.ThrowIfNull(run);
        string[] folders = run.Folders;
        if (FileKinds.Of(run.Path, follow: true) == FileKind.Missing)
        {
            return;
        }

        Require(run, run.Path, FileKind.Directory, write);
        foreach (string folder in folders)
        {
            Require(run, folder, FileKind.Directory, write);
        }

        string[] sockets = [run.SocketPath, run.StopSocketPath];
        foreach (string socket in sockets)
        {
            Require(run, socket, FileKind.Socket, write: false);
        }

        try
        {
            foreach (string path in Directory.EnumerateFileSystemEntries(run.Path, "*", Everything))
            {
                if (!sockets.Contains(path) && !folders.Contains(path) && IsOurs(run, path))
                {
                    Require(run, path, FileKind.File, write);
                }
            }

            foreach (
                string path in folders.Where(Directory.Exists).SelectMany(f => Directory.EnumerateFileSystemEntries(f, "*", Everything))
            )
            {
                Require(run, path, FileKind.File, write);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RunException(run.Path, $"{run.Path}: cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Whether the program itself makes files of that name; others are the user's, and are left alone.</summary>
    private static bool IsOurs(RunDirectory run, string path)
    {
        string name = Path.GetFileName(path);
        string[] own = [run.OptionsPath, run.MetricsPath, run.CurvePath, run.PolicyPath, run.ChampionPath, run.LogPath];
        return own.Any(o => name.StartsWith(Path.GetFileNameWithoutExtension(o), StringComparison.Ordinal))
            || name.StartsWith(RunLock.LockName, StringComparison.Ordinal);
    }

    private static void Require(RunDirectory run, string path, FileKind expected, bool write)
    {
        FileKind found = FileKinds.Of(path, follow: false);
        if (found == FileKind.Missing)
        {
            return;
        }

        if (found != expected)
        {
            throw new RunException(
                run.Path,
                $"{path}: is {FileKinds.Describe(found)}; a run has {FileKinds.Describe(expected)} there. Put back what was "
                    + $"there, or remove it."
            );
        }

        if (expected != FileKind.Socket && !FileKinds.IsAllowed(path, write))
        {
            string owner = FileKinds.Owner(path) is { } id
                ? string.Create(CultureInfo.InvariantCulture, $"it belongs to user id {id}")
                : "permission denied";
            throw new RunException(
                run.Path,
                $"{path}: this user may not {(write ? "read and write" : "read")} it: {owner}. Work on the run as that user, "
                    + $"or give it to this one (chown -R)."
            );
        }
    }
}
