using RobotRl.Hardware.Protocols.Feetech;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Emulation;

/// <summary>A bus of STS3215 servos that answers the Feetech STS protocol.</summary>
public sealed class FeetechBusEmulator : ServoBusEmulator
{
    private readonly EmulatedFeetech[] _servos;
    private readonly FeetechDecoder _decoder = new();
    private readonly byte[] _reply = new byte[FeetechProtocol.MaxPacketLength],
        _twin = new byte[FeetechProtocol.MaxPacketLength];
    private readonly byte[] _data = new byte[FeetechTable.Length];

    /// <summary>Servos 1 to <paramref name="count"/>, each at 0 rad, as their supply comes: torque on, at their goal.</summary>
    /// <param name="transport">Where it is asked and answers.</param>
    /// <param name="count">1 to 253.</param>
    /// <param name="time">The clock that they move by.</param>
    /// <param name="load">What hangs on each; null: <see cref="EmulatedLoad"/>'s defaults.</param>
    /// <param name="seed">Of the faults.</param>
    public FeetechBusEmulator(ITransport transport, int count, TimeProvider time, EmulatedLoad? load = null, int seed = 1)
        : base(transport, time, seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, FeetechProtocol.MaxId);
        _servos = [.. Enumerable.Range(1, count).Select(id => new EmulatedFeetech((byte)id, load ?? new(), Garbage))];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<EmulatedServo> Servos => _servos;

    /// <summary>A servo with all that is its own.</summary>
    public EmulatedFeetech Servo(byte id) => _servos.First(s => s.Id == id);

    private protected override void Receive(ReadOnlySpan<byte> bytes)
    {
        while (_decoder.TryRead(ref bytes, out FeetechPacket packet))
        {
            CountRequest();
            Handle(packet);
        }
    }

    private protected override void OnSilence()
    {
        _decoder.EndOfBurst();
        Receive(default);
    }

    private void Handle(FeetechPacket packet)
    {
        ReadOnlySpan<byte> parameters = packet.Parameters;
        if (packet.Instruction == FeetechInstruction.SyncRead && parameters.Length > 2)
        {
            foreach (byte id in parameters[2..])
            {
                foreach (EmulatedFeetech servo in _servos)
                {
                    if (servo.Id == id && !Faults.IsDead(id))
                    {
                        Read(servo, id, parameters[0], parameters[1]);
                    }
                }
            }

            return;
        }

        if (packet.Instruction == FeetechInstruction.SyncWrite && parameters.Length > 2)
        {
            SyncWrite(parameters);
            return;
        }

        bool all = packet.Id == FeetechProtocol.BroadcastId;
        foreach (EmulatedFeetech servo in _servos)
        {
            byte id = servo.Id;
            if ((!all && id != packet.Id) || Faults.IsDead(id))
            {
                continue;
            }

            switch (packet.Instruction)
            {
                case FeetechInstruction.Ping:
                    Answer(servo, id, 0);
                    break;
                case FeetechInstruction.Read when parameters.Length == 2 && !all:
                    Read(servo, id, parameters[0], parameters[1]);
                    break;
                case FeetechInstruction.Write when parameters.Length > 1:
                    servo.Write(parameters[0], parameters[1..]);
                    AnswerWrite(servo, id, all);
                    break;
                case FeetechInstruction.RegWrite when parameters.Length > 1:
                    servo.Register(parameters);
                    AnswerWrite(servo, id, all);
                    break;
                case FeetechInstruction.Action:
                    servo.Act();
                    AnswerWrite(servo, id, all);
                    break;
            }
        }
    }

    private void AnswerWrite(EmulatedFeetech servo, byte id, bool all)
    {
        if (!all && servo.AnswersWrites)
        {
            Answer(servo, id, 0);
        }
    }

    private void SyncWrite(ReadOnlySpan<byte> parameters)
    {
        int length = parameters[1],
            each = length + 1;
        ReadOnlySpan<byte> rest = parameters[2..];
        for (int at = 0; at + each <= rest.Length; at += each)
        {
            foreach (EmulatedFeetech servo in _servos)
            {
                if (servo.Id == rest[at] && !Faults.IsDead(servo.Id))
                {
                    servo.Write(parameters[0], rest.Slice(at + 1, length));
                }
            }
        }
    }

    private void Read(EmulatedFeetech servo, byte id, byte address, byte length)
    {
        if (length <= _data.Length && servo.Read(address, _data.AsSpan(0, length)))
        {
            Answer(servo, id, length);
        }
    }

    private void Answer(EmulatedFeetech servo, byte id, int length)
    {
        ReadOnlySpan<byte> packet = _reply.AsSpan(0, FeetechCodec.Status(_reply, id, servo.Errors, _data.AsSpan(0, length)));
        if (!Faults.HasTwin(id))
        {
            Send(id, packet, default);
            return;
        }

        // The second servo is the same but for its place.
        if (length > 0)
        {
            _data[0] ^= 0x2A;
        }

        Send(id, packet, _twin.AsSpan(0, FeetechCodec.Status(_twin, id, servo.Errors, _data.AsSpan(0, length))));
    }
}
