using RobotRl.Hardware.Protocols.Dynamixel;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Emulation;

/// <summary>A bus of X-series servos that answers the Dynamixel protocol 2.0.</summary>
public sealed class DynamixelBusEmulator : ServoBusEmulator
{
    private readonly EmulatedDynamixel[] _servos;
    private readonly DynamixelDecoder _decoder = new();
    private readonly byte[] _reply = new byte[DynamixelProtocol.MaxPacketLength], _twin = new byte[DynamixelProtocol.MaxPacketLength];
    private readonly byte[] _data = new byte[DynamixelTable.Length];

    /// <summary>Servos 1 to <paramref name="count"/>, all of one model, each at 0 rad with torque off.</summary>
    /// <param name="transport">Where it is asked and answers.</param>
    /// <param name="count">1 to 252.</param>
    /// <param name="model">Their model.</param>
    /// <param name="time">The clock that they move by.</param>
    /// <param name="load">What hangs on each; null: <see cref="EmulatedLoad"/>'s defaults.</param>
    /// <param name="seed">Of the faults.</param>
    public DynamixelBusEmulator(ITransport transport, int count, DynamixelModel model, TimeProvider time, EmulatedLoad? load = null, int seed = 1)
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
            if ((!all && servo.Id != packet.Id) || IsDeaf(servo))
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
                    length = Math.Min((int)packet.UInt16At(2), _data.Length);
                    error = packet.UInt16At(2) > _data.Length ? DynamixelError.Access : servo.Read(packet.UInt16At(0), _data.AsSpan(0, length));
                    break;
                case DynamixelInstruction.Write when packet.Parameters.Length > 2:
                    error = servo.Write(packet.UInt16At(0), packet.Parameters[2..]);
                    break;
                case DynamixelInstruction.Reboot:
                    break;
                default:
                    error = DynamixelError.Instruction;
                    break;
            }

            if ((!all || packet.Instruction == DynamixelInstruction.Ping) && servo.Answers(packet.Instruction))
            {
                Answer(servo, id, error, error == DynamixelError.None ? length : 0);
            }

            if (packet.Instruction == DynamixelInstruction.Reboot)
            {
                servo.Reboot();
            }
        }
    }

    private void SyncRead(DynamixelPacket packet)
    {
        int address = packet.UInt16At(0), length = packet.UInt16At(2);
        ReadOnlySpan<byte> ids = packet.Parameters[4..];
        foreach (EmulatedDynamixel servo in _servos)
        {
            if (!IsDeaf(servo))
            {
                servo.Hear();
            }
        }

        foreach (byte id in ids)
        {
            foreach (EmulatedDynamixel servo in _servos)
            {
                if (servo.Id == id && !IsDeaf(servo) && servo.Answers(DynamixelInstruction.SyncRead))
                {
                    DynamixelError error = length > _data.Length ? DynamixelError.Access : servo.Read(address, _data.AsSpan(0, length));
                    Answer(servo, id, error, error == DynamixelError.None ? length : 0);
                }
            }
        }
    }

    private void SyncWrite(DynamixelPacket packet)
    {
        int address = packet.UInt16At(0), length = packet.UInt16At(2), each = length + 1;
        ReadOnlySpan<byte> rest = packet.Parameters[4..];
        foreach (EmulatedDynamixel servo in _servos)
        {
            if (IsDeaf(servo))
            {
                continue;
            }

            servo.Hear();
            for (int at = 0; at + each <= rest.Length; at += each)
            {
                if (rest[at] == servo.Id)
                {
                    servo.Write(address, rest.Slice(at + 1, length));
                }
            }
        }
    }

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
