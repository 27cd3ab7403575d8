using System.Buffers.Binary;
using RobotRl.Hardware.Protocols.Dynamixel;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Emulation;

/// <summary>A bus of X-series servos that answers the Dynamixel protocol 2.0.</summary>
public sealed class DynamixelBusEmulator : ServoBusEmulator
{
    private readonly EmulatedDynamixel[] _servos;
    private readonly DynamixelDecoder _decoder = new();
    private readonly byte[] _reply = new byte[DynamixelProtocol.MaxPacketLength],
        _twin = new byte[DynamixelProtocol.MaxPacketLength];
    private readonly byte[] _data = new byte[DynamixelProtocol.MaxPacketLength];

    /// <summary>Servos 1 to <paramref name="count"/>, all of one model, each at 0 rad with torque off.</summary>
    /// <param name="transport">Where it is asked and answers.</param>
    /// <param name="count">1 to 252.</param>
    /// <param name="model">Their model.</param>
    /// <param name="time">The clock that they move by.</param>
    /// <param name="load">What hangs on each; null: <see cref="EmulatedLoad"/>'s defaults.</param>
    /// <param name="seed">Of the faults.</param>
    public DynamixelBusEmulator(
        ITransport transport,
        int count,
        DynamixelModel model,
        TimeProvider time,
        EmulatedLoad? load = null,
        int seed = 1
    )
        : base(transport, time, seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, DynamixelProtocol.MaxId);
        _servos = [.. Enumerable.Range(1, count).Select(id => new EmulatedDynamixel((byte)id, model, load ?? new(), Garbage))];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<EmulatedServo> Servos => _servos;

    /// <summary>A servo with all that is its own.</summary>
    public EmulatedDynamixel Servo(byte id) => _servos.First(s => s.Id == id);

    private protected override void Receive(ReadOnlySpan<byte> bytes)
    {
        while (_decoder.TryRead(ref bytes, out DynamixelPacket packet))
        {
            if (packet.Instruction == DynamixelInstruction.Status)
            {
                continue;
            }

            CountRequest();
            switch (packet.Instruction)
            {
                case DynamixelInstruction.SyncRead when packet.Parameters.Length >= 4:
                    SyncRead(packet);
                    break;
                case DynamixelInstruction.SyncWrite when packet.Parameters.Length >= 4:
                    SyncWrite(packet);
                    break;
                case DynamixelInstruction.BulkRead:
                    BulkRead(packet.Parameters);
                    break;
                case DynamixelInstruction.BulkWrite:
                    BulkWrite(packet.Parameters);
                    break;
                default:
                    Single(packet);
                    break;
            }
        }
    }

    private protected override void OnSilence() => _decoder.Reset();

    private void Single(DynamixelPacket packet)
    {
        bool all = packet.Id == DynamixelProtocol.BroadcastId;
        foreach (EmulatedDynamixel servo in _servos)
        {
            bool second = servo.SecondaryId == packet.Id;
            if ((!all && servo.Id != packet.Id && !second) || IsDeaf(servo))
            {
                continue;
            }

            servo.Hear();
            byte id = servo.Id;
            DynamixelError error = DynamixelError.None;
            int length = 0;
            switch (packet.Instruction)
            {
                case DynamixelInstruction.Ping:
                    length = DynamixelProtocol.PingReplyParameters;
                    servo.Read(DynamixelTable.ModelNumber.Address, _data.AsSpan(0, 2));
                    servo.Read(DynamixelTable.FirmwareVersion.Address, _data.AsSpan(2, 1));
                    break;
                case DynamixelInstruction.Read when packet.Parameters.Length == 4:
                    (error, length) = Read(servo, packet.UInt16At(0), packet.UInt16At(2));
                    break;
                case DynamixelInstruction.Write when packet.Parameters.Length > 2:
                    error = servo.Write(packet.UInt16At(0), packet.Parameters[2..], second);
                    break;
                case DynamixelInstruction.Reboot:
                    break;
                default:
                    error = DynamixelError.Instruction;
                    break;
            }

            // Nobody answers to a second id.
            if ((!all || packet.Instruction == DynamixelInstruction.Ping) && !second && servo.Answers(packet.Instruction))
            {
                Answer(servo, id, error, error == DynamixelError.None ? length : 0);
            }

            if (packet.Instruction == DynamixelInstruction.Reboot)
            {
                servo.Reboot();
            }
        }
    }

