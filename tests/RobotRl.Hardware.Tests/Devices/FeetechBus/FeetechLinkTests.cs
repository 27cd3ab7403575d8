using Microsoft.Extensions.Time.Testing;
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
        byte[] request = new byte[64], reply = new byte[64];
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
        FeetechRegister position = FeetechTable.PresentPosition, limit = FeetechTable.TorqueLimit;
        Assert.Equal(0, link.SyncRead(limit.Address, limit.Size, [1]));
        Assert.Equal(0, link.SyncRead(position.Address, position.Size, [1]));
        Assert.Equal(1, link.SyncRead(position.Address, position.Size, [1]));
        Assert.Equal(2048, position.Decode(link.Data(1, position.Size)));
        Assert.Equal(position.Address + position.Size, request[5] + request[6]);
    }
}
