using System.Diagnostics;
using System.Globalization;
using RobotRl.Hardware.Transports;
using RobotRl.Runtime.Checkpoints;
using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Runs;

/// <summary>Where a run keeps everything: the paths in it, making and finding one.</summary>
/// <param name="Path">Full path of the directory.</param>
public sealed record RunDirectory(string Path)
{
    /// <summary>Directory in which runs are made where nothing else is said, relative to the working directory.</summary>
    public const string DefaultRoot = "runs";

    private const string LatestName = "latest";
    private const string OptionsName = "options.json";

    /// <summary>Name of the run.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>Effective options.</summary>
    public string OptionsPath => In(OptionsName);

    /// <summary>Segments of experience.</summary>
    public string JournalPath => In("journal");

    /// <summary>The last checkpoints.</summary>
    public string CheckpointsPath => In("checkpoints");

    /// <summary>The newest admitted policy.</summary>
    public string PolicyPath => In("policy.safetensors");

    /// <summary>The champion: the best admitted policy by evaluated return.</summary>
    public string ChampionPath => In("champion.safetensors");

    /// <summary>TensorBoard event files.</summary>
    public string EventsPath => In("events");

    /// <summary>Figures over time, one JSON document a line.</summary>
    public string MetricsPath => In("metrics.jsonl");

    /// <summary>Picture of the learning curve.</summary>
    public string CurvePath => In("curve.svg");

    /// <summary>What happened, one JSON document a line.</summary>
    public string LogPath => In("log.jsonl");

    /// <summary>Local socket of a running process.</summary>
    public string SocketPath => In("control.sock");

    /// <summary>Local socket of a running process that takes orders to stop alone.</summary>
    public string StopSocketPath => In("stop.sock");

