using System.Buffers.Binary;
using RobotRl.Runtime.Journal;
using RobotRl.Runtime.Storage;
using RobotRl.Runtime.Tests.Storage;
using static RobotRl.Runtime.Tests.Journal.JournalFixture;

namespace RobotRl.Runtime.Tests.Journal;

/// <summary>Format version 2 names run, robot and fields; version 1 is still read.</summary>
public sealed class JournalFormatTests
{
    private static readonly JournalLayout s_written = JournalLayout.Of(
        [
            new("time", JournalFieldType.I64, 0, 1),
            new("pose", JournalFieldType.F32, 8, 2) { Components = ["x", "y"] },
            new("end", JournalFieldType.U8, 16, 1),
        ],
        24,
        "before"
    );

    private static readonly JournalLayout s_wanted = JournalLayout.Of(
        [
            new("pose", JournalFieldType.F32, 0, 2) { Components = ["x", "y"] },
            new("actor", JournalFieldType.U8, 8, 1) { IsOptional = true },
            new("time", JournalFieldType.I64, 16, 1),
        ],
        32
    );

    [Fact]
    public void Read_FieldsThatLieElsewhere_AreFoundByTheirNames_AndAnOptionalOneIsZero()
    {
        using var directory = new TemporaryDirectory();
        using (JournalWriter writer = JournalWriter.Open(directory.Path, s_written, Origin, new(), TimeProvider.System))
        {
            writer.Append(Frame(7, 1.5f, 2.5f));
        }

        JournalReader reader = JournalReader.Open(directory.Path, s_wanted, Origin);
        Assert.True(reader.TryRead(out long sequence, out ReadOnlySpan<byte> payload));
        Assert.Equal((0L, 32), (sequence, payload.Length));
        Assert.Equal(
            (1.5f, 2.5f),
            (BinaryPrimitives.ReadSingleLittleEndian(payload), BinaryPrimitives.ReadSingleLittleEndian(payload[4..]))
        );
        Assert.Equal((0, 7L), (payload[8], BinaryPrimitives.ReadInt64LittleEndian(payload[16..])));

        // Written on by a program with the other layout: each segment says what it holds.
        using (JournalWriter writer = JournalWriter.Open(directory.Path, s_wanted, Origin, new(), TimeProvider.System))
        {
            Assert.Equal(1, writer.NextSequence);
            writer.Append(new byte[32]);
        }

        reader = JournalReader.Open(directory.Path, s_wanted, Origin);
        Assert.True(reader.TryRead(out _, out _) && reader.TryRead(out sequence, out payload) && !reader.TryRead(out _, out _));
        Assert.Equal((2, 0), (Files(directory.Path).Length, reader.Damage.Count));
    }

    [Fact]
    public void Read_HeaderNamesRunRobotAndFields()
    {
        using var directory = new TemporaryDirectory();
        using (JournalWriter writer = JournalWriter.Open(directory.Path, s_written, Origin, new(), TimeProvider.System))
        {
            writer.Append(Frame(7, 1.5f, 2.5f));
        }

        SegmentHeader header = SegmentFormat.ReadHeader(Files(directory.Path).Single())!;
        Assert.Equal((2, Origin.Run, "robot"), (header.Version, header.Run!.Value, header.Robot));
        Assert.Equal(s_written, header.Layout);
        Assert.Equal(["x", "y"], header.Layout.Find("pose")!.Components);
    }

