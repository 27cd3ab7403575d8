using System.Runtime;

namespace RobotRl.Runtime.Timing;

/// <summary>
/// The managed allocation that the process may do while a robot moves. Inside the budget the runtime collects no garbage (a
/// no-GC region), because a collection stops every managed thread, the control thread too. The owner brings the robot to rest
/// and calls <see cref="Renew"/> before <see cref="LeftBytes"/> reaches zero; past zero a region ends silently.
/// </summary>
/// <remarks><see cref="LeftBytes"/> and <see cref="Collections"/>: any thread. The rest: one thread, never the control thread.</remarks>
public sealed class AllocationBudget : IDisposable
{
    private readonly long _bytes;
    private long _startedAt;
    private int _collectionsAtStart,
        _collectionsBefore;
    private bool _held;

    /// <summary>Sets the size of the budget; nothing is held yet. 0 or less: no budget is ever held.</summary>
    public AllocationBudget(long bytes) => _bytes = bytes;

    /// <summary>Bytes left; -1 where no budget is held; 0 where it is used up.</summary>
    public long LeftBytes =>
        !Volatile.Read(ref _held) ? -1
        : GCSettings.LatencyMode != GCLatencyMode.NoGCRegion ? 0
        : Math.Max(0, _bytes - (GC.GetTotalAllocatedBytes() - Volatile.Read(ref _startedAt)));

    /// <summary>Collections that happened while the budget was held: surprises, of which there should be none.</summary>
    public int Collections =>
        Volatile.Read(ref _collectionsBefore) + (Volatile.Read(ref _held) ? GC.CollectionCount(0) - _collectionsAtStart : 0);

    /// <summary>
    /// Collects garbage, then starts to hold the whole budget. Null on success or where there is none to hold, else why not.
    /// </summary>
    public string? Renew()
    {
        Release();
        if (_bytes <= 0)
        {
            return null;
        }

        if (GCSettings.LatencyMode == GCLatencyMode.NoGCRegion)
        {
            // To collect here would end the other's budget in the middle of its robot's motion.
            return "Another part of the process holds a budget without collection already. Set Loop:AllocationBudgetMiB=0 for all "
                + "robots of a process but one.";
        }

        // .NET 10 crashes where it is asked for far more than there is, instead of refusing.
        long memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (_bytes > memory)
        {
            return $"A budget of {_bytes >> 20} MiB without collection is more than the memory of this machine ({memory >> 20} MiB). "
                + $"Lower Loop:AllocationBudgetMiB.";
        }

        GC.Collect();
        try
        {
            if (!GC.TryStartNoGCRegion(_bytes))
            {
                return $"A budget of {_bytes >> 20} MiB without collection was refused for lack of memory. Lower Loop:AllocationBudgetMiB.";
            }
        }
        catch (ArgumentOutOfRangeException)
        {
            return $"A budget of {_bytes >> 20} MiB without collection is more than this runtime grants. Lower Loop:AllocationBudgetMiB.";
        }

        _collectionsAtStart = GC.CollectionCount(0);
        Volatile.Write(ref _startedAt, GC.GetTotalAllocatedBytes());
        Volatile.Write(ref _held, true);
        return null;
    }

    /// <summary>Lets the collector run again.</summary>
    public void Release()
    {
        if (!_held)
        {
            return;
        }

        _collectionsBefore = Collections;
        Volatile.Write(ref _held, false);
        if (GCSettings.LatencyMode == GCLatencyMode.NoGCRegion)
        {
            try
            {
                GC.EndNoGCRegion();
            }
            catch (InvalidOperationException)
            {
                // The region ended by itself between the check and the call: the budget was overdrawn, which Collections shows.
            }
        }
    }

    /// <summary>Releases the budget.</summary>
    public void Dispose() => Release();
}
