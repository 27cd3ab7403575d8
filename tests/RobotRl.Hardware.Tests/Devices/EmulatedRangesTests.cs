using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Protocols.Dynamixel;
using RobotRl.Hardware.Tests.Devices.DynamixelBus;
using RobotRl.Hardware.Tests.Devices.FeetechBus;

namespace RobotRl.Hardware.Tests.Devices;

/// <summary>Emulated servos work within what the drivers' descriptions allow.</summary>
public sealed class EmulatedRangesTests
{
    [Theory]
    [InlineData("xl330-m077")]
    [InlineData("xl330-m288")]
    [InlineData("xl430-w250")]
    public void Read_EmulatedDynamixel_IsWithinTheAllowedRanges(string model)
    {
        using var rig = new DynamixelRig(DynamixelRig.Of(1, s => s.Model = model), 1, DynamixelModel.Find(model));
        rig.Driver.Open();
        rig.Pass(1);
        Assert.Equal(IoStatus.Ok, rig.Driver.Read(rig.State).Status);
        AssertWithin(rig.Device.Description, rig.State, 2);
    }

    [Fact]
    public void Exchange_EmulatedFeetech_IsWithinTheAllowedRanges()
    {
        using FeetechRig rig = new FeetechRig().PoweredOn();
        Assert.Equal(IoStatus.Ok, rig.Cycle().Status);
        AssertWithin(rig.Device.Description, rig.State, 6);
    }

    private static void AssertWithin(RobotDescription robot, double[] state, int watched)
    {
        for (int i = 0; i < state.Length; i++)
        {
            StateInterface of = robot.States[i];
            watched -= of.AllowedMinimum is null && of.AllowedMaximum is null ? 0 : 1;
            Assert.InRange(state[i], of.AllowedMinimum ?? double.NegativeInfinity, of.AllowedMaximum ?? double.PositiveInfinity);
        }

        Assert.Equal(0, watched);
    }
}
