using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Journal;

/// <summary>Shortens a segment.</summary>
internal static class SegmentCut
{
    /// <summary>
    /// Cuts the segment <paramref name="path"/>, whose first frame is <paramref name="first"/>, before the first frame of at least
    /// <paramref name="sequence"/>. Returns the sequence that it then reaches and its length in bytes.
    /// </summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public static (long Reached, long Length) Before(string path, long first, long sequence, JournalLayout layout, IFileOpener files)
    {
        byte[] bytes = [];
        int length = SegmentFormat.ReadAll(path, ref bytes);
        SegmentHeader? header = SegmentFormat.TryReadHeader(bytes.AsSpan(0, length), path);
        int end = header?.Bytes ?? 0,
            payloadBytes = (header?.Layout ?? layout).PayloadBytes;
        long next = first;
        while (true)
        {
            int at = SegmentFormat.FindFrame(bytes.AsSpan(0, length), end, payloadBytes, next, out long found);
            if (at < 0 || found >= sequence)
            {
                break;
            }

            (end, next) = (at + payloadBytes + SegmentFormat.FrameOverhead, found + 1);
        }

        using IWritableFile file = files.OpenWrite(path, FileMode.Open);
        file.SetLength(end);
        file.Sync();
        return (next, end);
    }
}
