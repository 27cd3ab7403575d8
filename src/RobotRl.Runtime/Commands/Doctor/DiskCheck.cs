using System.Diagnostics;
using System.Globalization;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Runs;

namespace RobotRl.Runtime.Commands.Doctor;

/// <summary>Room and sync time where the run is to lie.</summary>
internal static class DiskCheck
{
    private const int Samples = 8;
    private const int BlockSize = 4096;

    public static CheckResult Run(RobotRlOptions options)
    {
        string directory = Path.GetFullPath(options.Run.Directory ?? RunDirectory.DefaultRoot);
        while (!Directory.Exists(directory) && Path.GetDirectoryName(directory) is { } parent)
        {
            directory = parent;
        }

        // The probe is gone when its handle is closed.
        string probe = Path.Combine(directory, $".robotrl-doctor-{Environment.ProcessId}");
        double[] milliseconds = new double[Samples];
        try
        {
            using var file = new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            byte[] block = new byte[BlockSize];
            for (int i = 0; i < Samples; i++)
            {
                long start = Stopwatch.GetTimestamp();
                file.Write(block);
                file.Flush(flushToDisk: true);
                milliseconds[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new CheckResult(
                "disk",
                CheckState.Missing,
                $"{directory}: cannot be written: {e.Message}",
                "Name a writable place with --run or Run:Directory."
            );
        }

        Array.Sort(milliseconds);
        long free = new DriveInfo(directory).AvailableFreeSpace >> 20;
        string detail = string.Create(
            CultureInfo.InvariantCulture,
            $"{directory}: {free:N0} MiB free; a sync takes {milliseconds[Samples / 2]:F1} ms (p50), {milliseconds[^1]:F1} ms (most)"
        );
        return free >= options.Journal.RetentionMiB
            ? new CheckResult("disk", CheckState.Ok, detail)
            : new CheckResult(
                "disk",
                CheckState.Advice,
                detail,
                $"The journal may take {options.Journal.RetentionMiB} MiB (Journal:RetentionMiB): lower it or make room."
            );
    }
}
