using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Transports;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Configuration;
using RobotRl.Sim;

namespace RobotRl.Runtime.Tests.Composition;

public sealed class RobotCatalogueTests
{
    private readonly RobotCatalogue _robots = new();

    [Fact]
    public void Create_RobotFromOptions_IsGivenItsSection()
    {
        RobotOptions? given = null;
        _robots.Add("arm", options =>
        {
            given = options;
            return SimulatedRobots.Create("pendulum");
        });
        var options = new RobotOptions { Name = "arm" };
        using IRobot robot = _robots.Create(options);
        Assert.Same(options, given);
        Assert.Equal(DeviceState.Closed, robot.State);
    }

    [Fact]
    public void Create_NewestOfAName_Holds()
    {
        _robots.Add("arm", () => SimulatedRobots.Create("pendulum"));
        _robots.Add("arm", () => SimulatedRobots.Create("cart-pole"));
        using IRobot robot = _robots.Create(new RobotOptions { Name = "arm" });
        Assert.Equal("cart-pole", robot.Description.Name);
    }

    [Fact]
    public void Create_DeviceThatCannotBeMade_IsBadInput()
    {
        _robots.Add("arm", () => throw new RobotException("arm", "Robot arm: two servos have id 1."));
        _robots.Add("leg", () => throw new TransportException("/dev/ttyUSB7", "/dev/ttyUSB7: there is no such port."));
        Assert.Equal(
            "Robot arm: two servos have id 1.",
            Assert.Throws<BadInputException>(() => _robots.Create(new RobotOptions { Name = "arm" })).Message
        );
        Assert.Equal(
            "/dev/ttyUSB7: there is no such port.",
            Assert.Throws<BadInputException>(() => _robots.Create(new RobotOptions { Name = "leg" })).Message
        );
    }
}
