using Microsoft.Extensions.Time.Testing;
using RobotRl.Hardware.Devices;
using RobotRl.Hardware.Devices.DynamixelBus;
using RobotRl.Hardware.Protocols.Dynamixel;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Tests.Devices.DynamixelBus;

public sealed class DynamixelLinkTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void TrySyncRead_LateReplyToTheRequestBefore_IsNotTakenForThisOnes()
    {
        (MemoryTransport near, MemoryTransport far) = MemoryTransport.CreatePair("bus", _time.Advance);
        near.Open();
        far.Open();
        byte[] request = new byte[64],
            reply = new byte[64];
        int requests = 0;
        near.Written = () =>
        {
            // FF FF FD 00 FE LEN LEN INST address address length length ids... CRC CRC. The first is answered only after the
            // second was asked.
            far.Read(request, TimeSpan.Zero);
            if (++requests == 2)
            {
                far.Write(reply.AsSpan(0, DynamixelCodec.Status(reply, 1, 0, [44, 1, 0, 0])), TimeSpan.Zero);
                byte[] data = new byte[request[10]];
                (data[^4], data[^3]) = (0, 8);
                far.Write(reply.AsSpan(0, DynamixelCodec.Status(reply, 1, 0, data)), TimeSpan.Zero);
            }
        };
        var link = new DynamixelLink(near, _time);
        int[] values = [0];
        Assert.False(link.TrySyncRead(DynamixelTable.GoalPosition, [1], values));
        Assert.True(link.TrySyncRead(DynamixelTable.PresentPosition, [1], values));
        Assert.Equal(2048, values[0]);
        Assert.Equal(DynamixelTable.PresentPosition.Address + 4, request[8] + request[10]);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(20)]
    public void SendSyncRead_EveryReplyIsLate_NoneIsEverTakenForAFreshOne(int periodMs)
    {
        var timeout = TimeSpan.FromMilliseconds(0.8 * periodMs);
        long unexpected = 0;
        for (double lateMs = 0.8 * periodMs + 1; lateMs < LateReplies.Patience.TotalMilliseconds; lateMs += 3)
        {
            var line = new LateLine(_time, TimeSpan.FromMilliseconds(lateMs), request =>
            {
                byte[] reply = new byte[128];
                return reply[..DynamixelCodec.Status(reply, 1, 0, new byte[request[10]])];
            });
            var link = new DynamixelLink(line.Near, _time);
            DateTimeOffset start = _time.GetUtcNow();
            for (int cycle = 0; cycle * periodMs < 1000; cycle++)
            {
                line.AdvanceTo(start + TimeSpan.FromMilliseconds(cycle * periodMs));
                link.SendSyncRead(DynamixelReading.FirstAddress, DynamixelReading.Length, [1], timeout);
                Assert.False(link.TryNext(out _), $"cycle {cycle}: a reply {lateMs} ms old passes as fresh");
                link.Missed();
            }

            unexpected += link.Unexpected;
        }

        Assert.True(unexpected > 0, "No late reply came while it listened: the test is too weak.");
    }

    [Fact]
    public void SendSyncRead_EveryLengthOutstanding_StillSendsTheGoalsAndAsksNothing()
    {
        (MemoryTransport near, MemoryTransport far) = MemoryTransport.CreatePair("bus", _time.Advance);
        near.Open();
        far.Open();
        byte[] sent = new byte[256];
        var link = new DynamixelLink(near, _time);
        int goals = 0,
            whole = 0;
        for (int cycle = 0; cycle < 40; cycle++)
        {
            goals = DynamixelCodec.SyncWrite(link.Request, DynamixelTable.GoalPosition, [1], [2048]);
            link.SendSyncRead(DynamixelReading.FirstAddress, DynamixelReading.Length, [1], TimeSpan.FromMilliseconds(1), before: goals);
            Assert.False(link.TryNext(out _));
            link.Missed();
            int came = far.Read(sent, TimeSpan.Zero).Count;
            whole = cycle == 0 ? came : whole;
            Assert.Equal(cycle <= LateReplies.MaxPadding ? whole : goals, came);
        }

        Assert.True(whole > goals);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void TryWrite_AnAcknowledgement_ConfirmsNothingButTheRegisterItself(bool takes)
    {
        // It acknowledges every write, as a late answer to another one would, and takes it or not.
        (MemoryTransport near, MemoryTransport far) = MemoryTransport.CreatePair("bus", _time.Advance);
        near.Open();
        far.Open();
        byte[] request = new byte[64],
            reply = new byte[64];
        int held = 7;
        near.Written = () =>
        {
            far.Read(request, TimeSpan.Zero);
            byte[] data = [];
            if (request[7] == (byte)DynamixelInstruction.Write)
            {
                held = takes ? BitConverter.ToInt32(request, 10) : held;
            }
            else
            {
                data = new byte[request[10]];
                BitConverter.TryWriteBytes(data.AsSpan(data.Length - 4), held);
            }

            far.Write(reply.AsSpan(0, DynamixelCodec.Status(reply, 1, 0, data)), TimeSpan.Zero);
        };
        Assert.Equal(takes, new DynamixelLink(near, _time).TryWrite(1, DynamixelTable.GoalPosition, 2048, 3, out DynamixelError error));
        Assert.Equal((DynamixelError.None, takes ? 2048 : 7), (error, held));
    }
}
