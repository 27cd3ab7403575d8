using RobotRl.Conformance.Suite;
using RobotRl.Hardware.Contracts;

namespace RobotRl.Conformance.Sim;

/// <summary>A simulator that remembers more than it reports, and saves it, is as good as any.</summary>
public sealed class DelayedCartConformanceTests
{
    [Fact]
    public void Suite_ExtraStateSaved_ContinuesBitForBit()
    {
        using var suite = new Suite(null);
        suite.CopyPhysicalState_IntoAFreshOne_ContinuesBitForBit();
        suite.CopyPhysicalState_IntoOneWithAPastOfItsOwn_ContinuesBitForBit();
    }

    [Theory]
    [InlineData("line")]
    [InlineData("counters")]
    public void Suite_StateThatIsNotSaved_IsFound(string forgets)
    {
        using var suite = new Suite(forgets);
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(suite.CopyPhysicalState_IntoAFreshOne_ContinuesBitForBit);
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(suite.CopyPhysicalState_IntoOneWithAPastOfItsOwn_ContinuesBitForBit);
    }

#pragma warning disable xUnit1000 // Its tests are called above, not by the runner.
    private sealed class Suite(string? forgets) : LockstepConformance
#pragma warning restore xUnit1000
    {
        protected override IRobot Create() => new DelayedCartRobot(forgets);
    }
}
