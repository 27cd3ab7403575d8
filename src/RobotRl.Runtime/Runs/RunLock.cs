using System.Diagnostics;
using System.Globalization;
using System.Text;
using RobotRl.Algorithms.Checkpoints;

namespace RobotRl.Runtime.Runs;

/// <summary>
/// The right to write a run, held by one process at a time. The kernel holds the lock (flock, through .NET's exclusive share
/// mode), so it ends with the process, however that ends, and a kill leaves nothing to clean.
/// </summary>
public sealed class RunLock : IDisposable
{
    internal const string LockName = "lock";
    private const string OwnerName = "lock.owner";

    private const int Tries = 20;

    private readonly FileStream _held;

    private RunLock(FileStream held) => _held = held;

    /// <summary>Takes the lock of <paramref name="directory"/>.</summary>
    /// <exception cref="RunException">Another process has it (its process id is in the message), or the directory cannot be
    /// written.</exception>
    public static RunLock Take(string directory)
    {
        FileStream held;
        try
        {
            held = Open(Path.Combine(directory, LockName));
        }
        catch (IOException e) when (FileLocks.IsHeldElsewhere(e))
        {
            int? owner = Owner(directory);
            string who = owner is null ? "another process" : string.Create(CultureInfo.InvariantCulture, $"process {owner}");
            throw new RunException(
                directory,
                $"{directory}: {who} is working on this run. Stop it first, or choose another run directory.",
                e
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RunDirectory.NotWritable(directory, e);
        }

        try
        {
            // Kept apart from the locked file, which nobody else can open.
            File.WriteAllText(
                Path.Combine(directory, OwnerName),
                Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n",
                Encoding.ASCII
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk must not keep a robot from starting; only the message to a second process is poorer.
            Debug.WriteLine(e.Message);
        }

        return new(held);
    }

    /// <summary>
    /// Process id of whoever holds the lock of <paramref name="directory"/>; null where nobody does or it cannot be told.
    /// </summary>
    public static int? Holder(string directory) => IsHeld(directory) ? Owner(directory) : null;

    /// <summary>Whether a process holds the lock of <paramref name="directory"/>; false where it cannot be told.</summary>
    public static bool IsHeld(string directory)
    {
        string path = Path.Combine(directory, LockName);
        if (!File.Exists(path))
        {
            return false;
        }

        try
        {
            using var free = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);
            return false;
        }
        catch (IOException e) when (FileLocks.IsHeldElsewhere(e))
        {
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _held.Dispose();

    private static FileStream Open(string path)
    {
        var wait = new SpinWait();
        for (int i = 1; ; i++)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
            }
            catch (IOException e) when (FileLocks.IsHeldElsewhere(e) && i < Tries)
            {
                wait.SpinOnce(); // Holder, in another process, has it for an instant.
            }
        }
    }

    internal static int? Owner(string directory)
    {
        try
        {
            return int.TryParse(
                File.ReadAllText(Path.Combine(directory, OwnerName)),
                NumberStyles.AllowTrailingWhite,
                CultureInfo.InvariantCulture,
                out int id
            )
                ? id
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
