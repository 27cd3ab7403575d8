namespace RobotRl.Runtime.Safety;

/// <summary>Faults that outlive their condition, and the one that decides. The default value is a clean slate.</summary>
public readonly record struct FailsafeLatch
{
    internal FailsafeLatch(uint latched, FailsafeCause? deciding) => (Mask, Deciding) = (latched, deciding);

    internal uint Mask { get; }

    /// <summary>
    /// The cause that decided last; kept while no harder one appears, so that a first fault is not hidden by what it brings
    /// about.
    /// </summary>
    public FailsafeCause? Deciding { get; }

    /// <summary>Whether any fault is latched.</summary>
    public bool Any => Mask != 0;

    /// <summary>Whether <paramref name="cause"/> is latched.</summary>
    public bool IsLatched(FailsafeCause cause) => (Mask & (1u << (int)cause)) != 0;
}
