using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices;

namespace RobotRl.Hardware.Tests.Devices;

/// <summary>A driver over a loopback device on a fake clock, served by hand.</summary>
internal sealed class DriverRig : IDisposable
{
    public DriverRig(
        bool damping = true,
        DriverOptions? options = null,
        InterfaceKind wrist = InterfaceKind.Effort,
        bool velocities = true,
        bool positions = true
    )
    {
        Device = new(Clock, damping, wrist, velocities, positions);
        Driver = new(Device, options ?? new DriverOptions(), Clock, ownThread: false);
        State = new double[Device.Description.States.Length];
    }

    public FakeTimeProvider Clock { get; } = new();

    public LoopbackDevice Device { get; }

    public DeviceDriver Driver { get; }

    public double[] State { get; }

    public TimeSpan Period => Device.Description.ControlPeriod;

    /// <summary>Open and powered.</summary>
    public void Power()
    {
        Driver.Open();
        Driver.PowerOn();
    }

    /// <summary>Lets <paramref name="periods"/> pass, at most one at a time.</summary>
    public void Pass(double periods)
    {
        for (double left = periods; left > 0; left--)
        {
            Clock.Advance(Period * Math.Min(1, left));
            Driver.Serve();
        }
    }

    /// <summary>Lets time pass until <paramref name="condition"/> holds, giving the reconnection's continuations a chance to run.</summary>
    public async Task Until(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30), "never");
            Pass(1);
            await Task.Yield();
        }
    }

    public void Dispose() => Driver.Dispose();
}
