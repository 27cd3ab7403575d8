using Microsoft.Extensions.Time.Testing;
using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Protocols.Dynamixel;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Tests.Emulation;

/// <summary>A host at an emulated bus, on a fake clock: each request is answered within its write.</summary>
internal sealed class DynamixelHost
{
    private readonly MemoryTransport _near;
    private readonly DynamixelDecoder _decoder = new();
    private readonly byte[] _out = new byte[DynamixelProtocol.MaxPacketLength],
        _in = new byte[4096];

    public DynamixelHost(int servos = 3, DynamixelModel? model = null, EmulatedLoad? load = null)
    {
        (_near, MemoryTransport far) = MemoryTransport.CreatePair("bus", Time.Advance);
        Bus = new(far, servos, model ?? DynamixelModel.Xl330M288, Time, load);
        far.Open();
        _near.Open();
        _near.Written = () => Bus.Serve(TimeSpan.Zero);
    }

    public FakeTimeProvider Time { get; } = new();

    public DynamixelBusEmulator Bus { get; }

    /// <summary>What the last answer said was wrong, and whether it raised the alert.</summary>
    public DynamixelError Error { get; private set; }

    public bool Alert { get; private set; }

    /// <summary>Lets time pass in steps of a millisecond.</summary>
    public void Wait(double seconds)
    {
        for (int i = 0; i < seconds * 1000; i++)
        {
            Time.Advance(TimeSpan.FromMilliseconds(1));
            Bus.Serve(TimeSpan.Zero);
        }
    }

    /// <summary>The register, or null where nobody answers.</summary>
    public int? Read(byte id, DynamixelRegister register)
    {
        List<(byte Id, byte[] Data)> answers = Ask(DynamixelCodec.Read(_out, id, register));
        return answers is [var one] && one.Data.Length == register.Size ? register.Decode(one.Data) : null;
    }

    /// <summary>False where nobody answers, or with an error, which is in <see cref="Error"/> then.</summary>
    public bool Write(byte id, DynamixelRegister register, int value) =>
        Ask(DynamixelCodec.Write(_out, id, register, value)) is [_] && Error == DynamixelError.None;

    /// <summary>Writes bytes from an address on, and says what was wrong with that.</summary>
    public DynamixelError WriteBytes(byte id, int address, byte[] data)
    {
        Assert.Single(Ask(DynamixelCodec.Write(_out, id, (ushort)address, data)));
        return Error;
    }

    /// <summary>Sends any instruction.</summary>
    public List<(byte Id, byte[] Data)> Ask(byte id, DynamixelInstruction instruction, params byte[] parameters)
    {
        var writer = new DynamixelPacketWriter(_out, id, instruction);
        writer.Put(parameters);
        return Ask(writer.Finish());
    }

    public List<(byte Id, byte[] Data)> Ping(byte id) => Ask(DynamixelCodec.Ping(_out, id));

    public void Reboot(byte id) => Ask(DynamixelCodec.Reboot(_out, id));

    public List<(byte Id, byte[] Data)> SyncRead(DynamixelRegister register, params byte[] ids) =>
        Ask(DynamixelCodec.SyncRead(_out, register.Address, register.Size, ids));

    public List<(byte Id, byte[] Data)> SyncWrite(DynamixelRegister register, byte[] ids, int[] values) =>
        Ask(DynamixelCodec.SyncWrite(_out, register, ids, values));

    /// <summary>What has come since.</summary>
    public List<(byte Id, byte[] Data)> Collect()
    {
        var answers = new List<(byte, byte[])>();
        ReadOnlySpan<byte> bytes = _in.AsSpan(0, _near.Read(_in, TimeSpan.Zero).Count);
        while (_decoder.TryRead(ref bytes, out DynamixelPacket packet))
        {
            (Error, Alert) = (packet.Error, packet.HasHardwareAlert);
            answers.Add((packet.Id, packet.Parameters.ToArray()));
        }

        return answers;
    }

    private List<(byte Id, byte[] Data)> Ask(int length)
    {
        _near.Write(_out.AsSpan(0, length), TimeSpan.FromMilliseconds(1));
        return Collect();
    }
}
