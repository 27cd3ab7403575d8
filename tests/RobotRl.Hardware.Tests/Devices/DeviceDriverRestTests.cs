using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Tests.Devices;

/// <summary>A stop is confirmed by what the robot reads back, and by nothing else.</summary>
public sealed class DeviceDriverRestTests
{
    [Fact]
    public void RequestStop_HoldWithoutVelocities_IsConfirmedOnceThePositionsStay()
    {
        using var rig = new DriverRig(velocities: false);
        rig.Power();
        rig.Driver.Write([0, 0, 0]);
        rig.Device.Pushed = 0.01;
        rig.Pass(3);
        rig.Driver.RequestStop(StopLevel.Hold, "test");
        rig.Pass(60);
        Assert.False(rig.Driver.Stop.Confirmed);

        // It stays from now on: 100 ms of it are evidence.
        rig.Device.Pushed = 0;
        rig.Pass(9);
        Assert.False(rig.Driver.Stop.Confirmed);
        rig.Pass(2);
        Assert.Equal((StopLevel.Hold, true, DeviceState.Powered), (rig.Driver.Stop.Requested, rig.Driver.Stop.Confirmed, rig.Driver.State));
    }

    [Fact]
    public void RequestStop_HoldWithoutVelocities_WhatWasSeenBeforeTheStopIsNoEvidence()
    {
        using var rig = new DriverRig(velocities: false);
        rig.Power();
        for (int i = 0; i < 20; i++)
        {
            rig.Driver.Write([0, 0, 0]);
            rig.Pass(1);
        }

        rig.Driver.RequestStop(StopLevel.Hold, "test");
        rig.Pass(3);
        Assert.False(rig.Driver.Stop.Confirmed);
        rig.Pass(10);
        Assert.True(rig.Driver.Stop.Confirmed);
    }

    [Fact]
    public void RequestStop_HoldWithoutAnyReading_IsNeverConfirmed()
    {
        using var rig = new DriverRig(velocities: false, positions: false);
        rig.Power();
        rig.Driver.RequestStop(StopLevel.Hold, "test");
        rig.Pass(300);
        Assert.Equal((StopLevel.Hold, false), (rig.Driver.Stop.Requested, rig.Driver.Stop.Confirmed));
    }

    [Theory]
    [InlineData(true, 12)]
    [InlineData(false, 201)]
    public void RequestStop_ControlledStopWithoutVelocities_RemovesPowerAtRestOrAfterTheTimeout(bool positions, int cycles)
    {
        using var rig = new DriverRig(velocities: false, positions: positions);
        rig.Power();
        rig.Driver.RequestStop(StopLevel.ControlledStop, "test");
        rig.Pass(cycles - 4);
        Assert.True(rig.Device.Powered);
        rig.Pass(6);
        Assert.Equal((false, true), (rig.Device.Powered, rig.Driver.Stop.Confirmed));
    }
}
