using RobotRl.Algorithms.Sac;

namespace RobotRl.Algorithms.Tests.Sac;

public sealed class SacOptionsTests
{
    [Fact]
    public void Validate_Defaults_FindsNothing() => Assert.Empty(new SacOptions().Validate("Learner:Sac"));

    [Fact]
    public void Validate_SeveralWrong_NamesEveryKeyValueAndRange()
    {
        string[] problems =
        [
            .. new SacOptions
            {
                BatchSize = 0,
                Discount = double.NaN,
                LearningStarts = 20,
                ReplayCapacity = 10,
            }.Validate("Learner:Sac"),
        ];
        Assert.Equal(
            [
                "Learner:Sac:BatchSize is 0; allowed: 1 to 65536. Set it to a positive number, such as 256.",
                "Learner:Sac:Discount is NaN; allowed: 0 to 1. Set it to a number such as 0.99.",
                "Learner:Sac:LearningStarts is 20, more than Learner:Sac:ReplayCapacity holds (10); allowed: up to the "
                    + "capacity. Lower the one or raise the other.",
            ],
            problems
        );
    }
}
