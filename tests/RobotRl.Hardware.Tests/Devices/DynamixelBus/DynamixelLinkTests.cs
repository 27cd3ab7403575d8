using Microsoft.Extensions.Time.Testing;
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
        byte[] request = new byte[64], reply = new byte[64];
        int requests = 0;
        near.Written = () =>
        {
            // FF FF FD 00 FE LEN LEN INST address address length length ids... CRC CRC. The first is answered only after the second was asked.
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
}
