using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Spaces;

namespace RobotRl.Algorithms.Tests.ActorCritic;

public sealed class StreamActorCriticOptionsTests
{
    [Fact]
    public void Validate_SeveralSettingsOutOfRange_NamesThemAllWithTheirRanges()
    {
        var options = new StreamActorCriticOptions
        {
            HiddenWidth = 0,
            Discount = 1.5,
            TraceDecay = double.NaN,
        };
        Assert.Empty(new StreamActorCriticOptions().Validate("L"));
        string[] problems = [.. options.Validate("Learner:StreamActorCritic")];
        Assert.Equal(3, problems.Length);
        Assert.Equal(
            "Learner:StreamActorCritic:HiddenWidth is 0; allowed: 1 to 4096. Set it to the number of units per hidden layer, such as 128.",
            problems[0]
        );
        Assert.StartsWith("Learner:StreamActorCritic:TraceDecay is NaN; allowed: 0 to 1.", problems[2], StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new StreamActorCriticLearner(3, new DiscreteActionSpace(2), options, 0));
    }
}
