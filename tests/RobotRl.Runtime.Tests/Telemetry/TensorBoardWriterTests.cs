using System.Buffers.Binary;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using RobotRl.Algorithms;
using RobotRl.Runtime.Telemetry;
using RobotRl.Runtime.Tests.Storage;

namespace RobotRl.Runtime.Tests.Telemetry;

public sealed class TensorBoardWriterTests
{
    private static readonly DateTimeOffset s_start = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    [Fact]
    public void Create_FirstRecord_IsTheVersionEventByteForByte()
    {
        using var directory = new TemporaryDirectory();
        string path;
        using (var writer = TensorBoardWriter.Create(directory.Path, new FakeTimeProvider(s_start)))
        {
            path = writer.Path;
        }

        Assert.Equal("events.out.tfevents.1700000000.robotrl.0", Path.GetFileName(path));
        // Length 24 and its masked CRC are those at the start of every event file that TensorFlow and tensorboardX write:
        // 18 00 00 00 00 00 00 00 a3 7f 4b 22; then wall time (field 1), file version (field 3), masked CRC.
        byte[] expected =
        [
            0x18,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0xa3,
            0x7f,
            0x4b,
            0x22,
            0x09,
            0,
            0,
            0,
            0x40,
            0xfc,
            0x54,
            0xd9,
            0x41,
            0x1a,
            0x0d,
            .. "brain.Event:2"u8,
        ];
        byte[] file = File.ReadAllBytes(path);
        Assert.Equal(expected.Length + 4, file.Length);
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(file[..^4]));
        Assert.Equal(MaskedCrc(file.AsSpan(12, 24)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(36)));
    }

    [Fact]
    public void Write_Figures_ParseBackSortedByAnIndependentDecoder()
    {
        using var directory = new TemporaryDirectory();
        var time = new FakeTimeProvider(s_start);
        using (var writer = TensorBoardWriter.Create(directory.Path, time))
        {
            writer.Write(0, "return", -1234.5);
            time.Advance(TimeSpan.FromMilliseconds(500));
            writer.Write(300, [new("loss/critic", 0.25), new("entropy", double.NaN), new("a/" + new string('x', 200), 3)]);
            for (int i = 0; i < 3000; i++)
            {
                writer.Write(long.MaxValue, "ende/größe", i);
            }
        }

        List<(double Time, long Step, List<(string Tag, float Value)> Values)> events = Decode(
            File.ReadAllBytes(Directory.GetFiles(directory.Path).Single())
        );
        Assert.Equal(3003, events.Count);
        Assert.Equal((1_700_000_000.0, 0L), (events[1].Time, events[1].Step));
        Assert.Equal([("return", -1234.5f)], events[1].Values);
        Assert.Equal((1_700_000_000.5, 300L), (events[2].Time, events[2].Step));
        Assert.Equal([("a/" + new string('x', 200), 3f), ("entropy", float.NaN), ("loss/critic", 0.25f)], events[2].Values);
        Assert.Equal((long.MaxValue, "ende/größe", 2999f), (events[^1].Step, events[^1].Values[0].Tag, events[^1].Values[0].Value));
    }

    [Fact]
    public void Create_Again_BeginsAnotherFile()
    {
        using var directory = new TemporaryDirectory();
        var time = new FakeTimeProvider(s_start);
        TensorBoardWriter.Create(directory.Path, time).Dispose();
        TensorBoardWriter.Create(directory.Path, time).Dispose();
        Assert.Equal(2, Directory.GetFiles(directory.Path).Length);
    }

    [Fact]
    public void Create_AfterAResume_BeginsWithASessionStart_SoThatTensorBoardDropsTheStepsThatAreWrittenAgain()
    {
        using var directory = new TemporaryDirectory();
        string path;
        using (var writer = TensorBoardWriter.Create(directory.Path, new FakeTimeProvider(s_start), resumedAt: 300))
        {
            path = writer.Path;
        }

        // Event: wall time (1), step 300 (2), session_log (7) with status START (field 1, value 1).
        byte[] file = File.ReadAllBytes(path);
        byte[] start = file[40..];
        Assert.Equal(16UL, BinaryPrimitives.ReadUInt64LittleEndian(start));
        Assert.Equal("10AC023A020801", Convert.ToHexString(start[(12 + 9)..(12 + 16)]));
        Assert.Equal(MaskedCrc(start.AsSpan(12, 16)), BinaryPrimitives.ReadUInt32LittleEndian(start.AsSpan(28)));
    }

    [Fact]
    public void Write_BeyondTheBound_BeginsFiles_AndDeletesTheOldest()
    {
        using var directory = new TemporaryDirectory();
        var time = new FakeTimeProvider(s_start);
        using (var writer = TensorBoardWriter.Create(directory.Path, time, maxFileBytes: 10_000))
        {
            for (int i = 0; i < 3000; i++)
            {
                writer.Write(i, "x", i);
            }

            Assert.Equal(0, writer.LostRecords);
        }

        Assert.InRange(Directory.GetFiles(directory.Path).Length, 2, 5);
        Assert.InRange(Directory.GetFiles(directory.Path).Sum(f => new FileInfo(f).Length), 20_000, 41_000);
    }

    [Fact]
    public void Write_SteadyState_AllocatesNothing()
    {
        using var directory = new TemporaryDirectory();
        using var writer = TensorBoardWriter.Create(directory.Path, TimeProvider.System);
        LearnerMetric[] metrics = [new("loss/critic", 1), new("loss/actor", 2), new("alpha", 3)];
        for (int i = 0; i < 5000; i++)
        {
            writer.Write(i, metrics);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 5000; i++)
        {
            writer.Write(i, metrics);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Write_DiskFullForAWhile_CountsLostRecordsAndLeavesWholeOnes()
    {
        using var directory = new TemporaryDirectory();
        var files = new FaultyFiles();
        long lost;
        using (var writer = TensorBoardWriter.Create(directory.Path, new FakeTimeProvider(s_start), files))
        {
            writer.Write(1, "x", 1);
            Assert.True(writer.Flush());
            files.Space = 100;
            for (int i = 0; i < 5000; i++)
            {
                writer.Write(2, "x", 2);
            }

            lost = writer.LostRecords;
            Assert.InRange(lost, 1, 5000);
            files.Space = long.MaxValue;
            writer.Write(3, "x", 3);
        }

        var events = Decode(File.ReadAllBytes(Directory.GetFiles(directory.Path).Single()));
        Assert.Equal(1 + 1 + 5000 - lost + 1, events.Count);
        Assert.Equal(3, events[^1].Step);
    }

    /// <summary>CRC-32C bit by bit, as in RFC 3720, then TFRecord's mask.</summary>
    private static uint MaskedCrc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int i = 0; i < 8; i++)
            {
                crc = (crc >> 1) ^ ((crc & 1) == 1 ? 0x82F63B78u : 0);
            }
        }

        crc = ~crc;
        return unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8u);
    }

    private static List<(double Time, long Step, List<(string Tag, float Value)> Values)> Decode(byte[] file)
    {
        var events = new List<(double, long, List<(string, float)>)>();
        for (int at = 0; at < file.Length; )
        {
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at));
            Assert.Equal(MaskedCrc(file.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)));
            byte[] data = file[(at + 12)..(at + 12 + length)];
            Assert.Equal(MaskedCrc(data), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)));
            at += length + 16;
            double time = 0;
            long step = 0;
            var values = new List<(string, float)>();
            foreach ((int field, byte[] bytes) in Fields(data))
            {
                switch (field)
                {
                    case 1:
                        time = BinaryPrimitives.ReadDoubleLittleEndian(bytes);
                        break;
                    case 2:
                        step = BinaryPrimitives.ReadInt64LittleEndian(bytes);
                        break;
                    case 3:
                        Assert.Equal("brain.Event:2", Encoding.UTF8.GetString(bytes));
                        break;
                    default:
                        Assert.Equal(5, field);
                        foreach ((int number, byte[] value) in Fields(bytes))
                        {
                            Assert.Equal(1, number);
                            var parts = Fields(value).ToDictionary(f => f.Field, f => f.Bytes);
                            values.Add((Encoding.UTF8.GetString(parts[1]), BinaryPrimitives.ReadSingleLittleEndian(parts[2])));
                        }

                        break;
                }
            }

            events.Add((time, step, values));
        }

        return events;
    }

    private static List<(int Field, byte[] Bytes)> Fields(byte[] message)
    {
        var fields = new List<(int, byte[])>();
        for (int at = 0; at < message.Length; )
        {
            ulong key = Varint(message, ref at);
            byte[] value;
            switch (key & 7)
            {
                case 0:
                    value = BitConverter.GetBytes(Varint(message, ref at));
                    break;
                case 1:
                    value = message[at..(at + 8)];
                    at += 8;
                    break;
                case 2:
                    int length = (int)Varint(message, ref at);
                    value = message[at..(at + length)];
                    at += length;
                    break;
                default:
                    Assert.Equal(5UL, key & 7);
                    value = message[at..(at + 4)];
                    at += 4;
                    break;
            }

            fields.Add(((int)(key >> 3), value));
        }

        return fields;
    }

    private static ulong Varint(byte[] bytes, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte b = bytes[at++];
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }
    }
}
