namespace RobotRl.Hardware.Timing;

/// <summary>One of the three places of a <see cref="NewestValue"/>.</summary>
/// <param name="size">Number of values.</param>
public sealed class NewestSlot(int size)
{
    /// <summary>The values; writer's or reader's, whoever holds the slot.</summary>
#pragma warning disable CA1819 // Handed over whole on every tick: a copy would be what this type exists to avoid.
    public double[] Values { get; } = new double[size];
#pragma warning restore CA1819

    /// <summary>Monotonic time of the values, in the publisher's unit.</summary>
    public long Stamp { get; set; }

    /// <summary>Tells values of before and after an event (a teleport) apart.</summary>
    public long Generation { get; set; }
}
