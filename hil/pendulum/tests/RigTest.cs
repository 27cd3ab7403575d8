using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices;
using RobotRl.Hardware.Devices.Mcu;

namespace RobotRl.Hil.Pendulum.Tests;

/// <summary>A test on an emulated rig of its own; skipped where the scenarios run on a real port, which cannot be told to fail.</summary>
public abstract class RigTest : IDisposable
{
    /// <summary>For things that take some control periods on an idle machine.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly List<IDisposable> _owned = [];

    protected RigTest()
    {
        if (RealPortStops.Port is not null)
        {
            Assert.Skip($"Needs the emulated rig: faults, and the plant's own state. {RealPortStops.PortVariable} is set.");
        }

        Rig = PendulumRig.Start();
    }

    protected PendulumRig Rig { get; }

    public void Dispose()
    {
        _owned.ForEach(o => o.Dispose());
        Rig?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A device on this rig, connected; closed when the test ends.</summary>
    protected McuDevice Connect(McuOptions? options = null)
    {
        McuDevice device = Own(McuDevice.Create(options ?? Options(), TimeProvider.System));
        device.Connect();
        return device;
    }

    /// <summary>A robot on this rig, Readable.</summary>
    protected DeviceDriver Open()
    {
        DeviceDriver robot = Own(McuDevice.CreateRobot(Options(), TimeProvider.System));
        robot.Open();
        return robot;
    }

    /// <summary>The rig's options, with a command timeout that a busy machine does not run into.</summary>
    protected McuOptions Options() =>
        Rig.McuOptions with
        {
            CommandTimeout = TimeSpan.FromMilliseconds(400),
            ReplyTimeout = TimeSpan.FromMilliseconds(15),
        };

    protected T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    /// <summary>Exchanges until <paramref name="condition"/> holds.</summary>
    protected static void Exchange(McuDevice device, double[] command, double[] state, Func<DeviceReading, bool> condition) =>
        Assert.True(Waiting.Until(() => condition(device.Exchange(command, state)), Patience), $"Not within {Patience.TotalSeconds} s.");

    protected static bool IsOk(DeviceReading reading) => reading.Status == IoStatus.Ok;
}
