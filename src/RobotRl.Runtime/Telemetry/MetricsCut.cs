using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Telemetry;

/// <summary>Brings a file of metrics to what a resumed run has. Streams it: its size does not matter.</summary>
internal static class MetricsCut
{
    /// <summary>
    /// Drops the lines of <paramref name="path"/> from <paramref name="fromStep"/> on and the one that a crash cut short. A damaged line
    /// costs only itself. Returns what to tell about damaged ones; null if there are none.
    /// </summary>
    /// <exception cref="IOException">The disk refuses; the file is as it was.</exception>
    public static string? Apply(string path, long fromStep, IFileOpener? files = null)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        long end = 0,
            damaged = 0,
            firstDamaged = 0,
            number = 0;
        bool holes = false;
        using (FileStream stream = Open(path))
        {
            var reader = new LineReader(stream);
            while (reader.TryRead())
            {
                number++;
                MetricsLine? line = Parse(reader);
                if (line is null && reader.IsComplete)
                {
                    firstDamaged = damaged++ == 0 ? number : firstDamaged;
                }

                if (Keeps(line, reader, fromStep))
                {
                    holes |= reader.Start > end;
                    end = reader.End;
                }
            }
        }

        if (holes)
        {
            WholeFile.Write(path, file => Copy(path, fromStep, file), files);
        }
        else if (end < new FileInfo(path).Length)
        {
            using IWritableFile file = (files ?? DiskFiles.Instance).OpenWrite(path, FileMode.Open);
            file.SetLength(end);
        }

        return damaged == 0
            ? null
            : FormattableString.Invariant(
                $"{path}: {damaged} damaged lines, the first is line {firstDamaged}; their figures are lost, all others are kept."
            );
    }

    private static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);

    private static MetricsLine? Parse(LineReader reader) => reader.IsComplete ? MetricsLine.Parse(reader.Line) : null;

    /// <summary>A damaged line stays where nothing is cut, for people; where lines go, nobody knows whether it is one of them.</summary>
    private static bool Keeps(MetricsLine? line, LineReader reader, long fromStep) =>
        line is { } sound ? sound.Step is null || sound.Step < fromStep : reader.IsComplete && fromStep == long.MaxValue;

    private static void Copy(string path, long fromStep, IWritableFile file)
    {
        using FileStream stream = Open(path);
        var reader = new LineReader(stream);
        long at = 0;
        while (reader.TryRead())
        {
            if (Keeps(Parse(reader), reader, fromStep))
            {
                file.Write(at, reader.Line.Span);
                file.Write(at + reader.Line.Length, "\n"u8);
                at += reader.Line.Length + 1;
            }
        }
    }
}