    /// <summary>
    /// Makes a new run <c>root/yyyyMMddTHHmmssZ-robot-algorithm-n</c>, n the first number that is free, and points
    /// <c>root/latest</c> at it.
    /// </summary>
    /// <exception cref="RunException">It cannot be made.</exception>
    public static RunDirectory Create(string root, string robot, string algorithm, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        string stem = string.Create(
            CultureInfo.InvariantCulture,
            $"{time.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}-{Plain(robot)}-{Plain(algorithm)}-"
        );
        string full = System.IO.Path.GetFullPath(root);
        try
        {
            Directory.CreateDirectory(full);
            for (int n = 1; ; n++)
            {
                // Claimed by a lock file that only one process can make: two that start in the same second get a run each.
                string path = System.IO.Path.Combine(full, stem + n.ToString(CultureInfo.InvariantCulture));
                if (!Directory.Exists(path) && TryClaim(path))
                {
                    var run = new RunDirectory(path);
                    run.Prepare();
                    PointLatest(full, run.Name);
                    return run;
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(full, e);
        }
    }

    /// <summary>Uses <paramref name="path"/> as the run directory, made where it is missing.</summary>
    /// <exception cref="RunException">It cannot be made or written.</exception>
    public static RunDirectory CreateAt(string path)
    {
        var run = new RunDirectory(System.IO.Path.GetFullPath(path));
        RunFiles.Check(run, write: true);
        try
        {
            run.Prepare();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(run.Path, e);
        }

        return run;
    }

    /// <summary>Opens an existing run.</summary>
    /// <param name="path">Its directory, or a link to it.</param>
    /// <param name="write">Whether the run is to go on, so that its files are written too.</param>
    /// <exception cref="RunException">There is none at <paramref name="path"/>, or one of its files is no regular file or not
    /// this user's to open.</exception>
    public static RunDirectory Open(string path, bool write = false)
    {
        string full = System.IO.Path.GetFullPath(path);
        if (!Directory.Exists(full))
        {
            throw new RunException(full, $"{full}: no such run directory. Give the directory of a run, such as those in {DefaultRoot}/.");
        }

        full = new DirectoryInfo(full).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? full;
        var run = new RunDirectory(full);
        if (!File.Exists(run.OptionsPath) && !Directory.Exists(run.CheckpointsPath) && !Directory.Exists(run.JournalPath))
        {
            throw new RunException(
                full,
                $"{full}: not a run directory: it has no {OptionsName}, checkpoints or journal. Give the directory of a run, "
                    + $"such as those in {DefaultRoot}/."
            );
        }

        RunFiles.Check(run, write);
        return run;
    }

    /// <summary>
    /// Whether nothing of a run is in <paramref name="path"/> but what is made before its first file: empty folders and locks. A
    /// run that was
    /// refused or killed at that moment never began, and may begin there.
    /// </summary>
    public static bool NeverBegan(string path)
    {
        var run = new RunDirectory(System.IO.Path.GetFullPath(path));
        return Directory
            .EnumerateFileSystemEntries(run.Path)
            .All(entry =>
                run.Folders.Contains(entry)
                    ? !Directory.EnumerateFileSystemEntries(entry).Any()
                    : System.IO.Path.GetFileName(entry).StartsWith(RunLock.LockName, StringComparison.Ordinal)
            );
    }

    /// <summary>
    /// Takes away what <see cref="CreateAt"/> and the lock made, if the run never began; <paramref name="whole"/> takes the
    /// directory too.
    /// </summary>
    internal void RemoveUnbegun(bool whole)
    {
        try
        {
            if (!Directory.Exists(Path) || !NeverBegan(Path))
            {
                return;
            }

            foreach (string entry in Directory.EnumerateFileSystemEntries(Path))
            {
                if (Directory.Exists(entry))
                {
                    Directory.Delete(entry);
                }
                else
                {
                    File.Delete(entry);
                }
            }

            if (whole)
            {
                Directory.Delete(Path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Debug.WriteLine(e.Message); // Why the run was refused is what is told; what is left does not keep the next one from beginning.
        }
    }

    /// <summary>The folders that every run has.</summary>
    internal string[] Folders => [JournalPath, CheckpointsPath, EventsPath];

    /// <summary>The run made last under <paramref name="root"/> (by the time stamps in the names), or null.</summary>
    public static RunDirectory? FindNewest(string root)
    {
        if (!Directory.Exists(root))
        {
            return null;
        }

        string? newest = Directory
            .EnumerateDirectories(root)
            .Where(d => TryStamp(System.IO.Path.GetFileName(d), out _))
            .OrderBy(d => System.IO.Path.GetFileName(d)[..16], StringComparer.Ordinal)
            .ThenBy(d => Directory.GetCreationTimeUtc(d))
            .ThenBy(d => d, StringComparer.Ordinal)
            .LastOrDefault();
        return newest is null ? null : new(System.IO.Path.GetFullPath(newest));
    }

    /// <summary>Takes the run for this process.</summary>
    /// <exception cref="RunException">Another process has it, or the directory cannot be written.</exception>
    public RunLock Lock() => RunLock.Take(Path);

    /// <summary>This run's checkpoints.</summary>
    /// <param name="time">Dates the files.</param>
    /// <param name="keep">How many are kept, at least 2.</param>
    /// <param name="id">The run's identity, if it is known; another run's checkpoints are then passed over.</param>
    public CheckpointStore Checkpoints(TimeProvider time, int keep = CheckpointStore.DefaultKeep, RunId? id = null) =>
        new(CheckpointsPath, time, keep, run: id);

    /// <summary>
    /// The run's identity, by the first of its files that names one: options, newest checkpoint, journal. Null if none does: it was
    /// made before runs had one, or nothing was written yet.
    /// </summary>
    public RunId? FindId()
    {
        if (RunOptionsFile.Read(OptionsPath).Run is { } id)
        {
            return id;
        }

        if (Checkpoints(TimeProvider.System).LoadNewest().Newest?.Header.Run is { } saved)
        {
            return saved;
        }

        IReadOnlyList<RunId> runs = Journal.JournalReader.Open(JournalPath).Runs;
        return runs.Count == 0 ? null : runs[^1];
    }

    /// <summary>Refuses figures of another run than <paramref name="id"/>.</summary>
    /// <exception cref="RunException">They are.</exception>
    internal void RequireOwnFigures(RunId id)
    {
        if (Telemetry.MetricsLog.RunOf(MetricsPath) is { } other && other != id)
        {
            throw new RunException(
                Path,
                $"{MetricsPath}: these figures belong to run {other}; this is run {id}. Move the file out of this directory."
            );
        }
    }

    /// <summary>
    /// Writes the effective options (a JSON object) with the run's identity and a checksum: whole, on the medium, or not at all.
    /// </summary>
    /// <exception cref="RunException">They cannot be written: a full disk, a read-only file system.</exception>
    public void WriteOptions(string json, RunId id, IFileOpener? files = null)
    {
        try
        {
            WholeFile.Write(OptionsPath, RunOptionsFile.Text(json, id), files);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(Path, e);
        }
    }

    internal static RunException NotWritable(string directory, Exception e)
    {
        string advice = DiskFiles.IsDiskFull(e)
            ? "Free some space, or choose a run directory elsewhere"
            : "Choose a run directory that this user may write";
        return new(directory, $"{directory}: cannot be written: {Reason(e)}. {advice} (--run DIR).", e);
    }

    private static string Reason(Exception e)
    {
        // .NET's message repeats the path of the file that was tried.
        return DiskFiles.IsDiskFull(e) ? "the disk is full"
            : DiskFiles.IsReadOnly(e) ? "the file system is read-only"
            : e is UnauthorizedAccessException ? "permission denied"
            : e.Message.TrimEnd('.');
    }

    private static bool TryClaim(string path)
    {
        string claim = System.IO.Path.Combine(path, RunLock.LockName);
        Directory.CreateDirectory(path);
        try
        {
            using var file = new FileStream(claim, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1);
            return true;
        }
        catch (IOException) when (File.Exists(claim))
        {
            return false;
        }
    }

    private static void PointLatest(string root, string name)
    {
        string link = System.IO.Path.Combine(root, LatestName);
        if (FileKinds.Of(link, follow: false) is not (FileKind.Link or FileKind.Missing))
        {
            return; // A file or directory of that name is the user's.
        }

        try
        {
            File.Delete(link);
            Directory.CreateSymbolicLink(link, name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A file system without links, or another run that starts at this moment: FindNewest goes by the names.
            Debug.WriteLine(e.Message);
        }
    }

    private static string Plain(string word) => string.Concat(word.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' ? c : '-'));

    private static bool TryStamp(string name, out DateTime stamp)
    {
        stamp = default;
        return name.Length > 17
            && name[16] == '-'
            && DateTime.TryParseExact(
                name[..16],
                "yyyyMMdd'T'HHmmss'Z'",
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out stamp
            );
    }

    private void Prepare()
    {
        foreach (string folder in Folders)
        {
            Directory.CreateDirectory(folder);
        }
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
