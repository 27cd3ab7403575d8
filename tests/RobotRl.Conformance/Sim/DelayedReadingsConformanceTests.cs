using RobotRl.Conformance.Suite;
using RobotRl.Hardware.Contracts;
using RobotRl.Sim.Faults;

namespace RobotRl.Conformance.Sim;

/// <summary>A fault that holds readings back is part of the exact state, and so is what the wrapped robot keeps.</summary>
public sealed class DelayedReadingsConformanceTests
{
    [Fact]
    public void CopyPhysicalState_InTheMiddleOfADelay_ContinuesBitForBit()
    {
        using var suite = new Suite();
        suite.CopyPhysicalState_IntoAFreshOne_ContinuesBitForBit();
        suite.CopyPhysicalState_IntoOneWithAPastOfItsOwn_ContinuesBitForBit();
    }

#pragma warning disable xUnit1000 // Its tests are called above: the others do not expect readings of the past.
    private sealed class Suite : LockstepConformance
#pragma warning restore xUnit1000
    {
        protected override IRobot Create() =>
            new FaultyRobot(new DelayedCartRobot(), new RobotFault(RobotFaultKind.DelayedReadings, 3, DelaySteps: 4));
    }
}
