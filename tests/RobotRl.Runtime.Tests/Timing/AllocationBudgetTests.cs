using System.Runtime;
using RobotRl.Runtime.Timing;

namespace RobotRl.Runtime.Tests.Timing;

[Collection(NoCollectionGroup.Name)]
public sealed class AllocationBudgetTests
{
    private const long Bytes = 32 << 20;
    private static byte[]? s_sink;

    [Fact]
    public void LeftBytes_Allocating_CountsDown_NothingIsCollected()
    {
        using var budget = new AllocationBudget(Bytes);
        Assert.Equal(-1, budget.LeftBytes);
        Assert.Null(budget.Renew());
        long before = budget.LeftBytes;
        Assert.InRange(before, Bytes - (1 << 20), Bytes);
        Allocate(8 << 20);
        Assert.InRange(before - budget.LeftBytes, 8 << 20, 10 << 20);
        Assert.Equal((0, GCLatencyMode.NoGCRegion), (budget.Collections, GCSettings.LatencyMode));
        budget.Release();
        Assert.Equal(-1, budget.LeftBytes);
        Assert.NotEqual(GCLatencyMode.NoGCRegion, GCSettings.LatencyMode);
    }

    [Fact]
    public void Renew_HalfUsed_HoldsTheWholeAgain()
    {
        using var budget = new AllocationBudget(Bytes);
        budget.Renew();
        Allocate(16 << 20);
        Assert.Null(budget.Renew());
        Assert.InRange(budget.LeftBytes, Bytes - (1 << 20), Bytes);
        Assert.Equal(0, budget.Collections);
    }

    [Fact]
    public void LeftBytes_Overdrawn_IsZero_TheCollectionIsCounted_ReleaseDoesNotThrow()
    {
        using var budget = new AllocationBudget(Bytes);
        budget.Renew();
        Allocate(4 * Bytes);
        Assert.Equal(0, budget.LeftBytes);
        Assert.True(budget.Collections > 0);
        budget.Release();
        Assert.True(budget.Collections > 0);
    }

    [Fact]
    public void Renew_NoBudget_HoldsNothing()
    {
        using var budget = new AllocationBudget(0);
        Assert.Null(budget.Renew());
        Assert.Equal(-1, budget.LeftBytes);
    }

    [Fact]
    public void Renew_MoreThanThereIs_SaysSo()
    {
        using var budget = new AllocationBudget(1L << 50);
        Assert.Contains("Lower Loop:AllocationBudgetMiB", budget.Renew(), StringComparison.Ordinal);
        Assert.Equal(-1, budget.LeftBytes);
    }

    [Fact]
    public void Renew_HeldElsewhere_SaysSo()
    {
        using AllocationBudget first = new(Bytes),
            second = new(Bytes);
        Assert.Null(first.Renew());
        Assert.Contains("Another part of the process", second.Renew(), StringComparison.Ordinal);
        Assert.Equal(-1, second.LeftBytes);
        Assert.True(first.LeftBytes > 0);
    }

    private static void Allocate(long bytes)
    {
        for (long i = 0; i < bytes; i += 4096)
        {
            s_sink = new byte[4096];
        }

        GC.KeepAlive(s_sink);
    }
}
