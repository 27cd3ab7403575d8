using Microsoft.Extensions.Time.Testing;
using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Protocols.Feetech;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Tests.Devices.FeetechBus;

/// <summary>
/// An emulated bus on a fake clock behind an adapter that may stand still, hold replies back and double them. It compares every goal
/// with the true position of the servo that hears it.
/// </summary>
internal sealed class FaultyFeetechLine : IDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(0.5);

    private readonly MemoryTransport _relay,
        _toBus;
    private readonly List<(DateTimeOffset Due, byte[] Bytes)> _owed = [];
    private readonly FeetechDecoder _requests = new();
    private readonly byte[] _buffer = new byte[4096];
    private bool _arrived;

    public FaultyFeetechLine(int servos)
    {
        (Near, _relay) = MemoryTransport.CreatePair("line", Wait);
        (_toBus, MemoryTransport far) = MemoryTransport.CreatePair("bus", Time.Advance);
        Bus = new(far, servos, Time);
        foreach (MemoryTransport end in new[] { Near, _relay, _toBus, far })
        {
            end.Open();
        }

        Near.Written = Pass;
    }

    public FakeTimeProvider Time { get; } = new();

    public MemoryTransport Near { get; }

    public FeetechBusEmulator Bus { get; }

    /// <summary>Nothing passes until then.</summary>
    public DateTimeOffset FrozenUntil { get; set; }

    /// <summary>How long replies are held back.</summary>
    public TimeSpan Held { get; set; }

    /// <summary>Replies come once more that much later; null: once only.</summary>
    public TimeSpan? Doubled { get; set; }

    /// <summary>Position goals that reached a servo.</summary>
    public List<(byte Id, int Goal, int Position)> Goals { get; } = [];

    /// <summary>Torque limits that reached a servo by a sync write.</summary>
    public List<(byte Id, int Limit)> TorqueLimits { get; } = [];

    public int Ticks(byte id) => FeetechUnits.PositionTicks(Bus.Servo(id).PositionRad);

    public void Wait(TimeSpan time)
    {
        DateTimeOffset end = Time.GetUtcNow() + time;
        _arrived = false;
        while (Time.GetUtcNow() < end && !_arrived)
        {
            Time.Advance(Step < end - Time.GetUtcNow() ? Step : end - Time.GetUtcNow());
            Pass();
        }
    }

    public void Dispose() => Bus.Dispose();

    private void Pass()
    {
        if (Time.GetUtcNow() >= FrozenUntil)
        {
            int asked = _relay.Read(_buffer, TimeSpan.Zero).Count;
            ReadOnlySpan<byte> bytes = _buffer.AsSpan(0, asked);
            while (_requests.TryRead(ref bytes, out FeetechPacket packet))
            {
                Note(packet.Instruction, packet.Parameters);
            }

            _toBus.Write(_buffer.AsSpan(0, asked), TimeSpan.Zero);
            Bus.Serve(TimeSpan.Zero);
            byte[] reply = _buffer[.._toBus.Read(_buffer, TimeSpan.Zero).Count];
            if (reply.Length > 0)
            {
                _owed.Add((Time.GetUtcNow() + Held, reply));
                if (Doubled is { } again)
                {
                    _owed.Add((Time.GetUtcNow() + Held + again, reply));
                }
            }
        }

        foreach ((DateTimeOffset due, byte[] reply) in _owed.Where(o => o.Due <= Time.GetUtcNow()).OrderBy(o => o.Due).ToArray())
        {
            _relay.Write(reply, TimeSpan.Zero);
            _owed.Remove((due, reply));
            _arrived = true;
        }
    }

    private void Note(FeetechInstruction instruction, ReadOnlySpan<byte> parameters)
    {
        if (instruction != FeetechInstruction.SyncWrite)
        {
            return;
        }

        for (
            ReadOnlySpan<byte> rest = parameters[2..];
            parameters[0] == FeetechTable.GoalPosition.Address && rest.Length >= 3;
            rest = rest[3..]
        )
        {
            Goals.Add((rest[0], FeetechTable.GoalPosition.Decode(rest[1..]), Ticks(rest[0])));
        }

        for (
            ReadOnlySpan<byte> rest = parameters[2..];
            parameters[0] == FeetechTable.TorqueLimit.Address && rest.Length >= 3;
            rest = rest[3..]
        )
        {
            TorqueLimits.Add((rest[0], FeetechTable.TorqueLimit.Decode(rest[1..])));
        }
    }
}
