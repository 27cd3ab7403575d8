using System.Buffers.Binary;
using System.Globalization;
using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Journal;

/// <summary>The bytes of a segment file; README.md beside this file has the same as a table.</summary>
internal static class SegmentFormat
{
    public const int HeaderBytes = 40;
    public const int FrameOverhead = 16;
    public const int Version = 1;
    public const string Extension = ".journal";

    private static ReadOnlySpan<byte> Magic => "RRLJOURN"u8;

    public static int FrameBytes(JournalLayout layout) => layout.PayloadBytes + FrameOverhead;

    public static string PathOf(string directory, long first) =>
        Path.Combine(directory, first.ToString("D19", CultureInfo.InvariantCulture) + Extension);

    /// <summary>All segments of a directory in their order, with the first sequence that their names state.</summary>
    public static List<Segment> List(string directory)
    {
        var segments = new List<Segment>();
        if (!Directory.Exists(directory))
        {
            return segments;
        }

        foreach (FileInfo file in new DirectoryInfo(directory).EnumerateFiles("*" + Extension))
        {
            if (long.TryParse(Path.GetFileNameWithoutExtension(file.Name), NumberStyles.None, CultureInfo.InvariantCulture, out long first))
            {
                segments.Add(new(file.FullName, first, file.Length));
            }
        }

        segments.Sort((a, b) => a.First.CompareTo(b.First));
        return segments;
    }

    public static void WriteHeader(Span<byte> header, JournalLayout layout, long first)
    {
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], layout.PayloadBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(header[16..], layout.Id);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], first);
        BinaryPrimitives.WriteInt32LittleEndian(header[32..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(header[36..], Crc32C.Compute(header[..36]));
    }

    /// <summary>False where the header is damaged; throws where it is sound and of a format that this program does not know.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> segment, string path, out JournalLayout layout, out long first)
    {
        (layout, first) = (default, 0);
        if (segment.Length < HeaderBytes
            || Crc32C.Compute(segment[..36]) != BinaryPrimitives.ReadUInt32LittleEndian(segment[36..])
            || !segment[..8].SequenceEqual(Magic))
        {
            return false;
        }

        int version = BinaryPrimitives.ReadInt32LittleEndian(segment[8..]);
        if (version != Version)
        {
            throw new JournalException(path, $"{path}: journal format version {version}; this program reads version {Version}. Use the program that wrote it.");
        }

        layout = new(BinaryPrimitives.ReadUInt64LittleEndian(segment[16..]), BinaryPrimitives.ReadInt32LittleEndian(segment[12..]));
        first = BinaryPrimitives.ReadInt64LittleEndian(segment[24..]);
        return layout.PayloadBytes is > 0 and <= JournalLayout.MaxPayloadBytes;
    }

    public static void WriteFrame(Span<byte> frame, long sequence, ReadOnlySpan<byte> payload)
    {
        BinaryPrimitives.WriteInt32LittleEndian(frame, payload.Length);
        BinaryPrimitives.WriteInt64LittleEndian(frame[4..], sequence);
        payload.CopyTo(frame[12..]);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[(12 + payload.Length)..], Crc32C.Compute(frame[..(12 + payload.Length)]));
    }

    /// <summary>
    /// Offset of the first good frame at or after <paramref name="from"/> whose sequence is at least <paramref name="least"/>,
    /// or -1. Looks at every byte position, so that inserted or lost bytes cost no more than the frames they are in.
    /// </summary>
    public static int FindFrame(ReadOnlySpan<byte> segment, int from, int payloadBytes, long least, out long sequence)
    {
        int size = payloadBytes + FrameOverhead;
        for (int at = from; at <= segment.Length - size; at++)
        {
            ReadOnlySpan<byte> frame = segment.Slice(at, size);
            if (BinaryPrimitives.ReadInt32LittleEndian(frame) != payloadBytes)
            {
                continue;
            }

            sequence = BinaryPrimitives.ReadInt64LittleEndian(frame[4..]);
            if (sequence >= least && Crc32C.Compute(frame[..(size - 4)]) == BinaryPrimitives.ReadUInt32LittleEndian(frame[(size - 4)..]))
            {
                return at;
            }
        }

        sequence = -1;
        return -1;
    }

    /// <summary>Reads a whole file into <paramref name="buffer"/>, which grows where it must; returns the length.</summary>
    public static int ReadAll(string path, ref byte[] buffer)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        int length = checked((int)RandomAccess.GetLength(handle));
        if (buffer.Length < length)
        {
            buffer = new byte[length];
        }

        int read = 0;
        while (read < length)
        {
            int count = RandomAccess.Read(handle, buffer.AsSpan(read, length - read), read);
            if (count == 0)
            {
                break;
            }

            read += count;
        }

        return read;
    }

    internal readonly record struct Segment(string Path, long First, long Length);
}
