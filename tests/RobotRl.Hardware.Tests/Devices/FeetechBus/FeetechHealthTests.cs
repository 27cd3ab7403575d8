using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices;
using RobotRl.Hardware.Devices.FeetechBus;
using RobotRl.Hardware.Protocols.Feetech;

namespace RobotRl.Hardware.Tests.Devices.FeetechBus;

/// <summary>What another master changes is noticed while the robot runs.</summary>
public sealed class FeetechHealthTests
{
    public static TheoryData<int, int, int, string> Changes =>
        new()
        {
            { 1, FeetechTable.TorqueEnable.Address, 0, "servo 1 (shoulder) has 0 in register 40 (torque enable), 1 was set" },
            { 3, FeetechTable.TorqueEnable.Address, 0, "servo 3 (wheel) has 0 in register 40 (torque enable), 1 was set" },
            { 2, FeetechTable.TorqueLimit.Address, 100, "servo 2 (elbow) has 100 in register 48 (torque limit), 1000 was set" },
            { 2, FeetechTable.Acceleration.Address, 5, "servo 2 (elbow) has 5 in register 41 (acceleration), 0 was set" },
            { 1, FeetechTable.GoalVelocity.Address, 50, "servo 1 (shoulder) has 50 in register 46 (speed limit), 1956 was set" },
        };

    [Theory]
    [MemberData(nameof(Changes))]
    public void Exchange_AnotherMasterWritesARegister_IsAFaultThatNamesServoRegisterAndValue(
        int id,
        int address,
        int value,
        string expected
    )
    {
        using FeetechRig rig = new FeetechRig().PoweredOn();
        Cycle(rig, 20);
        Assert.Null(rig.Device.Fault);
        Write(rig, id, address, value);
        int cycles = 0;
        for (; rig.Device.Fault is null && cycles < 50; cycles++)
        {
            rig.Cycle(0, 0, 1);
        }

        Assert.Contains(expected, rig.Device.Fault, StringComparison.Ordinal);

        // Three servos, each looked at once in 20 ms, and once more to be sure.
        Assert.InRange(cycles, 2, 4);
    }

    [Fact]
    public void Exchange_NobodyWrites_NothingIsFoundHoweverBadTheLine()
    {
        using FeetechRig rig = new FeetechRig().PoweredOn();
        (rig.Bus.Faults.LostReplies, rig.Bus.Faults.CorruptedReplies) = (0.02, 0.05);
        Cycle(rig, 5000);
        Assert.Null(rig.Device.Fault);
    }

    [Fact]
    public void Exchange_PowerOffNotConfirmedYet_TorqueThatIsGoneIsNoFault()
    {
        using FeetechRig rig = new FeetechRig().PoweredOn();
        Cycle(rig, 5);
        rig.Bus.Faults.SetDead(1, true);
        Assert.False(rig.Device.PowerOff());
        rig.Bus.Faults.SetDead(1, false);
        Cycle(rig, 20);
        Assert.Null(rig.Device.Fault);
    }

    [Fact]
    public void ClearFault_AfterAnotherMaster_PowerOnSetsTheRegistersAgain()
    {
        using FeetechRig rig = new FeetechRig().PoweredOn();
        Write(rig, 2, FeetechTable.TorqueLimit.Address, 100);
        Cycle(rig, 20);
        Assert.NotNull(rig.Device.Fault);
        Assert.True(rig.Device.PowerOff());
        rig.Device.ClearFault();
        rig.Cycle();
        rig.Device.PowerOn(rig.State);
        Cycle(rig, 20);
        Assert.Null(rig.Device.Fault);
    }

    [Fact]
    public void Read_AnotherMasterSwitchedTorqueOff_TheDriverReportsADeviceFault()
    {
        using var rig = new FeetechRig();
        using var driver = new DeviceDriver(rig.Device, new(), rig.Time, ownThread: false);
        driver.Open();
        driver.PowerOn();
        Write(rig, 1, FeetechTable.TorqueEnable.Address, 0);
        for (int i = 0; i < 10; i++)
        {
            rig.Time.Advance(TimeSpan.FromMilliseconds(20));
            driver.Write([0, 0, 0]);
            driver.Serve();
        }

        Assert.Equal(IoStatus.DeviceFault, driver.Read(rig.State).Status);
        driver.RequestStop(StopLevel.ControlledStop, "device fault");
        driver.Serve();
        Assert.NotEqual(DeviceState.Powered, driver.State);
        Assert.Contains("register 40", driver.FaultReason, StringComparison.Ordinal);
    }

    private static void Cycle(FeetechRig rig, int count)
    {
        for (int i = 0; i < count; i++)
        {
            rig.Cycle(0, 0, 1);
        }
    }

    /// <summary>As another program on the bus does.</summary>
    private static void Write(FeetechRig rig, int id, int address, int value)
    {
        FeetechRegister register = new((byte)address, (byte)(address is 40 or 41 ? 1 : 2));
        Assert.True(new FeetechLink(rig.Near, rig.Time, TimeSpan.FromMilliseconds(5)).TryWrite((byte)id, register, value));
    }
}
