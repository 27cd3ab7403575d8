using RobotRl.Algorithms;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Safety;
using RobotRl.Runtime.Storage;
using RobotRl.Runtime.Tests.Admission;

namespace RobotRl.Runtime.Tests.Loops;

/// <summary>Saving and loading in the middle of things, and allocation.</summary>
public sealed class ControlLoopStateTests
{
    private const int Ticks = 100_000;

    [Theory]
    [InlineData(1, 5)]
    [InlineData(1, 12)]
    [InlineData(3, 17)]
    [InlineData(3, 31)]
    public void Load_InMidEpisode_ContinuesBitForBit(int divisor, int at)
    {
        var safety = new SafetyOptions
        {
            Joints =
            {
                ["joint/position"] = new JointLimits { MaxCommandRate = 5, MaxAcceleration = 400 },
            },
        };
        using LoopRig whole = Make(divisor, safety),
            resumed = Make(divisor, safety);
        whole.Policies.Offer(LoopRig.RandomBlock(3));
        whole.BeginWithOffer();
        Drive(whole, 0, at);
        var state = new MemoryState();
        whole.Loop.Save(state);
        whole.Policies.Save("policies", state);
        resumed.Loop.Load(state);
        resumed.Policies.Load("policies", state);
        resumed.Robot.Now = whole.Robot.Now;
        whole.TakeAll();

        Drive(whole, at, 60);
        Drive(resumed, at, 60);

        Assert.Equal(StateHash.Of(whole.Loop.Save), StateHash.Of(resumed.Loop.Save));
        List<LoopRig.Frame> expected = whole.TakeAll(),
            actual = resumed.TakeAll();
        Assert.True(expected.Count > 5);
        Assert.Equal(expected.Select(f => Convert.ToHexString(f.Bytes)), actual.Select(f => Convert.ToHexString(f.Bytes)));
    }

    [Fact]
    public void Load_TaskThatRemembers_GivesItsMemoryBack()
    {
        using LoopRig rig = new LoopRig(goal: 1).Begin(),
            other = new(goal: 1);
        ((AimingTask)rig.Task).Memory = 3.5;
        var state = new MemoryState();
        rig.Loop.Save(state);
        other.Loop.Load(state);
        Assert.Equal(3.5, ((AimingTask)other.Task).Memory);
    }

    [Fact]
    public void Load_WhileHeldOrFaulty_KeepsWhatTheFailsafeSees()
    {
        using LoopRig rig = new LoopRig().Begin(),
            other = new();
        rig.Loop.Demanded = FailsafeAction.Hold;
        rig.Robot.ReadStatus = IoStatus.DeviceFault;
        rig.Tick(2);
        var state = new MemoryState();
        rig.Loop.Save(state);
        other.Loop.Load(state);
        Assert.Equal(
            (FailsafeAction.Hold, 2L, IoStatus.DeviceFault, LoopStage.Held),
            (other.Loop.Demanded, other.Loop.Status.DeviceErrorsInRow, other.Loop.Status.LastRead, other.Loop.Status.Stage)
        );
    }

    [Fact]
    public void Tick_EveryBranch_AllocatesNothing()
    {
        using LoopRig rig = new LoopRig(
            divisor: 2,
            spec: LoopRig.Gaussian,
            safety: new SafetyOptions { MaxSensorAge = TimeSpan.FromMilliseconds(50) }
        );
        rig.Task.MaxEpisodeSteps = 20;
        Algorithms.Policies.PolicyBlock block = LoopRig.RandomBlock(5);
        rig.Policies.Offer(block);
        rig.Fallback.Offer(block);
        rig.BeginWithOffer();
        Walk(rig, block, 5000);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Walk(rig, block, Ticks);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
        Assert.True(rig.Loop.Status.Episodes > 100);
        Assert.True(rig.Loop.Status.GatedSteps > 100);
        Assert.True(rig.Ring.Dropped > 0);
        Assert.False(rig.Robot.WroteNonFinite);
    }

    private static void Walk(LoopRig rig, Algorithms.Policies.PolicyBlock block, int ticks)
    {
        for (int i = 0; i < ticks; i++)
        {
            int phase = i % 97;
            rig.Robot.Position =
                phase == 50 ? double.NaN
                : phase == 60 ? 3.5
                : Math.Sin(i * 0.1);
            rig.Robot.ReadStatus = phase switch
            {
                20 => IoStatus.NotFresh,
                21 => IoStatus.LinkLost,
                22 => IoStatus.DeviceFault,
                _ => IoStatus.Ok,
            };
            rig.Loop.Demanded = phase >= 70 ? (FailsafeAction)(i / 97 % 6) : FailsafeAction.None;
            block.UniformActions = i % 1000 < 100;
            if (phase == 10)
            {
                rig.Policies.Offer(block);
                rig.Fallback.Offer(block);
            }
            else if (phase is 95 or 40)
            {
                rig.Loop.Demanded = FailsafeAction.None;
                rig.Loop.Arm();
            }
            else if (phase == 30)
            {
                rig.Loop.EndEpisode();
            }
            else if (phase == 38)
            {
                rig.Loop.Disarm();
            }

            rig.Loop.BeginEpisode();
            rig.Tick();

            // The ring fills, drops, and is emptied again.
            while (i % 3000 == 2999 && rig.Ring.TryPeek(out _))
            {
                rig.Ring.Release();
            }
        }
    }

    private static LoopRig Make(int divisor, SafetyOptions safety)
    {
        var rig = new LoopRig(divisor, SwapRule.AnyTick, safety, LoopRig.Gaussian);
        rig.Task.MaxEpisodeSteps = 7;
        return rig;
    }

    private static void Drive(LoopRig rig, int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            rig.Robot.Position = Math.Sin(i * 0.3);
            if (rig.Loop.Status.Stage == LoopStage.AwaitingStart)
            {
                rig.Loop.BeginEpisode();
            }

            if (i % 9 == 4)
            {
                rig.Policies.Offer(LoopRig.RandomBlock((ulong)i));
            }

            rig.Tick();
        }
    }
}
