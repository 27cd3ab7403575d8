using RobotRl.Hardware.Devices.FeetechBus;

namespace RobotRl.Hardware.Tests.Devices.FeetechBus;

public sealed class FeetechBusOptionsTests
{
    [Fact]
    public void Validate_OneServo_IsAllItNeeds() => Assert.Empty(new FeetechBusOptions { Servos = { ["pan"] = new() } }.Validate("F"));

    [Fact]
    public void Validate_Defaults_AsksForServos() =>
        Assert.Equal(
            "F:Servos names 0 servos; allowed: 1 to 253. Name each joint with its id, such as \"Servos\": { \"elbow\": { \"Id\": 3 } }.",
            Assert.Single(new FeetechBusOptions().Validate("F"))
        );

    [Fact]
    public void Validate_EverythingWrong_SaysEachInOneSentence()
    {
        var options = new FeetechBusOptions
        {
            ControlPeriod = TimeSpan.FromMilliseconds(20),
            ReplyTimeout = TimeSpan.FromMilliseconds(20),
            LetDown = TimeSpan.FromSeconds(11),
            Servos =
            {
                ["a"] = new() { Id = 254, MaxVelocity = double.NaN },
                ["b/c"] = new()
                {
                    Id = 2,
                    Acceleration = 40,
                    TorqueLimit = 1.1,
                },
                ["d"] = new() { Id = 2 },
                ["e"] = null!,
            },
            Guardian = new() { HeartbeatTimeout = TimeSpan.FromMilliseconds(39), LoweredTorque = double.NaN },
        };
        Assert.Equal(
            [
                "F:ReplyTimeout is 00:00:00.0200000; allowed: above 00:00:00, below the control period (00:00:00.0200000). "
                    + "Remove it for 40% of the period.",
                "F:LetDown is 00:00:11; allowed: 00:00:00 (at once) to 00:00:10. Set about 00:00:02.",
                "F:Servos:a:Id is 254; allowed: 0 to 253. Set the id of the servo.",
                "F:Servos:a:MaxVelocity is NaN rad/s; allowed: above 0, up to 12.27. Set it below the no-load speed of the servo.",
                "F:Servos:b/c is no name of a joint; allowed: any text without \"/\". Rename it.",
                "F:Servos:b/c:Acceleration is 40 rad/s^2; allowed: 0 to 39.12. Set 0 for as fast as it can.",
                "F:Servos:b/c:TorqueLimit is 1.1; allowed: above 0, up to 1. Set 1 for all that the servo has.",
                "F:Servos:e is null; allowed: a servo such as { \"Id\": 3 }. Fill it in or remove it.",
                "F:Servos: b/c and d have the same Id 2; allowed: one servo each. Correct the ids.",
                "F:Guardian:HeartbeatTimeout is 00:00:00.0390000; allowed: two control periods (00:00:00.0400000) to "
                    + "00:00:10. Set it to about five control periods.",
                "F:Guardian:LoweredTorque is NaN; allowed: 0 to 1. Set what holds the arm and no more.",
            ],
            options.Validate("F")
        );
    }
}