    private (DynamixelError Error, int Length) Read(EmulatedDynamixel servo, int address, int length)
    {
        DynamixelError error = length > servo.TableLength ? DynamixelError.Access : servo.Read(address, _data.AsSpan(0, length));
        return (error, error == DynamixelError.None ? length : 0);
    }

    private void SyncRead(DynamixelPacket packet)
    {
        HearAll();
        foreach (byte id in packet.Parameters[4..])
        {
            ReadOne(id, packet.UInt16At(0), packet.UInt16At(2), DynamixelInstruction.SyncRead);
        }
    }

    private void BulkRead(ReadOnlySpan<byte> parameters)
    {
        const int Each = 5;
        HearAll();
        for (; parameters.Length >= Each; parameters = parameters[Each..])
        {
            ReadOne(parameters[0], UInt16(parameters[1..]), UInt16(parameters[3..]), DynamixelInstruction.BulkRead);
        }
    }

    private void ReadOne(byte id, int address, int length, DynamixelInstruction instruction)
    {
        foreach (EmulatedDynamixel servo in _servos)
        {
            if (servo.Id == id && !IsDeaf(servo) && servo.Answers(instruction))
            {
                (DynamixelError error, int read) = Read(servo, address, length);
                Answer(servo, id, error, read);
            }
        }
    }

    private void SyncWrite(DynamixelPacket packet)
    {
        int length = packet.UInt16At(2),
            each = length + 1;
        ReadOnlySpan<byte> rest = packet.Parameters[4..];
        HearAll();
        for (; rest.Length >= each; rest = rest[each..])
        {
            WriteOne(rest[0], packet.UInt16At(0), rest[1..each]);
        }
    }

    private void BulkWrite(ReadOnlySpan<byte> parameters)
    {
        const int Head = 5;
        HearAll();
        while (parameters.Length > Head && parameters.Length >= Head + UInt16(parameters[3..]))
        {
            int end = Head + UInt16(parameters[3..]);
            WriteOne(parameters[0], UInt16(parameters[1..]), parameters[Head..end]);
            parameters = parameters[end..];
        }
    }

    private void WriteOne(byte id, int address, ReadOnlySpan<byte> data)
    {
        foreach (EmulatedDynamixel servo in _servos)
        {
            if ((servo.Id == id || servo.SecondaryId == id) && !IsDeaf(servo))
            {
                servo.Write(address, data, servo.Id != id);
            }
        }
    }

    private void HearAll()
    {
        foreach (EmulatedDynamixel servo in _servos)
        {
            if (!IsDeaf(servo))
            {
                servo.Hear();
            }
        }
    }

    private static int UInt16(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private bool IsDeaf(EmulatedDynamixel servo) => servo.IsAway || Faults.IsDead(servo.Id);

    private void Answer(EmulatedDynamixel servo, byte id, DynamixelError error, int length)
    {
        byte errorByte = (byte)((byte)error | servo.Alert);
        ReadOnlySpan<byte> packet = _reply.AsSpan(0, DynamixelCodec.Status(_reply, id, errorByte, _data.AsSpan(0, length)));
        if (!Faults.HasTwin(id))
        {
            Send(id, packet, default);
            return;
        }

        // The second servo is the same but for its place.
        if (length > 0)
        {
            _data[length - 1] ^= 0x2A;
        }

        Send(id, packet, _twin.AsSpan(0, DynamixelCodec.Status(_twin, id, errorByte, _data.AsSpan(0, length))));
    }
}
