using System.Globalization;
using System.Reflection;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Checkpoints;

/// <summary>
/// The last few checkpoints of a run. Files are named <c>NNNNNNNN-stepM.safetensors</c> where N counts the saves, so the newest
/// is the one saved last, also after a resume went back.
/// </summary>
/// <remarks>
/// One thread at a time. To keep the disk off a thread that must not wait, fill a <see cref="SafetensorsWriter"/> there (a copy
/// in memory) and hand it to <see cref="Save(CheckpointHeader, SafetensorsWriter)"/> on another.
/// </remarks>
public sealed class CheckpointStore
{
    /// <summary>Checkpoints kept where nothing else is said: a damaged newest one and one more may go, and a good one is left.</summary>
    public const int DefaultKeep = 3;

    private const string Extension = ".safetensors";

    /// <summary>One save a millisecond for 30 years: a greater number in a name was not counted by this program.</summary>
    private const long GreatestOrdinal = 1_000_000_000_000;

    private readonly string _directory;
    private readonly int _keep;
    private readonly TimeProvider _time;
    private readonly IFileOpener _files;
    private readonly RunId? _run;
    private readonly SafetensorsWriter _buffer = new();
    private readonly HashSet<string> _damaged = new(StringComparer.Ordinal);

    /// <summary>Uses <paramref name="directory"/>, which need not exist yet.</summary>
    /// <param name="directory">The checkpoints' directory.</param>
    /// <param name="time">Dates the files.</param>
    /// <param name="keep">How many are kept, at least 2.</param>
    /// <param name="files">The file system.</param>
    /// <param name="run">The run that they belong to; another run's are passed over like damaged ones. Null for anybody's.</param>
    public CheckpointStore(string directory, TimeProvider time, int keep = DefaultKeep, IFileOpener? files = null, RunId? run = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 2);
        (_directory, _time, _keep, _files, _run) = (directory, time, keep, files ?? DiskFiles.Instance, run);
    }

    /// <summary>Version of this program, as checkpoints and policies name it.</summary>
    public static string ProgramVersion { get; } =
        typeof(CheckpointStore).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>Collects what <paramref name="write"/> writes and saves it.</summary>
    public CheckpointSave Save(CheckpointHeader header, Action<IStateWriter> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        _buffer.Clear();
        write(_buffer);
        return Save(header, _buffer);
    }

    /// <summary>Writes collected state beside the others, syncs, renames, and deletes all but the newest.</summary>
    public CheckpointSave Save(CheckpointHeader header, SafetensorsWriter state)
    {
        ArgumentNullException.ThrowIfNull(header);
        ArgumentNullException.ThrowIfNull(state);
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(_directory)) is { } run && !Directory.Exists(run))
            {
                // Made anew, it would hold a checkpoint without the experience that belongs to it.
                throw new DirectoryNotFoundException("the run's directory is no longer there: it was removed or renamed.");
            }

            Directory.CreateDirectory(_directory);
            foreach (string unfinished in Directory.EnumerateFiles(_directory, "*" + Extension + ".tmp"))
            {
                File.Delete(unfinished);
            }

            List<(string Path, long Ordinal)> all = List();
            long ordinal = all.Count == 0 ? 1 : all[0].Ordinal + 1;
            string path = Path.Combine(
                _directory,
                string.Create(CultureInfo.InvariantCulture, $"{ordinal:D8}-step{header.Step}{Extension}")
            );
            state.WriteTo(
                path,
                (header with { Run = _run, ProgramVersion = ProgramVersion, Created = _time.GetUtcNow() }).ToMetadata(),
                _files
            );
            Prune();
            return new(path, false, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            bool full = DiskFiles.IsDiskFull(e);
            return new(
                null,
                full,
                full
                    ? $"{_directory}: no checkpoint was saved at step {header.Step}: the disk is full. The earlier ones are "
                        + $"untouched; free some space."
                    : $"{_directory}: no checkpoint was saved at step {header.Step}: {e.Message}"
            );
        }
    }

    /// <summary>The newest checkpoint that is whole, after naming every newer one that is not.</summary>
    public CheckpointSearch LoadNewest()
    {
        var damaged = new List<string>();
        foreach ((string path, _) in List(damaged))
        {
            try
            {
                Checkpoint found = Load(path);
                if (_run is { } run && found.Header.Run is { } other && other != run)
                {
                    throw new DamagedFileException(
                        path,
                        $"this checkpoint belongs to run {other}; this is run {run}. Move the file out of this directory."
                    );
                }

                return new(found, damaged);
            }
            catch (DamagedFileException e)
            {
                damaged.Add(e.Message);
                _damaged.Add(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                damaged.Add($"{path}: cannot be read: {e.Message}");
                _damaged.Add(path);
            }
        }

        return new(null, damaged);
    }

    /// <summary>Reads and verifies one file.</summary>
    /// <exception cref="DamagedFileException">It is no whole checkpoint of a known format.</exception>
    public static Checkpoint Load(string path)
    {
        SafetensorsFile file = SafetensorsFile.Load(path);
        return new(CheckpointHeader.Of(file), file);
    }

    /// <summary>All checkpoint files, the newest first.</summary>
    private List<(string Path, long Ordinal)> List(List<string>? problems = null)
    {
        var found = new List<(string Path, long Ordinal)>();
        if (Directory.Exists(_directory))
        {
            foreach (string path in Directory.EnumerateFiles(_directory, "*" + Extension))
            {
                string name = Path.GetFileName(path);
                int dash = name.IndexOf('-', StringComparison.Ordinal);
                if (dash > 0 && long.TryParse(name.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out long ordinal))
                {
                    if (ordinal <= GreatestOrdinal)
                    {
                        found.Add((path, ordinal));
                    }
                    else
                    {
                        problems?.Add(
                            $"{path}: not used: by its name it is save number {ordinal}, and no run makes more than "
                                + $"{GreatestOrdinal}. Rename it to a lower number, or remove it."
                        );
                    }
                }
            }
        }

        found.Sort((a, b) => b.Ordinal.CompareTo(a.Ordinal));
        return found;
    }

    private void Prune()
    {
        int good = 0;
        foreach ((string path, _) in List())
        {
            // A file known to be damaged takes no place, or it would push out the one that was used instead of it.
            bool counts = !_damaged.Contains(path);
            if (good >= _keep)
            {
                File.Delete(path);
                _damaged.Remove(path);
            }

            good += counts ? 1 : 0;
        }
    }
}
