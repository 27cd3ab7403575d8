using RobotRl.Hardware.Protocols.Feetech;
using RobotRl.Hardware.Timing;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Devices.FeetechBus.Guardian;

/// <summary>Stops every servo of a bus in the configured manner and reads back. For the guardian; one thread.</summary>
/// <remarks>
/// A reply tells neither its register nor its request. So no two requests of a stop have replies of one length, nor the length of
/// any that the runtime asks for, and one block is read that holds what was just written beside the position. A servo is told to
/// stay where it is only if that block fits together and its position is one that it can have got to since the runtime's newest
/// checked one. Otherwise no goal is sent: torque is lowered, and the servo keeps its goal.
/// </remarks>
internal sealed class ServoStop
{
    // The runtime reads nothing longer while the servos carry power; register 70 is the last that may be read.
    private const int ShortestReply = FeetechControlBlock.Length + LateReplies.MaxPadding + 1,
        LastAddress = 70,
        Requests = LastAddress + 2 - ShortestReply,
        AtOnce = 4;

    // An adapter may collect bytes for 16 ms.
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(20),
        DrainLimit = TimeSpan.FromMilliseconds(60);

    private readonly GuardianSettings _settings;
    private readonly CheckedPositions _checked;
    private readonly MonotonicStamp _clock;
    private readonly FeetechLink _link;
    private readonly byte[] _all,
        _velocity,
        _told;
    private readonly int[] _values,
        _goals,
        _sent;
    private readonly bool[] _confirmed,
        _held,
        _doubted;

    /// <param name="settings">The bus, and what to do.</param>
    /// <param name="positions">The newest checked positions of <see cref="GuardianSettings.Ids"/>.</param>
    /// <param name="transport">The bus, open.</param>
    /// <param name="time">Its monotonic stamp is the clock, and that of <paramref name="positions"/>.</param>
    /// <param name="reply">Longest wait for the replies to one request.</param>
    public ServoStop(GuardianSettings settings, CheckedPositions positions, ITransport transport, TimeProvider time, TimeSpan reply)
    {
        (_settings, _checked, _clock, _link) = (settings, positions, new(time), new(transport, time, reply));
        (_all, _velocity, _told) = (settings.AllIds, [.. settings.VelocityIds], new byte[settings.Ids.Count]);
        (_values, _goals, _sent) = (new int[_all.Length], new int[_all.Length], new int[_all.Length]);
        (_confirmed, _held, _doubted) = (new bool[_all.Length], new bool[_all.Length], new bool[_all.Length]);
    }

    private bool IsDone =>
        _settings.Manner == GuardianManner.TorqueOff ? Array.TrueForAll(_confirmed, c => c) : Array.TrueForAll(_held, h => h);

    /// <summary>Tries until every servo has confirmed it, or <paramref name="limit"/> is over.</summary>
    public StopOutcome Run(TimeSpan limit)
    {
        Array.Clear(_confirmed);
        Array.Clear(_held);
        Array.Clear(_doubted);
        Array.Fill(_sent, -1);
        long start = _clock.Now;
        Command();

        // Servos may still be answering the runtime.
        _link.Drain(Quiet, DrainLimit);
        bool wasTold = false;
        for (int request = 0; request < Requests && _clock.Now - start < limit.Ticks && !IsDone; request++)
        {
            // Each length serves once: a few at once, the others spread over the time; but a goal is read back at once.
            long due = start + (Math.Max(0, request - AtOnce) * limit.Ticks / (Requests - AtOnce));
            _link.Pause(new(wasTold ? 0 : due - _clock.Now));
            Command();
            wasTold = TryTell(ShortestReply + request);
        }

        bool[] stopped = _settings.Manner == GuardianManner.TorqueOff ? _confirmed : _held;
        return new(_confirmed.Count(c => c), [.. _all.Where((_, i) => !stopped[i])]);
    }

    /// <summary>What may be sent blindly: less torque, no velocity.</summary>
    private void Command()
    {
        bool off = _settings.Manner == GuardianManner.TorqueOff;
        for (int i = 0; i < _values.Length; i++)
        {
            _values[i] = off ? 0 : _settings.LoweredRaw(i);
        }

        _link.TrySyncWrite(off ? FeetechTable.TorqueEnable : FeetechTable.TorqueLimit, _all, _values);
        if (!off && _velocity.Length > 0)
        {
            Array.Clear(_values);
            _link.TrySyncWrite(FeetechTable.GoalVelocity, _velocity, _values.AsSpan(0, _velocity.Length));
        }
    }

    /// <summary>Reads every servo's block, and tells those to stay that are certain to be where they say. Whether any was told.</summary>
    private bool TryTell(int length)
    {
        int spare = length - FeetechControlBlock.Length,
            front = Math.Min(FeetechControlBlock.FirstAddress, spare);
        _link.SyncRead((byte)(FeetechControlBlock.FirstAddress - front), (byte)length, _all);
        int told = 0;
        for (int i = 0; i < _all.Length; i++)
        {
            if (
                !_link.HasAnswered(_all[i])
                || !FeetechControlBlock.TryDecode(
                    _link.Data(_all[i], length).Slice(front, FeetechControlBlock.Length),
                    out FeetechControlBlock block
                )
            )
            {
                continue;
            }

            if (_settings.Manner == GuardianManner.TorqueOff)
            {
                _confirmed[i] |= !block.Torque;
                continue;
            }

            bool lowered = block.TorqueLimit == _settings.LoweredRaw(i),
                isVelocity = i >= _settings.Ids.Count;
            _confirmed[i] |= lowered;
            _held[i] |= lowered && block.Torque && (isVelocity ? block.Velocity == 0 : block.Goal == _sent[i]);

            // Once it has heard where to stay it is not told again: a sinking arm must not be followed down.
            // Nor is one that once told of a place where it cannot be: with time it could have got anywhere.
            bool mayBeTold = !_held[i] && !isVelocity && lowered && block.Torque;
            _doubted[i] |= mayBeTold && !IsCertain(i, block.Position);
            if (mayBeTold && !_doubted[i])
            {
                (_sent[i], _told[told], _goals[told++]) = (block.Position, _all[i], block.Position);
            }
        }

        if (told > 0)
        {
            _link.TrySyncWrite(FeetechTable.GoalPosition, _told.AsSpan(0, told), _goals.AsSpan(0, told));
        }

        return told > 0;
    }

    private bool IsCertain(int index, int position) => _checked.Allow(index, position, _clock.Now, _settings.Speed);
}