    [Theory]
    [InlineData("Type", "its field pose is f32[2], expected f64[2]")]
    [InlineData("Components", "its field pose is (x, y), expected (x, z)")]
    [InlineData("Missing", "it has no field force")]
    public void Open_FieldThatDiffers_IsRefusedByItsName(string how, string said)
    {
        using var directory = new TemporaryDirectory();
        using (JournalWriter writer = JournalWriter.Open(directory.Path, s_written, Origin, new(), TimeProvider.System))
        {
            writer.Append(Frame(7, 1.5f, 2.5f));
        }

        JournalField field = how switch
        {
            "Type" => new("pose", JournalFieldType.F64, 0, 2),
            "Components" => new("pose", JournalFieldType.F32, 0, 2) { Components = ["x", "z"] },
            _ => new("force", JournalFieldType.F32, 0, 2),
        };
        JournalLayout other = JournalLayout.Of([field], 16);
        Assert.Contains(
            said,
            Assert.Throws<JournalException>(() => JournalReader.Open(directory.Path, other)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Open_AnotherRunOrRobot_IsRefusedByName()
    {
        using var directory = new TemporaryDirectory();
        Write(directory.Path, 3);
        string file = Files(directory.Path).Single();
        string run = Assert
            .Throws<JournalException>(() =>
                JournalWriter.Open(directory.Path, Layout, Origin with { Run = new RunId(18) }, new(), TimeProvider.System)
            )
            .Message;
        Assert.Equal(
            $"{file}: this segment of the journal belongs to run {new RunId(17)}; this is run {new RunId(18)}. Move the file "
                + $"out of this directory.",
            run
        );
        string robot = Assert
            .Throws<JournalException>(() =>
                JournalWriter.Open(directory.Path, Layout, Origin with { Robot = "arm" }, new(), TimeProvider.System)
            )
            .Message;
        Assert.Contains("Robot:Name was robot and is now arm", robot, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_SegmentOfVersion1_IsRead_ContinuedInANewOne_AndRefusedBehindASegmentOfARun()
    {
        using var directory = new TemporaryDirectory();
        string first = directory.File("0000000000000000000.journal");
        File.WriteAllBytes(first, FirstFormat(0, [0, 1, 2]));
        Assert.Equal(Range(0, 2), Read(directory.Path).Sequences);
        using (JournalWriter writer = Open(directory.Path))
        {
            Assert.Equal((3L, 0), (writer.NextSequence, writer.Recovery.Damage.Count));
            Append(writer, 2);
        }

        (List<long> sequences, List<JournalDamage> damage) = Read(directory.Path);
        Assert.Equal(Range(0, 4), sequences);
        Assert.Empty(damage);
        Assert.Equal([1, 2], Files(directory.Path).Select(f => SegmentFormat.ReadHeader(f)!.Version));
        using (JournalWriter writer = Open(directory.Path))
        {
            Assert.Equal(new JournalCut(4, 0), writer.TruncateTo(1));
        }

        Assert.Equal([0], Read(directory.Path).Sequences);

        using (JournalWriter writer = Open(directory.Path))
        {
            Append(writer, 1);
        }

        File.WriteAllBytes(directory.File("0000000000000000009.journal"), FirstFormat(9, [9]));
        Assert.Contains(
            "names no run (format version 1)",
            Assert.Throws<JournalException>(() => Read(directory.Path)).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(3, 2)]
    [InlineData(7, 1)]
    public void Open_VersionOfTheFuture_IsRefused(int version, int like)
    {
        using var directory = new TemporaryDirectory();
        string file = directory.File("0000000000000000000.journal");
        byte[] header = like == 1 ? FirstFormat(0, []) : SegmentFormat.Header(Layout, Origin);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), version);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(header.Length - 4), Crc32C.Compute(header.AsSpan(0, header.Length - 4)));
        File.WriteAllBytes(file, header);
        string message = Assert.Throws<JournalException>(() => Open(directory.Path)).Message;
        Assert.Equal(
            $"{file}: journal format version {version}; this program reads versions 1 and 2. Use the program that wrote it.",
            message
        );
    }

    private static byte[] Frame(long time, float x, float y)
    {
        byte[] payload = new byte[24];
        BinaryPrimitives.WriteInt64LittleEndian(payload, time);
        BinaryPrimitives.WriteSingleLittleEndian(payload.AsSpan(8), x);
        BinaryPrimitives.WriteSingleLittleEndian(payload.AsSpan(12), y);
        return payload;
    }

    /// <summary>A segment as the program of before wrote it.</summary>
    private static byte[] FirstFormat(long first, long[] sequences)
    {
        byte[] file = new byte[SegmentFormat.FirstFormatHeaderBytes + (sequences.Length * FrameBytes)];
        "RRLJOURN"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(8), 1);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(12), Layout.PayloadBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(16), Layout.FirstFormatId);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(24), first);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(36), Crc32C.Compute(file.AsSpan(0, 36)));
        for (int i = 0; i < sequences.Length; i++)
        {
            SegmentFormat.WriteFrame(
                file.AsSpan(SegmentFormat.FirstFormatHeaderBytes + (i * FrameBytes), FrameBytes),
                sequences[i],
                Payload(sequences[i])
            );
        }

        return file;
    }
}
