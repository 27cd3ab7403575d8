using System.Runtime.InteropServices;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Safety;

namespace RobotRl.Runtime.Loops;

/// <content>What of the supervisor is in a checkpoint (lockstep).</content>
public sealed partial class Supervisor
{
    /// <summary>Writes what is latched and since when conditions last (lockstep).</summary>
    public void Save(IStateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write("supervisor/conditions", MemoryMarshal.Cast<FailsafeConditions, long>(new Span<FailsafeConditions>(ref _conditions)));
        writer.Write(
            "supervisor/latch",
            [_latch.Mask, _latch.Deciding is { } cause ? (long)cause : -1, (long)_asked, Volatile.Read(ref _action)]
        );
    }

    /// <summary>Continues where <see cref="Save"/> was called.</summary>
    public void Load(IStateReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        reader.Read("supervisor/conditions", MemoryMarshal.Cast<FailsafeConditions, long>(new Span<FailsafeConditions>(ref _conditions)));
        Span<long> latch = stackalloc long[4];
        reader.Read("supervisor/latch", latch);
        _latch = new FailsafeLatch((uint)latch[0], latch[1] < 0 ? null : (FailsafeCause)latch[1]);
        _asked = (StopLevel)latch[2];
        Carry((FailsafeAction)latch[3], _latch.Deciding);
    }
}
