using System.Buffers.Binary;
using System.Globalization;
using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Journal;

/// <summary>The bytes of a segment file; README.md beside this file has the same as a table.</summary>
internal static class SegmentFormat
{
    /// <summary>Bytes of a header before its JSON.</summary>
    public const int PrefixBytes = 48;

    public const int FirstFormatHeaderBytes = 40;
    public const int MaxHeaderBytes = 1 << 20;
    public const int FrameOverhead = 16;
    public const int Version = 2;
    public const string Extension = ".journal";

    private static ReadOnlySpan<byte> Magic => "RRLJOURN"u8;

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

    /// <summary>A header without its sequence; <see cref="SetFirst"/> completes it.</summary>
    public static byte[] Header(JournalLayout layout, JournalOrigin origin)
    {
        byte[] json = SegmentJson.Write(layout, origin);
        int length = (PrefixBytes + json.Length + sizeof(uint) + 7) / 8 * 8;
        byte[] header = new byte[length];
        header.AsSpan(PrefixBytes).Fill((byte)' ');
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), layout.PayloadBytes);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(16), length);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(20), json.Length);
        origin.Run.Write(header.AsSpan(32));
        json.CopyTo(header.AsSpan(PrefixBytes));
        return header;
    }

    /// <summary>Makes <paramref name="header"/> that of a segment whose first frame is <paramref name="first"/>.</summary>
    public static void SetFirst(Span<byte> header, long first)
    {
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], first);
        BinaryPrimitives.WriteUInt32LittleEndian(header[^4..], Crc32C.Compute(header[..^4]));
    }

    /// <summary>The header of the file <paramref name="path"/>; null if it is damaged.</summary>
    /// <exception cref="JournalException">It is sound and of a format that this program does not know.</exception>
    public static SegmentHeader? ReadHeader(string path)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] bytes = new byte[Math.Min(RandomAccess.GetLength(handle), MaxHeaderBytes)];
        int read = RandomAccess.Read(handle, bytes.AsSpan(0, Math.Min(bytes.Length, PrefixBytes)), 0);
        int length =
            read < PrefixBytes ? read : Math.Clamp(BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(16)), PrefixBytes, bytes.Length);
        read += RandomAccess.Read(handle, bytes.AsSpan(read, length - read), read);
        return TryReadHeader(bytes.AsSpan(0, read), path);
    }

    /// <summary>The header at the start of <paramref name="segment"/>; null if it is damaged.</summary>
    /// <exception cref="JournalException">It is sound and of a format that this program does not know.</exception>
    public static SegmentHeader? TryReadHeader(ReadOnlySpan<byte> segment, string path)
    {
        if (segment.Length < FirstFormatHeaderBytes || !segment[..8].SequenceEqual(Magic))
        {
            return null;
        }

        int version = BinaryPrimitives.ReadInt32LittleEndian(segment[8..]);
        int length = BinaryPrimitives.ReadInt32LittleEndian(segment[16..]);
        bool firstFormat = IsSound(segment[..FirstFormatHeaderBytes]);
        if (
            !firstFormat
            && (length is < PrefixBytes + sizeof(uint) or > MaxHeaderBytes || length > segment.Length || !IsSound(segment[..length]))
        )
        {
            return null;
        }

        if (version is not (1 or Version) || firstFormat != (version == 1))
        {
            throw new JournalException(
                path,
                $"{path}: journal format version {version}; this program reads versions 1 and {Version}. Use the program that wrote it."
            );
        }

        int payloadBytes = BinaryPrimitives.ReadInt32LittleEndian(segment[12..]);
        long first = BinaryPrimitives.ReadInt64LittleEndian(segment[24..]);
        if (firstFormat)
        {
            ulong id = BinaryPrimitives.ReadUInt64LittleEndian(segment[16..]);
            return payloadBytes is > 0 and <= JournalLayout.MaxPayloadBytes
                ? new(version, JournalLayout.OfFirstFormat(id, payloadBytes), null, null, first, FirstFormatHeaderBytes)
                : null;
        }

        int json = BinaryPrimitives.ReadInt32LittleEndian(segment[20..]);
        return
            json > 0
            && json <= length - PrefixBytes - sizeof(uint)
            && SegmentJson.TryRead(segment.Slice(PrefixBytes, json), payloadBytes, out JournalLayout? layout, out string robot)
            ? new(version, layout, RunId.Read(segment[32..]), robot, first, length)
            : null;
    }

    private static bool IsSound(ReadOnlySpan<byte> header) =>
        Crc32C.Compute(header[..^4]) == BinaryPrimitives.ReadUInt32LittleEndian(header[^4..]);

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

    /// <summary>A segment file.</summary>
    /// <param name="Path">The file.</param>
    /// <param name="First">Sequence of its first frame, by its name.</param>
    /// <param name="Length">Its length in bytes.</param>
    /// <param name="Frames">Frames that a writer knows to have put into it; -1 if it was written before.</param>
    internal readonly record struct Segment(string Path, long First, long Length, long Frames = -1);
}
