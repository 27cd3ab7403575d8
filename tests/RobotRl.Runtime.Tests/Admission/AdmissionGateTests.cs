using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Spaces;
using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Admission;
using RobotRl.Runtime.Experience;
using RobotRl.Runtime.Tasks;
using RobotRl.Sim.Robots.Pendulum;

namespace RobotRl.Runtime.Tests.Admission;

public sealed class AdmissionGateTests
{
    private static readonly AdmissionOptions Options = new()
    {
        ProbeCapacity = 8,
        ProbeStride = 2,
        MinProbes = 4,
        MaxActionDistance = 0.5,
        MaxValue = 100,
        MaxShieldRate = 0.5,
        RefusalsToRevert = 3,
        Champion = new()
        {
            Episodes = 4,
            Significance = 0.05,
            GateWindow = 10,
            MaxGateRate = 0.5,
        },
    };

    private readonly FakeLearner _learner = new();

    [Fact]
    public void Judge_HealthySteps_AreAdmitted()
    {
        using AdmissionGate gate = Filled();
        for (int i = 0; i < 20; i++)
        {
            AdmissionVerdict verdict = gate.Judge(FakeLearner.Offer(i * 0.1f, i), _learner);
            Assert.True(verdict.Admitted);
            Assert.Equal(i == 0 ? 0 : Math.Tanh(i * 0.1) - Math.Tanh((i - 1) * 0.1), verdict.ActionDistance, 1e-5);
        }

        Assert.Equal(20, gate.AdmittedCount);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Judge_NonFiniteWeight_IsRefusedAndForgotten(float bad)
    {
        using AdmissionGate gate = Filled();
        gate.Judge(FakeLearner.Offer(0), _learner);
        Assert.Equal(RefusalReason.NonFiniteWeights, gate.Judge(FakeLearner.Offer(bad), _learner).Reason);
        PolicyBlock normaliser = FakeLearner.Offer(0);
        normaliser.NormaliserScale[0] = bad;
        Assert.Equal(RefusalReason.NonFiniteWeights, gate.Judge(normaliser, _learner).Reason);
        Assert.True(gate.Judge(FakeLearner.Offer(0.1f), _learner).Admitted);
        Assert.Equal(2, gate.RefusedCount(RefusalReason.NonFiniteWeights));
        Assert.Equal(0, gate.RefusedInRow);
    }

    [Fact]
    public void Judge_FiniteWeightsThatOverflow_AreRefused()
    {
        using AdmissionGate gate = Filled();
        PolicyBlock huge = FakeLearner.Offer(0);
        Array.Fill(huge.Parameters, float.MaxValue);
        Assert.Equal(RefusalReason.NonFiniteActions, gate.Judge(huge, _learner).Reason);
    }

    [Fact]
    public void Judge_JumpFromTheLastOffered_IsRefusedOnceAndThenComparedWithItself()
    {
        using AdmissionGate gate = Filled();
        gate.Judge(FakeLearner.Offer(-2), _learner);
        AdmissionVerdict jump = gate.Judge(FakeLearner.Offer(2), _learner);
        Assert.Equal(RefusalReason.ActionJump, jump.Reason);
        Assert.Equal(2 * Math.Tanh(2), jump.ActionDistance, 1e-5);
        Assert.True(gate.Judge(FakeLearner.Offer(2.1f), _learner).Admitted);
    }

    [Fact]
    public void Judge_FewProbesOrUniformActions_IsNotCompared()
    {
        using var empty = new AdmissionGate(FakeLearner.Spec, new ContinuousActionSpace(1), null, Options);
        Assert.True(empty.Judge(FakeLearner.Offer(-2), _learner).Admitted);
        Assert.True(empty.Judge(FakeLearner.Offer(2), _learner).Admitted);
        using AdmissionGate gate = Filled();
        PolicyBlock uniform = FakeLearner.Offer(-2);
        uniform.UniformActions = true;
        Assert.True(gate.Judge(uniform, _learner).Admitted);
        Assert.True(gate.Judge(FakeLearner.Offer(2), _learner).Admitted);
    }

    [Theory]
    [InlineData(float.NaN, false)]
    [InlineData(float.NegativeInfinity, false)]
    [InlineData(-101f, false)]
    [InlineData(-100f, true)]
    public void Judge_ValueEstimates_AreBounded(float value, bool admitted)
    {
        using AdmissionGate gate = Filled();
        _learner.Value = value;
        Assert.Equal(admitted ? RefusalReason.None : RefusalReason.InsaneValues, gate.Judge(FakeLearner.Offer(0), _learner).Reason);
    }

    [Fact]
    public void Judge_SafetyGateWouldChangeMost_IsRefused()
    {
        // A pendulum whose torque may change by 1 N m a tick: from 0, an action of 0.4 (0.8 N m) passes, one of 0.8 does not.
        var limits = new SafetyOptions { Joints = { ["pole/effort"] = new() { MaxCommandRate = 20 } } };
        var shield = new GateShield(
            PendulumRobot.RobotDescription,
            limits,
            PendulumRobot.RobotDescription.ControlPeriod,
            new PendulumTask()
        );
        using var gate = new AdmissionGate(FakeLearner.Spec, new ContinuousActionSpace(1), shield, Options);
        Fill(gate, new double[shield.ContextSize]);
        Assert.Equal(new(RefusalReason.None, 0, 0, false), gate.Judge(FakeLearner.Offer((float)Math.Atanh(0.4)), _learner));
        AdmissionVerdict shielded = gate.Judge(FakeLearner.Offer((float)Math.Atanh(0.8)), _learner);
        Assert.Equal((RefusalReason.Shielded, 1.0), (shielded.Reason, shielded.ShieldRate));
    }

    [Fact]
    public void Judge_RefusalsInARow_PutTheLearnerBackToTheLastAdmittedOrTheChampion()
    {
        using AdmissionGate gate = Filled();
        gate.Judge(FakeLearner.Offer(0.3f, 5), _learner);
        Assert.False(gate.Judge(FakeLearner.Offer(float.NaN), _learner).Reverted);
        Assert.False(gate.Judge(FakeLearner.Offer(float.NaN), _learner).Reverted);
        Assert.True(gate.Judge(FakeLearner.Offer(float.NaN), _learner).Reverted);
        Assert.Equal(5, _learner.Reverted!.Version);
        Episodes(gate, 5, 10);
        gate.Judge(FakeLearner.Offer(0.4f, 6), _learner);
        for (int i = 0; i < 3; i++)
        {
            gate.Judge(FakeLearner.Offer(float.NaN), _learner);
        }

        Assert.Equal((5L, 2L), (_learner.Reverted!.Version, gate.Reverts));
    }

    [Fact]
    public void Observe_ReturnsDrop_AsksForRollbackToTheChampion()
    {
        using AdmissionGate gate = Filled();
        gate.Judge(FakeLearner.Offer(0.3f, 5), _learner);
        Assert.Equal(RollbackReason.None, Episodes(gate, 4, 10));
        Assert.Equal((true, 10.0), (gate.Champion.Exists, gate.Champion.MeanReturn));
        gate.Judge(FakeLearner.Offer(0.5f, 6), _learner);
        Assert.Equal(RollbackReason.ReturnDrop, Episodes(gate, 4, 1));
        PolicyBlock acting = new(FakeLearner.Spec);
        Assert.True(gate.Rollback(_learner, acting));
        Assert.Equal((5L, 5L), (acting.Version, _learner.Reverted!.Version));
    }

    [Fact]
    public void Observe_FaultsAndTakeovers_AreNoEvaluation()
    {
        using AdmissionGate gate = Filled();
        gate.Judge(FakeLearner.Offer(0.3f, 5), _learner);
        Episodes(gate, 9, 10, EpisodeEnd.Fault);
        Episodes(gate, 9, 10, EpisodeEnd.Takeover);
        Assert.False(gate.Champion.Exists);
        Assert.False(gate.Rollback(_learner, new(FakeLearner.Spec)));
    }

    [Fact]
    public void Observe_UniformActions_AreNoEvaluation()
    {
        using AdmissionGate gate = Filled();
        PolicyBlock uniform = FakeLearner.Offer(0);
        uniform.UniformActions = true;
        gate.Judge(uniform, _learner);
        Episodes(gate, 9, 10);
        Assert.False(gate.Champion.Exists);
    }

    [Fact]
    public void Load_InTheMiddle_ContinuesBitForBit()
    {
        using AdmissionGate original = Filled(),
            restored = new(FakeLearner.Spec, new ContinuousActionSpace(1), null, Options);
        original.Judge(FakeLearner.Offer(0.3f, 5), _learner);
        Episodes(original, 6, 10);
        original.Judge(FakeLearner.Offer(float.NaN), _learner);
        var state = new MemoryState();
        original.Save(state);
        restored.Load(state);
        for (int i = 0; i < 30; i++)
        {
            PolicyBlock offer = FakeLearner.Offer(i % 7 == 0 ? float.NaN : 0.2f * i, i);
            Assert.Equal(original.Judge(offer, _learner), restored.Judge(offer, _learner));
            Assert.Equal(Episodes(original, 1, 10 - i), Episodes(restored, 1, 10 - i));
        }

        MemoryState first = new(),
            second = new();
        original.Save(first);
        restored.Save(second);
        Assert.Equal(first.Values, second.Values);
    }

    [Fact]
    public void Load_OtherSizes_IsRefused()
    {
        using AdmissionGate small = Filled(),
            big = new(FakeLearner.Spec, new ContinuousActionSpace(1), null, Options with { ProbeCapacity = 9 });
        var state = new MemoryState();
        small.Save(state);
        Assert.Throws<StateMismatchException>(() => big.Load(state));
    }

    [Fact]
    public void Judge_OverAndOver_AllocatesNothing()
    {
        using AdmissionGate gate = Filled();
        PolicyBlock offer = FakeLearner.Offer(0.3f),
            worse = FakeLearner.Offer(float.NaN);
        gate.Judge(offer, _learner);
        gate.Judge(worse, _learner);
        Episodes(gate, 2, 1);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            gate.Judge(offer, _learner);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Validate_EverythingWrong_SaysAllOfIt()
    {
        var options = new AdmissionOptions
        {
            ProbeCapacity = 0,
            ProbeStride = 0,
            MinProbes = 0,
            MaxActionDistance = 3,
            MaxValue = double.NaN,
            MaxShieldRate = -1,
            RefusalsToRevert = 0,
            Champion = new()
            {
                Episodes = 0,
                Significance = 1,
                GateWindow = 0,
                MaxGateRate = 0,
                RollbacksToReset = 0,
            },
        };
        string[] problems = [.. options.Validate("A")];
        Assert.Equal(12, problems.Length);
        Assert.Equal("A:ProbeCapacity is 0; allowed: 1 to 65536. Set it to a few hundred.", problems[0]);
        Assert.Empty(new AdmissionOptions().Validate("A"));
        Assert.Throws<ArgumentException>(() => new AdmissionGate(FakeLearner.Spec, new ContinuousActionSpace(1), null, options));
    }

    private static AdmissionGate Filled()
    {
        var gate = new AdmissionGate(FakeLearner.Spec, new ContinuousActionSpace(1), null, Options);
        Fill(gate, []);
        return gate;
    }

    private static void Fill(AdmissionGate gate, ReadOnlySpan<double> context)
    {
        for (int i = 0; i < 20; i++)
        {
            gate.Observe(new() { Observation = [i, 1f], End = i == 19 ? EpisodeEnd.Truncated : EpisodeEnd.None }, context, true, null);
        }
    }

    /// <summary>Episodes of two steps each.</summary>
    private static RollbackReason Episodes(AdmissionGate gate, int count, float totalReward, EpisodeEnd end = EpisodeEnd.Truncated)
    {
        RollbackReason last = RollbackReason.None;
        for (int i = 0; i < count; i++)
        {
            gate.Observe(new() { Observation = [1f, 1f], Reward = totalReward }, [], true, null);
            last = gate.Observe(
                new() { Observation = [0f, 1f], End = end },
                [],
                true,
                new EpisodeResult(0, 0, totalReward, 2, 0, end, 0, 0, true) { ByNewestPolicies = true }
            );
        }

        return last;
    }
}
