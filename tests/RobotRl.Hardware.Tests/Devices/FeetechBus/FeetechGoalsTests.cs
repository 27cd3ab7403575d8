using RobotRl.Hardware.Devices.FeetechBus;
using RobotRl.Hardware.Protocols.Feetech;
using RobotRl.Hardware.Timing;

namespace RobotRl.Hardware.Tests.Devices.FeetechBus;

/// <summary>The runtime's own hold: at connecting to servos under torque, and behind the guardian's.</summary>
public sealed class FeetechGoalsTests : IDisposable
{
    private readonly FaultyFeetechLine _line = new(3);
    private readonly FeetechLink _link;
    private readonly FeetechGoals _goals;

    public FeetechGoalsTests()
    {
        _link = new(_line.Near, _line.Time, TimeSpan.FromMilliseconds(8));
        FeetechJoint[] joints = [.. Enumerable.Range(1, 3).Select(id => new FeetechJoint($"joint{id}", new() { Id = id }, new()))];
        _goals = new(_link, joints, new(_line.Time));
        _link.TrySyncWrite(FeetechTable.TorqueEnable, [1, 2, 3], [1, 1, 0]);
        _link.TrySyncWrite(FeetechTable.GoalVelocity, [1, 2], [1956, 1956]);
        _link.TrySyncWrite(FeetechTable.GoalPosition, [1, 2], [3500, 500]);
        for (int i = 0; i < 100; i++)
        {
            _line.Wait(TimeSpan.FromMilliseconds(1));
        }

        _line.Goals.Clear();
    }

    public void Dispose() => _line.Dispose();

    [Fact]
    public void Hold_ServosUnderTorque_AreToldWhereTheyAre()
    {
        _goals.Hold();
        Assert.Equal([1, 2], _line.Goals.Select(g => (int)g.Id).Order());
        AssertGoalsAreTrue();
    }

    [Theory]
    [InlineData(20)]
    [InlineData(40)]
    public void Hold_LateAnswersToEarlierQuestions_NoneIsTakenForAPosition(int ms)
    {
        _line.FrozenUntil = _line.Time.GetUtcNow() + TimeSpan.FromMilliseconds(ms);
        _link.SyncRead(FeetechTable.TorqueLimit.Address, FeetechTable.TorqueLimit.Size, [1, 2, 3]);
        _goals.Hold();
        AssertGoalsAreTrue();
    }

    [Theory]
    [InlineData(12)]
    [InlineData(30)]
    public void Hold_AnswersHeldBack_SendsNoGoal(int ms)
    {
        _line.Held = TimeSpan.FromMilliseconds(ms);
        _goals.Hold();
        Assert.Empty(_line.Goals);
    }

    /// <summary>One reading proves nothing: it may be an answer to something else. Two that agree do.</summary>
    [Fact]
    public void Hold_ServosAnswerOnceOnly_SendsNoGoal()
    {
        Action pass = _line.Near.Written!;
        int requests = 0;
        _line.Near.Written = () =>
        {
            pass();
            if (++requests == 1)
            {
                _line.Bus.Faults.SetDead(1, true);
                _line.Bus.Faults.SetDead(2, true);
                _line.Bus.Faults.SetDead(3, true);
            }
        };
        _goals.Hold();
        Assert.True(requests > 1);
        Assert.Empty(_line.Goals);
    }

    private void AssertGoalsAreTrue() =>
        Assert.All(_line.Goals, g =>
            Assert.True(Math.Abs(g.Goal - g.Position) <= 20, $"servo {g.Id} at tick {g.Position} is told {g.Goal}")
        );
}
