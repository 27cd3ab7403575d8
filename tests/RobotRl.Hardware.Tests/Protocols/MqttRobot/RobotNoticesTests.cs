using System.Text;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Protocols.MqttRobot;

namespace RobotRl.Hardware.Tests.Protocols.MqttRobot;

public sealed class RobotNoticesTests
{
    private static readonly RobotDescription Arm = new(
        "arm",
        [
            new("elbow/position", InterfaceKind.Position, "rad", double.NegativeInfinity, 2.6),
            new("elbow/velocity", InterfaceKind.Velocity, "rad/s", -8, 8),
            new("elbow/temperature", InterfaceKind.Temperature, "degC", 0, 150) { AllowedMaximum = 70 },
        ],
        [
            new("elbow/position", InterfaceKind.Position, "rad", -1, 2.5, 0)
            {
                PositionState = "elbow/position",
                VelocityState = "elbow/velocity",
            },
        ],
        TimeSpan.FromMilliseconds(5)
    );

    [Fact]
    public void TryRead_EncodedBirth_IsTheSame()
    {
        Assert.Null(RobotNotices.TryRead(RobotNotices.Encode(new RobotBirth(0xfedcba9876543210, Arm)), out RobotBirth? birth));
        Assert.Equal(0xfedcba9876543210, birth!.Instance);
        Assert.Empty(DescriptionDifferences.Between(Arm, birth.Description));
        Assert.Equal(
            (Arm.Name, Arm.ControlPeriod, Arm.HasDamping),
            (birth.Description.Name, birth.Description.ControlPeriod, birth.Description.HasDamping)
        );
    }

    [Fact]
    public void TryRead_EncodedDeath_IsTheSame()
    {
        Assert.Null(RobotNotices.TryRead(RobotNotices.Encode(new RobotDeath(7, "connection lost")), out RobotDeath? death));
        Assert.Equal(new RobotDeath(7, "connection lost"), death);
    }

    [Fact]
    public void TryRead_DescriptionFileOrSavedBirth_GivesTheDescription()
    {
        foreach (
            string text in new[]
            {
                RobotNotices.WriteDescription(Arm),
                Encoding.UTF8.GetString(RobotNotices.Encode(new RobotBirth(1, Arm))),
            }
        )
        {
            Assert.Null(RobotNotices.TryRead(text, out RobotDescription? description));
            Assert.Empty(DescriptionDifferences.Between(Arm, description!));
        }
    }

    [Theory]
    [InlineData("", "no description in JSON")]
    [InlineData("{}", "lacks the robot's name")]
    [InlineData("""{"name":"a","rate":3}""", "no description in JSON")]
    [InlineData("""{"name":"a","periodMs":0,"states":[{"name":"p","unit":"rad"}],"commands":[{"name":"p","unit":"rad"}]}""", "periodMs")]
    [InlineData(
        """{"name":"a","periodMs":5,"states":[{"name":"p","unit":"rad"}],"commands":[{"name":"p","unit":"rad"}]}""",
        "positionState"
    )]
    [InlineData(
        """{"name":"a","periodMs":5,"states":[{"name":"p","unit":"rad"}],"commands":[{"name":"p","unit":"rad","positionState":"q"}]}""",
        "which there is not"
    )]
    [InlineData(
        """{"name":"a","periodMs":5,"states":[{"name":"p","unit":"rad","minimum":2,"maximum":1}],"commands":[{"name":"p","unit":"rad"}]}""",
        "interface \"p\""
    )]
    [InlineData(
        """{"name":"a","periodMs":5,"states":[{"name":"p","unit":"V","kind":"voltage"}],"commands":[{"name":"p","unit":"V","kind":"voltage"}]}""",
        "neither position"
    )]
    public void TryRead_BadDescription_SaysWhat(string text, string reason)
    {
        Assert.Contains(reason, RobotNotices.TryRead(text, out RobotDescription? description), StringComparison.Ordinal);
        Assert.Null(description);
    }

    [Theory]
    [InlineData("21.5", "no birth in JSON")]
    [InlineData("""{"format":3,"kind":"birth"}""", "version is 3, ours 1")]
    [InlineData("""{"format":1,"kind":"death"}""", "expected \"birth\"")]
    [InlineData("""{"format":1,"kind":"birth","instance":"0"}""", "instance")]
    public void TryRead_NoBirth_SaysWhy(string text, string reason)
    {
        Assert.Contains(reason, RobotNotices.TryRead(Encoding.UTF8.GetBytes(text), out RobotBirth? birth), StringComparison.Ordinal);
        Assert.Null(birth);
    }

    [Fact]
    public void Between_OtherInterfaces_NamesEachDifference()
    {
        RobotDescription other = Arm with
        {
            ControlPeriod = TimeSpan.FromMilliseconds(10),
            States =
            [
                Arm.States[0] with
                {
                    Unit = "deg",
                },
                new("wrist/velocity", InterfaceKind.Velocity, "rad/s", -8, 8),
                Arm.States[2] with
                {
                    AllowedMaximum = 80,
                },
            ],
            Commands = [Arm.Commands[0] with { Maximum = 3 }],
        };
        Assert.Equal(
            [
                "control period is 10 ms, described as 5 ms",
                "state elbow/velocity is described, but the robot has none of that name",
                "state wrist/velocity is the robot's, but not described",
                "state elbow/position: unit is deg, described as rad",
                "state elbow/temperature: allowed maximum is 80, described as 70",
                "command elbow/position: maximum is 3, described as 2.5",
            ],
            DescriptionDifferences.Between(Arm, other)
        );
    }

    [Fact]
    public void Between_OtherOrder_IsADifference() =>
        Assert.Equal(
            ["the states come in another order"],
            DescriptionDifferences.Between(Arm, Arm with { States = [Arm.States[1], Arm.States[0], Arm.States[2]] })
        );

    [Theory]
    [InlineData("", StopLevel.PowerOff, "emergency stop over MQTT")]
    [InlineData("now!", StopLevel.PowerOff, "could not be read")]
    [InlineData("{\"level\":7}", StopLevel.PowerOff, "could not be read")]
    [InlineData("{\"level\":\"gently\"}", StopLevel.PowerOff, "emergency stop over MQTT")]
    [InlineData("{\"level\":\"controlledStop\",\"reason\":\"hand in the cell\"}", StopLevel.ControlledStop, "hand in the cell")]
    public void Read_AnyPayload_Stops(string payload, StopLevel level, string reason)
    {
        StopOrder order = StopOrder.Read(Encoding.UTF8.GetBytes(payload));
        Assert.Equal(level, order.Level);
        Assert.Contains(reason, order.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("#")]
    [InlineData("+")]
    public void RobotTopics_NameNotPossible_Throws(string name) => Assert.Throws<ArgumentException>(() => new RobotTopics(name));
}
