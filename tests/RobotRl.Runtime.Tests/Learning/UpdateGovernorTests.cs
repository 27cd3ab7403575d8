using RobotRl.Runtime.Learning;
using RobotRl.Runtime.Tests.Admission;

namespace RobotRl.Runtime.Tests.Learning;

public sealed class UpdateGovernorTests
{
    [Fact]
    public void Add_Fractions_Accumulate()
    {
        var governor = new UpdateGovernor(double.PositiveInfinity);
        Assert.Equal(double.NaN, governor.Achieved);
        int done = 0;
        for (int i = 0; i < 100; i++)
        {
            governor.Add(0.25);
            for (; governor.IsDue; done++)
            {
                governor.Done();
            }
        }

        Assert.Equal((25, 0.25, 0.0), (done, governor.Achieved, governor.GivenUp));
    }

    [Fact]
    public void Add_BeyondTheBacklog_IsGivenUpAndCounted()
    {
        var governor = new UpdateGovernor(8);
        for (int i = 0; i < 50; i++)
        {
            governor.Add(2);
        }

        Assert.Equal(92, governor.GivenUp);
        int done = 0;
        for (; governor.IsDue; done++)
        {
            governor.Done();
        }

        Assert.Equal((8, 8.0 / 50), (done, governor.Achieved));
    }

    [Fact]
    public void Add_Lockstep_GivesNothingUp()
    {
        var governor = new UpdateGovernor(double.PositiveInfinity);
        for (int i = 0; i < 10_000; i++)
        {
            governor.Add(3);
        }

        Assert.Equal(0, governor.GivenUp);
    }

    [Fact]
    public void Load_GoesOnWhereItWas()
    {
        UpdateGovernor saved = new(4),
            loaded = new(4);
        saved.Add(6.5);
        saved.Done();
        var state = new MemoryState();
        saved.Save(state);
        loaded.Load(state);
        Assert.Equal((saved.GivenUp, saved.Achieved), (loaded.GivenUp, loaded.Achieved));
        loaded.Done();
        loaded.Done();
        Assert.True(loaded.IsDue);
        loaded.Done();
        Assert.False(loaded.IsDue);
    }
}
