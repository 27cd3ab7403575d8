using System.Buffers.Binary;
using RobotRl.Hardware.Protocols.Feetech;

namespace RobotRl.Hardware.Devices.FeetechBus;

/// <summary>
/// The newest positions of the servos commanded by position that passed every check, and when each was read. The runtime hands them
/// to its guardian, which has them vouch for what it reads at a stop. One thread; does not allocate once made.
/// </summary>
/// <param name="count">Servos.</param>
internal sealed class CheckedPositions(int count)
{
    // Noise, and what a joint moves while its reading is under way.
    private const double MarginTicks = 64;

    private const int BytesOfOne = (3 * sizeof(short)) + sizeof(long);

    private readonly short[] _ticks = new short[count],
        _least = new short[count],
        _greatest = new short[count];
    private readonly long[] _stamps = new long[count];

    /// <summary>Bytes that <see cref="Write"/> needs.</summary>
    public int Size => count * BytesOfOne;

    /// <summary>Takes a checked position.</summary>
    /// <param name="index">Of the servo, by id among those commanded by position.</param>
    /// <param name="ticks">Its register.</param>
    /// <param name="least">Least goal that the servo goes to, ticks.</param>
    /// <param name="greatest">Greatest goal that the servo goes to, ticks.</param>
    /// <param name="stamp">When it was read, monotonic, ticks of 100 ns: the same clock in every process of the machine.</param>
    public void Set(int index, int ticks, int least, int greatest, long stamp) =>
        (_ticks[index], _least[index], _greatest[index], _stamps[index]) = ((short)ticks, (short)least, (short)greatest, stamp);

    /// <summary>Forgets all of them.</summary>
    public void Clear() => Array.Clear(_stamps);

    /// <summary>
    /// Whether a servo can be at <paramref name="ticks"/> now, and would stay there if it was told to. False if no position was checked
    /// yet, or the last one is so old that the joint may have moved by half a turn: then it says nothing.
    /// </summary>
    /// <param name="index">Of the servo.</param>
    /// <param name="ticks">Its register as read now.</param>
    /// <param name="now">Now, on the clock of <see cref="Set"/>.</param>
    /// <param name="speed">Fastest that it can have moved, rad/s.</param>
    public bool Allow(int index, int ticks, long now, double speed)
    {
        const int Turn = FeetechUnits.TicksPerTurn,
            Half = Turn / 2;
        double reach = MarginTicks + (speed / FeetechUnits.RadPerTick * TimeSpan.FromTicks(now - _stamps[index]).TotalSeconds);
        int moved = ticks - _ticks[index];
        if (_least[index] >= 0 && _greatest[index] < Turn)
        {
            // Its register may go round.
            moved = (((moved + Half) % Turn) + Turn) % Turn - Half;
        }

        return _stamps[index] != 0 && ticks >= _least[index] && ticks <= _greatest[index] && reach < Half && Math.Abs(moved) <= reach;
    }

    /// <summary>Writes all of them. <paramref name="to"/> has <see cref="Size"/> bytes.</summary>
    public void Write(Span<byte> to)
    {
        for (int i = 0; i < count; i++, to = to[BytesOfOne..])
        {
            BinaryPrimitives.WriteInt16LittleEndian(to, _ticks[i]);
            BinaryPrimitives.WriteInt16LittleEndian(to[2..], _least[i]);
            BinaryPrimitives.WriteInt16LittleEndian(to[4..], _greatest[i]);
            BinaryPrimitives.WriteInt64LittleEndian(to[6..], _stamps[i]);
        }
    }

    /// <summary>Takes what another process has written.</summary>
    public void Read(ReadOnlySpan<byte> from)
    {
        for (int i = 0; i < count; i++, from = from[BytesOfOne..])
        {
            (_ticks[i], _least[i]) = (BinaryPrimitives.ReadInt16LittleEndian(from), BinaryPrimitives.ReadInt16LittleEndian(from[2..]));
            (_greatest[i], _stamps[i]) = (
                BinaryPrimitives.ReadInt16LittleEndian(from[4..]),
                BinaryPrimitives.ReadInt64LittleEndian(from[6..])
            );
        }
    }
}
