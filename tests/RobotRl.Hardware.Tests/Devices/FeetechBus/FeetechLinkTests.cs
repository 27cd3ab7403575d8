using Microsoft.Extensions.Time.Testing;
using RobotRl.Hardware.Devices;
using RobotRl.Hardware.Devices.FeetechBus;
using RobotRl.Hardware.Protocols.Feetech;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Tests.Devices.FeetechBus;

public sealed class FeetechLinkTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void SyncRead_LateReplyToTheRequestBefore_IsNotTakenForThisOnes()
    {
        (MemoryTransport near, MemoryTransport far) = MemoryTransport.CreatePair("bus", _time.Advance);
        near.Open();
        far.Open();
        byte[] request = new byte[64],
            reply = new byte[64];
        int requests = 0;
        near.Written = () =>
        {
            // FF FF FE LEN INST address length ids... sum. The first is answered only after the second was asked.
            far.Read(request, TimeSpan.Zero);
            if (++requests == 2)
            {
                far.Write(reply.AsSpan(0, FeetechCodec.Status(reply, 1, FeetechErrors.None, [300 & 0xFF, 300 >> 8])), TimeSpan.Zero);
            }
            else if (requests == 3)
            {
                byte[] data = new byte[request[6]];
                (data[^2], data[^1]) = (2048 & 0xFF, 2048 >> 8);
                far.Write(reply.AsSpan(0, FeetechCodec.Status(reply, 1, FeetechErrors.None, data)), TimeSpan.Zero);
            }
        };
        var link = new FeetechLink(near, _time, TimeSpan.FromMilliseconds(10));
        FeetechRegister position = FeetechTable.PresentPosition,
            limit = FeetechTable.TorqueLimit;
        Assert.Equal(0, link.SyncRead(limit.Address, limit.Size, [1]));
        Assert.Equal(0, link.SyncRead(position.Address, position.Size, [1]));
        Assert.Equal(1, link.SyncRead(position.Address, position.Size, [1]));
        Assert.Equal(2048, position.Decode(link.Data(1, position.Size)));
        Assert.Equal(position.Address + position.Size, request[5] + request[6]);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(20)]
    public void SyncRead_EveryReplyIsLate_NoneIsEverTakenForAFreshOne(int periodMs)
    {
        var timeout = TimeSpan.FromMilliseconds(0.4 * periodMs);
        long unexpected = 0;
        for (double lateMs = 0.4 * periodMs + 1; lateMs < LateReplies.Patience.TotalMilliseconds; lateMs++)
        {
            // FF FF FE LEN INST address length ids... sum.
            var line = new LateLine(_time, TimeSpan.FromMilliseconds(lateMs), request =>
            {
                byte[] reply = new byte[64];
                return reply[..FeetechCodec.Status(reply, 1, FeetechErrors.None, new byte[request[6]])];
            });
            var link = new FeetechLink(line.Near, _time, timeout);
            DateTimeOffset start = _time.GetUtcNow();
            for (int cycle = 0; cycle * periodMs < 1000; cycle++)
            {
                line.AdvanceTo(start + TimeSpan.FromMilliseconds(cycle * periodMs));
                Assert.True(
                    link.SyncRead(FeetechReading.FirstAddress, FeetechReading.Length, [1]) == 0,
                    $"cycle {cycle}: a reply {lateMs} ms old passes as fresh"
                );
            }

            unexpected += link.Counters.Unexpected;
        }

        Assert.True(unexpected > 0, "No late reply came while it listened: the test is too weak.");
    }

    [Fact]
    public void TryRead_EveryLengthOutstanding_WaitsUntilOneIsFree()
    {
        // Nobody answers at first: three bytes lie in front of register 3.
        bool answers = false;
        (MemoryTransport near, MemoryTransport far) = MemoryTransport.CreatePair("bus", _time.Advance);
        near.Open();
        far.Open();
        byte[] request = new byte[64],
            reply = new byte[64];
        near.Written = () =>
        {
            far.Read(request, TimeSpan.Zero);
            if (answers)
            {
                byte[] data = new byte[request[6]];
                (data[^2], data[^1]) = (777 & 0xFF, 777 >> 8);
                far.Write(reply.AsSpan(0, FeetechCodec.Status(reply, 1, FeetechErrors.None, data)), TimeSpan.Zero);
            }
        };
        var link = new FeetechLink(near, _time, TimeSpan.FromMilliseconds(10));
        DateTimeOffset start = _time.GetUtcNow();
        for (int i = 0; i < 4; i++)
        {
            Assert.False(link.TryRead(1, FeetechTable.ModelNumber, out _));
        }

        answers = true;
        Assert.True(link.TryRead(1, FeetechTable.ModelNumber, out int model));
        Assert.Equal(777, model);
        Assert.True(_time.GetUtcNow() - start >= LateReplies.Patience);
    }
}
