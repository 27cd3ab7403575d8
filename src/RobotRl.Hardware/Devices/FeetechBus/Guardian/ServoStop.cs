using RobotRl.Hardware.Protocols.Feetech;
using RobotRl.Hardware.Timing;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Devices.FeetechBus.Guardian;

/// <summary>Stops every servo of a bus in the configured manner and reads back. For the guardian; one thread.</summary>
internal sealed class ServoStop
{
    private readonly GuardianSettings _settings;
    private readonly MonotonicStamp _clock;
    private readonly FeetechLink _link;
    private readonly byte[] _all, _position, _velocity;
    private readonly int[] _values, _goals;
    private readonly bool[] _done;

    public ServoStop(GuardianSettings settings, ITransport transport, TimeProvider time, TimeSpan reply)
    {
        (_settings, _clock, _link) = (settings, new(time), new(transport, time, reply));
        (_all, _position, _velocity) = (settings.AllIds, [.. settings.Ids], [.. settings.VelocityIds]);
        (_values, _goals, _done) = (new int[_all.Length], new int[_all.Length], new bool[_all.Length]);
    }

    /// <summary>Servos that confirmed it. Tried until all have, or <paramref name="limit"/> is over.</summary>
    public int Run(TimeSpan limit)
    {
        Array.Clear(_done);
        long deadline = _clock.Now + limit.Ticks;
        int confirmed;
        do
        {
            confirmed = _settings.Manner == GuardianManner.TorqueOff ? SwitchOff() : LowerTorque();
        }
        while (confirmed < _all.Length && _clock.Now < deadline);

        return confirmed;
    }

    private int SwitchOff()
    {
        // One packet reaches all; whoever did not hear it is told again.
        Array.Clear(_values);
        _link.TrySyncWrite(FeetechTable.TorqueEnable, _all, _values);
        return Confirmed(FeetechTable.TorqueEnable, 0);
    }

    private int LowerTorque()
    {
        int torque = FeetechUnits.TorqueRaw(_settings.LoweredTorque);
        Array.Fill(_values, torque);
        _link.TrySyncWrite(FeetechTable.TorqueLimit, _all, _values);
        if (_velocity.Length > 0)
        {
            Array.Clear(_values);
            _link.TrySyncWrite(FeetechTable.GoalVelocity, _velocity, _values.AsSpan(0, _velocity.Length));
        }

        // Where each is now is where it is to stay. Once told it is not told again: a sinking arm must not be followed down.
        int came = 0;
        if (_position.Length > 0)
        {
            _link.SyncRead(FeetechTable.PresentPosition.Address, FeetechTable.PresentPosition.Size, _position);
            Span<byte> told = stackalloc byte[_position.Length];
            for (int i = 0; i < _position.Length; i++)
            {
                if (!_done[i] && _link.HasAnswered(_position[i]))
                {
                    told[came] = _position[i];
                    _goals[came++] = FeetechTable.PresentPosition.Decode(_link.Data(_position[i], FeetechTable.PresentPosition.Size));
                }
            }

            if (came > 0)
            {
                _link.TrySyncWrite(FeetechTable.GoalPosition, told[..came], _goals.AsSpan(0, came));
            }
        }

        return Confirmed(FeetechTable.TorqueLimit, torque);
    }

    private int Confirmed(FeetechRegister register, int value)
    {
        _link.SyncRead(register.Address, register.Size, _all);
        int confirmed = 0;
        for (int i = 0; i < _all.Length; i++)
        {
            _done[i] |= _link.HasAnswered(_all[i]) && register.Decode(_link.Data(_all[i], register.Size)) == value;
            confirmed += _done[i] ? 1 : 0;
        }

        return confirmed;
    }
}
