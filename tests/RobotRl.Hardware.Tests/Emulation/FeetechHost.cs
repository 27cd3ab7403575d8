using Microsoft.Extensions.Time.Testing;
using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Protocols.Feetech;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Tests.Emulation;

/// <summary>A host at an emulated bus, on a fake clock: each request is answered within its write.</summary>
internal sealed class FeetechHost
{
    private readonly MemoryTransport _near;
    private readonly FeetechDecoder _decoder = new();
    private readonly byte[] _out = new byte[FeetechProtocol.MaxPacketLength],
        _in = new byte[4096];

    public FeetechHost(int servos = 3, EmulatedLoad? load = null)
    {
        (_near, MemoryTransport far) = MemoryTransport.CreatePair("bus", Time.Advance);
        Bus = new(far, servos, Time, load);
        far.Open();
        _near.Open();
        _near.Written = () => Bus.Serve(TimeSpan.Zero);
    }

    public FakeTimeProvider Time { get; } = new();

    public FeetechBusEmulator Bus { get; }

    public FeetechErrors Errors { get; private set; }

    public void Wait(double seconds)
    {
        for (int i = 0; i < seconds * 1000; i++)
        {
            Time.Advance(TimeSpan.FromMilliseconds(1));
            Bus.Serve(TimeSpan.Zero);
        }
    }

    public int? Read(byte id, FeetechRegister register)
    {
        List<(byte Id, byte[] Data)> answers = Ask(FeetechCodec.Read(_out, id, register));
        return answers is [var one] && one.Data.Length == register.Size ? register.Decode(one.Data) : null;
    }

    public bool Write(byte id, FeetechRegister register, int value) => Ask(FeetechCodec.Write(_out, id, register, value)) is [_];

    public void Write(byte id, byte address, byte[] data) => Ask(FeetechCodec.Write(_out, id, address, data));

    public List<(byte Id, byte[] Data)> Read(byte id, byte address, byte length) => Ask(FeetechCodec.Read(_out, id, address, length));

    public List<(byte Id, byte[] Data)> RegWrite(byte id, FeetechRegister register, int value) =>
        Ask(FeetechCodec.RegWrite(_out, id, register, value));

    public List<(byte Id, byte[] Data)> Action(byte id) => Ask(FeetechCodec.Action(_out, id));

    public List<(byte Id, byte[] Data)> Ping(byte id) => Ask(FeetechCodec.Ping(_out, id));

    public List<(byte Id, byte[] Data)> SyncRead(byte address, byte length, params byte[] ids) =>
        Ask(FeetechCodec.SyncRead(_out, address, length, ids));

    public List<(byte Id, byte[] Data)> SyncWrite(FeetechRegister register, byte[] ids, int[] values) =>
        Ask(FeetechCodec.SyncWrite(_out, register, ids, values));

    private List<(byte Id, byte[] Data)> Ask(int length)
    {
        _near.Write(_out.AsSpan(0, length), TimeSpan.FromMilliseconds(1));
        var answers = new List<(byte, byte[])>();
        ReadOnlySpan<byte> bytes = _in.AsSpan(0, _near.Read(_in, TimeSpan.Zero).Count);
        while (_decoder.TryRead(ref bytes, out FeetechPacket packet))
        {
            Errors = packet.Errors;
            answers.Add((packet.Id, packet.Parameters.ToArray()));
        }

        _decoder.Reset();
        return answers;
    }
}
