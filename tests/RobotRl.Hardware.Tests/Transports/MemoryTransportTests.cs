using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Tests.Transports;

public sealed class MemoryTransportTests
{
    private readonly byte[] _buffer = new byte[2 * MemoryTransport.Capacity];

    [Fact]
    public void ReadWrite_BothWays_KeepOrder()
    {
        (MemoryTransport near, MemoryTransport far) = Opened();
        for (byte round = 0; round < 100; round++)
        {
            near.Write([round, 1, 2], TimeSpan.Zero);
            far.Write([round, 3], TimeSpan.Zero);
            Assert.Equal(new(TransportStatus.Ok, 3), far.Read(_buffer, TimeSpan.Zero));
            Assert.Equal([round, 1, 2], _buffer[..3]);
            Assert.Equal(new(TransportStatus.Ok, 1), near.Read(_buffer.AsSpan(0, 1), TimeSpan.Zero));
            Assert.Equal(new(TransportStatus.Ok, 1), near.Read(_buffer, TimeSpan.Zero));
            Assert.Equal(3, _buffer[0]);
        }
    }

    [Fact]
    public void Write_PeerDoesNotRead_DropsTheRest()
    {
        (MemoryTransport near, MemoryTransport far) = Opened();
        Assert.Equal(
            new(TransportStatus.TimedOut, MemoryTransport.Capacity),
            near.Write(new byte[MemoryTransport.Capacity + 1], TimeSpan.Zero)
        );
        Assert.Equal(MemoryTransport.Capacity, far.Read(_buffer, TimeSpan.Zero).Count);
    }

    [Fact]
    public void Cut_Mended_IsLostUntilOpenedAgain()
    {
        (MemoryTransport near, MemoryTransport far) = Opened();
        near.Write([1], TimeSpan.Zero);
        near.Cut();
        Assert.Equal(TransportStatus.Lost, near.Write([2], TimeSpan.Zero).Status);
        Assert.Equal(TransportStatus.Lost, far.Read(_buffer, TimeSpan.FromHours(1)).Status);
        near.Close();
        Assert.Contains("memory", Assert.Throws<TransportException>(near.Open).Message, StringComparison.Ordinal);
        near.Mend();
        Assert.Equal(TransportStatus.Lost, far.Read(_buffer, TimeSpan.Zero).Status);
        near.Open();
        far.Close();
        far.Open();
        near.Write([3], TimeSpan.Zero);
        Assert.Equal(new(TransportStatus.Ok, 1), far.Read(_buffer, TimeSpan.Zero));
        Assert.Equal(3, _buffer[0]);
    }

    [Fact]
    public void Read_OtherThreadWrites_IsWoken()
    {
        (MemoryTransport near, MemoryTransport far) = Opened();
        var writer = new Thread(() => near.Write([9], TimeSpan.Zero));
        writer.Start();
        Assert.Equal(new(TransportStatus.Ok, 1), far.Read(_buffer, TimeSpan.FromSeconds(30)));
        writer.Join();
    }

    [Fact]
    public void Written_PeerAnswersWithinIt_ReplyIsThereAtOnce()
    {
        (MemoryTransport near, MemoryTransport far) = Opened();
        near.Written = () => far.Write([(byte)far.Read(_buffer, TimeSpan.Zero).Count], TimeSpan.Zero);
        near.Write([1, 2, 3, 4], TimeSpan.Zero);
        Assert.Equal(new(TransportStatus.Ok, 1), near.Read(_buffer, TimeSpan.FromHours(1)));
        Assert.Equal(4, _buffer[0]);
    }

    [Fact]
    public void Read_WaitGiven_LetsThatMuchTimePassOnce()
    {
        List<TimeSpan> waits = [];
        (MemoryTransport near, MemoryTransport far) = MemoryTransport.CreatePair("memory", waits.Add);
        near.Open();
        far.Open();
        Assert.Equal(TransportStatus.TimedOut, near.Read(_buffer, TimeSpan.FromHours(1)).Status);
        far.Write([1], TimeSpan.Zero);
        Assert.Equal(TransportStatus.Ok, near.Read(_buffer, TimeSpan.FromHours(1)).Status);
        Assert.Equal([TimeSpan.FromHours(1)], waits);
    }

    private static (MemoryTransport Near, MemoryTransport Far) Opened()
    {
        (MemoryTransport near, MemoryTransport far) = MemoryTransport.CreatePair();
        near.Open();
        far.Open();
        return (near, far);
    }
}
