namespace RobotRl.Hardware.Devices;

/// <summary>
/// Keeps late replies of a servo bus apart from those that were asked for now. A reply names neither the register nor the request
/// that it answers, only its servo and its length: so after a request that was not answered whole the next ones ask for a few bytes
/// more, in front of the register, until what is outstanding can come no more. One thread.
/// </summary>
internal sealed class LateReplies
{
    /// <summary>An adapter may collect bytes for 16 ms, and a busy machine stand still for tens.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private const int Slots = 8;

    private readonly int[] _lengths = new int[Slots];
    private readonly long[] _until = new long[Slots];

    /// <summary>Bytes to read in front of a register, so that no outstanding reply has the length of this one's; 0 where none is outstanding.</summary>
    /// <param name="address">Of the register.</param>
    /// <param name="size">Its bytes.</param>
    /// <param name="nowTicks">Now.</param>
    public int Padding(int address, int size, long nowTicks)
    {
        int best = 0;
        long bestUntil = long.MaxValue;
        for (int padding = 0; padding <= Math.Min(Slots, address); padding++)
        {
            long until = OutstandingUntil(size + padding);
            if (until <= nowTicks)
            {
                return padding;
            }

            if (until < bestUntil)
            {
                (best, bestUntil) = (padding, until);
            }
        }

        return best;
    }

    /// <summary>Not every servo answered a request for <paramref name="length"/> bytes.</summary>
    public void Missed(int length, long nowTicks)
    {
        int slot = 0;
        for (int i = 1; i < Slots; i++)
        {
            slot = _until[i] < _until[slot] ? i : slot;
        }

        (_lengths[slot], _until[slot]) = (length, nowTicks + Patience.Ticks);
    }

    private long OutstandingUntil(int length)
    {
        long until = 0;
        for (int i = 0; i < Slots; i++)
        {
            until = _lengths[i] == length ? Math.Max(until, _until[i]) : until;
        }

        return until;
    }
}
