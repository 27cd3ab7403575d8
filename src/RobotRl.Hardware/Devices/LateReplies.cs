namespace RobotRl.Hardware.Devices;

/// <summary>
/// Keeps late replies of a servo bus apart from those that were asked for now. A reply names neither the register nor the request
/// that it answers, only its servo and its length: so after a request that was not answered whole the next ones ask for a few bytes
/// more, in front of the register. A length is asked for again only once its replies can come no more; if every length is
/// outstanding, nothing may be asked. One thread; does not allocate once made.
/// </summary>
internal sealed class LateReplies
{
    /// <summary>
    /// How late a reply may be. An adapter may collect bytes for 16 ms and a busy machine stand still for tens; 250 ms is several
    /// times that, and ten times the default limit of a lost link at 5 ms.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Most bytes that are read in front of a register. 25 lengths: enough for a cycle of 10 ms that is never answered whole.
    /// </summary>
    public const int MaxPadding = 24;

    // A reply's parameters are counted in a byte on a Feetech bus, and no read here is longer on a Dynamixel one.
    private readonly long[] _until = new long[256];

    /// <summary>
    /// Finds a length for a read of a register that no outstanding reply has. False if every length is outstanding: ask nothing
    /// now.
    /// </summary>
    /// <param name="address">Of the register.</param>
    /// <param name="size">Its bytes.</param>
    /// <param name="nowTicks">Now.</param>
    /// <param name="padding">Bytes to read in front of the register; 0 if nothing is outstanding.</param>
    public bool TryPad(int address, int size, long nowTicks, out int padding)
    {
        int most = Math.Min(MaxPadding, address);
        for (padding = 0; padding <= most; padding++)
        {
            if (_until[size + padding] <= nowTicks)
            {
                return true;
            }
        }

        padding = 0;
        return false;
    }

    /// <summary>When <see cref="TryPad"/> will find a length for that register; in the past if it does now.</summary>
    public long FreeAt(int address, int size)
    {
        long first = long.MaxValue;
        for (int padding = 0; padding <= Math.Min(MaxPadding, address); padding++)
        {
            first = Math.Min(first, _until[size + padding]);
        }

        return first;
    }

    /// <summary>Not every servo answered a request for <paramref name="length"/> bytes.</summary>
    public void Missed(int length, long nowTicks) => _until[length] = nowTicks + Patience.Ticks;
}
