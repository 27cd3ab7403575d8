using Microsoft.Extensions.Time.Testing;
using RobotRl.Hardware.Devices;
using RobotRl.Hardware.Devices.DynamixelBus;
using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Protocols.Dynamixel;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Tests.Devices.DynamixelBus;

/// <summary>
/// A bus of emulated servos behind a link in memory, on a fake clock; the emulator answers within the device's own writes.
/// </summary>
internal sealed class DynamixelRig : IDisposable
{
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    private readonly MemoryTransport _near,
        _far;

    public DynamixelRig(
        DynamixelBusOptions? options = null,
        int servos = 3,
        DynamixelModel? model = null,
        Func<ITransport, FakeTimeProvider, ITransport>? between = null,
        EmulatedLoad? load = null
    )
    {
        (_near, _far) = MemoryTransport.CreatePair("bus", Wait);
        Emulator = new(_far, servos, model ?? DynamixelModel.Xl330M288, Clock, load);
        _far.Open();
        _near.Written = Answer;
        Options = options ?? Of(servos);
        Device = new(Options, between?.Invoke(_near, Clock) ?? _near, Clock);
        Driver = new(Device, Options.Driver, Clock, ownThread: false);
        State = new double[Device.Description.States.Length];
    }

    public FakeTimeProvider Clock { get; } = new();

    public DynamixelBusEmulator Emulator { get; }

    public DynamixelBusOptions Options { get; }

    public DynamixelBusDevice Device { get; }

    public DeviceDriver Driver { get; }

    public double[] State { get; }

    /// <summary>Bytes that the emulator allocated within the device's writes: none of the device's own.</summary>
    public long EmulatorAllocated { get; private set; }

    /// <summary>The device's end of the link.</summary>
    public MemoryTransport Link => _near;

    /// <summary>Joints j1, j2, ... with ids 1, 2, ...</summary>
    public static DynamixelBusOptions Of(int servos, Action<DynamixelServoOptions>? change = null)
    {
        var options = new DynamixelBusOptions { ControlPeriod = Period };
        for (int id = 1; id <= servos; id++)
        {
            var servo = new DynamixelServoOptions { Id = id };
            change?.Invoke(servo);
            options.Servos[$"j{id}"] = servo;
        }

        return options;
    }

    /// <summary>A register of an emulated servo, past the bus.</summary>
    public int Register(byte id, DynamixelRegister register)
    {
        Span<byte> bytes = stackalloc byte[register.Size];
        Emulator.Servo(id).Read(register.Address, bytes);
        return register.Decode(bytes);
    }

    /// <summary>Sets a register of an emulated servo, past the bus; false if the servo refuses.</summary>
    public bool Set(byte id, DynamixelRegister register, int value)
    {
        Span<byte> bytes = stackalloc byte[register.Size];
        register.Encode(value, bytes);
        return Emulator.Servo(id).Write(register.Address, bytes) == DynamixelError.None;
    }

    public void Power()
    {
        Driver.Open();
        Driver.PowerOn();
    }

    public void Pass(int periods, double[]? command = null)
    {
        for (int i = 0; i < periods; i++)
        {
            if (command is not null)
            {
                Driver.Write(command);
            }

            Clock.Advance(Period);
            Emulator.Serve(TimeSpan.Zero);
            Driver.Serve();
        }
    }

    /// <summary>Mends the link and opens the emulator's end again.</summary>
    public void Mend()
    {
        _near.Mend();
        _far.Close();
        _far.Open();
    }

    public void Dispose()
    {
        Driver.Dispose();
        Emulator.Dispose();
    }

    private void Answer()
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Emulator.Serve(TimeSpan.Zero);
        EmulatorAllocated += GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private void Wait(TimeSpan time)
    {
        Clock.Advance(time);
        Emulator.Serve(TimeSpan.Zero);
    }
}
