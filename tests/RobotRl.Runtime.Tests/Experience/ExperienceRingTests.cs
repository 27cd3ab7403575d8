using System.Buffers.Binary;
using RobotRl.Runtime.Experience;

namespace RobotRl.Runtime.Tests.Experience;

public sealed class ExperienceRingTests
{
    private const int FrameBytes = 48;

    [Fact]
    public void TryWrite_Full_DropsAndCounts_TheRestIsIntact()
    {
        var ring = new ExperienceRing(FrameBytes, 3);
        byte[] frame = new byte[FrameBytes];
        for (int i = 0; i < 5; i++)
        {
            Fill(frame, i);
            Assert.Equal(i < 3, ring.TryWrite(frame));
        }

        Assert.Equal((3, 2L), (ring.Count, ring.Dropped));
        for (int i = 0; i < 3; i++)
        {
            Assert.True(ring.TryPeek(out ReadOnlySpan<byte> got));
            Assert.Equal(i, Check(got));
            ring.Release();
        }

        Assert.False(ring.TryPeek(out _));
        Fill(frame, 9);
        Assert.True(ring.Take(frame));
        Assert.Equal(1, ring.Count);
    }

    [Fact]
    public void TryPeek_Twice_IsTheSameFrame()
    {
        var ring = new ExperienceRing(FrameBytes, 2);
        byte[] frame = new byte[FrameBytes];
        Fill(frame, 4);
        ring.TryWrite(frame);
        ring.TryPeek(out ReadOnlySpan<byte> first);
        ring.TryPeek(out ReadOnlySpan<byte> second);
        Assert.True(first == second);
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(4, 0)]
    public void Constructor_NoRoom_Refuses(int frame, int capacity) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ExperienceRing(frame, capacity));

    [Fact]
    public void WriteAndRead_TwoThreads_SequenceIntact_EveryDropCounted_NothingAllocated()
    {
        const int Frames = 300_000;
        var ring = new ExperienceRing(FrameBytes, 64);
        long allocatedByProducer = -1,
            accepted = 0;
        bool done = false;
        var producer = new Thread(() =>
        {
            byte[] frame = new byte[FrameBytes];
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Frames; i++)
            {
                Fill(frame, i);
                accepted += ring.TryWrite(frame) ? 1 : 0;
            }

            allocatedByProducer = GC.GetAllocatedBytesForCurrentThread() - before;
            Volatile.Write(ref done, true);
        });
        producer.Start();

        long last = -1,
            seen = 0,
            beforeReading = GC.GetAllocatedBytesForCurrentThread();
        bool ordered = true;
        while (true)
        {
            bool over = Volatile.Read(ref done);
            if (ring.TryPeek(out ReadOnlySpan<byte> frame))
            {
                long value = Check(frame);
                ordered &= value > last;
                (last, seen) = (value, seen + 1);
                ring.Release();
            }
            else if (over)
            {
                break;
            }
        }

        long allocatedByConsumer = GC.GetAllocatedBytesForCurrentThread() - beforeReading;
        producer.Join();
        Assert.True(ordered);
        Assert.Equal(accepted, seen);
        Assert.Equal(Frames, seen + ring.Dropped);
        Assert.Equal((0L, 0L), (allocatedByProducer, allocatedByConsumer));
    }

    /// <summary>Every word of a frame says which it is.</summary>
    private static void Fill(Span<byte> frame, long value)
    {
        for (int i = 0; i < FrameBytes; i += 8)
        {
            BinaryPrimitives.WriteInt64LittleEndian(frame[i..], value * (i + 1));
        }
    }

    private static long Check(ReadOnlySpan<byte> frame)
    {
        long value = BinaryPrimitives.ReadInt64LittleEndian(frame);
        for (int i = 0; i < FrameBytes; i += 8)
        {
            if (BinaryPrimitives.ReadInt64LittleEndian(frame[i..]) != value * (i + 1))
            {
                return long.MinValue;
            }
        }

        return value;
    }
}
