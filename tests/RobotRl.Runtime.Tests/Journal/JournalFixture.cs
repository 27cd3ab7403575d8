using System.Buffers.Binary;
using Microsoft.Extensions.Time.Testing;
using RobotRl.Runtime.Journal;
using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Tests.Journal;

/// <summary>Journals of frames whose every payload is a function of its sequence.</summary>
internal static class JournalFixture
{
    public static readonly JournalLayout Layout = JournalLayout.Of([new("values", JournalFieldType.I64, 0, 4)], 32, "test 1");

    public static readonly JournalOrigin Origin = new(new RunId(17), "robot");

    public static int HeaderBytes { get; } = SegmentFormat.Header(Layout, Origin).Length;

    public static int FrameBytes => Layout.PayloadBytes + 16;

    public static byte[] Payload(long sequence)
    {
        byte[] payload = new byte[Layout.PayloadBytes];
        for (int i = 0; i < 4; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(i * 8), unchecked((sequence + 1) * (long)0x9E3779B97F4A7C15 * (i + 1)));
        }

        return payload;
    }

    public static JournalWriter Open(
        string directory,
        TimeProvider? time = null,
        IFileOpener? files = null,
        JournalOptions? options = null
    ) => JournalWriter.Open(directory, Layout, Origin, options ?? new(), time ?? new FakeTimeProvider(), files);

    public static void Append(JournalWriter writer, int count)
    {
        for (int i = 0; i < count; i++)
        {
            long sequence = writer.NextSequence;
            Assert.Equal(sequence, writer.Append(Payload(sequence)));
        }
    }

    public static void Write(string directory, int count)
    {
        using JournalWriter writer = Open(directory);
        Append(writer, count);
    }

    /// <summary>All sequences read from <paramref name="from"/> on, each payload checked, and all damage met.</summary>
    public static (List<long> Sequences, List<JournalDamage> Damage) Read(string directory, long from = 0)
    {
        JournalReader reader = JournalReader.Open(directory, Layout, Origin);
        reader.Seek(from);
        var sequences = new List<long>();
        while (reader.TryRead(out long sequence, out ReadOnlySpan<byte> payload))
        {
            Assert.True(payload.SequenceEqual(Payload(sequence)), $"frame {sequence} has another payload");
            sequences.Add(sequence);
        }

        return (sequences, [.. reader.Damage]);
    }

    public static List<long> Range(long first, long last) => [.. Enumerable.Range(0, (int)(last - first + 1)).Select(i => first + i)];

    public static string[] Files(string directory) => [.. Directory.GetFiles(directory, "*.journal").Order(StringComparer.Ordinal)];
}
