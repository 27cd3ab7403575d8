using RobotRl.Hardware.Contracts;

namespace RobotRl.Runtime.Tests.Composition;

/// <summary>The hardware of a user: an <see cref="IRobot"/> that says nothing of itself, rests, and keeps what is done to it.</summary>
internal class RecordingRobot(RecordingRobot.Record record) : IRobot
{
    private DeviceState _device;

    public static RobotDescription Interfaces { get; } =
        new(
            "users-cart",
            [
                new StateInterface("cart/position", InterfaceKind.Position, "m", -1, 1),
                new StateInterface("cart/velocity", InterfaceKind.Velocity, "m/s", -5, 5),
            ],
            [
                new CommandInterface("cart/effort", InterfaceKind.Effort, "N", -4, 4, 0)
                {
                    PositionState = "cart/position",
                    VelocityState = "cart/velocity",
                },
            ],
            TimeSpan.FromMilliseconds(5)
        );

    public RobotDescription Description => Interfaces;

    public DeviceState State => _device;

    public string? FaultReason => null;

    public StopStatus Stop { get; private set; }

    public void Open() => _device = _device == DeviceState.Closed ? DeviceState.Readable : _device;

    public void PowerOn()
    {
        Interlocked.Increment(ref record.PowerOns);
        _device = DeviceState.Powered;
    }

    public void PowerOff() => _device = DeviceState.Readable;

    public void Close() => _device = DeviceState.Closed;

    public void ClearFault()
    {
        Stop = default;
        _device = _device == DeviceState.Faulted ? DeviceState.Readable : _device;
    }

    public ReadResult Read(Span<double> state)
    {
        state.Clear();
        int reads = Interlocked.Increment(ref record.Reads);
        if (reads == Record.EnoughReads)
        {
            record.ReadEnough.Set();
        }

        return new(IoStatus.Ok, reads * Interfaces.ControlPeriod, TimeSpan.Zero, TimeSpan.Zero);
    }

    public WriteResult Write(ReadOnlySpan<double> command)
    {
        if (Interlocked.Increment(ref record.Writes) == 1)
        {
            record.Written.Set();
        }

        return new(_device == DeviceState.Powered ? IoStatus.Ok : IoStatus.WrongState, TimeSpan.Zero);
    }

    public void RequestStop(StopLevel level, string reason)
    {
        Stop = new(level, true, TimeSpan.Zero);
        _device = level >= StopLevel.ControlledStop && _device != DeviceState.Closed ? DeviceState.Faulted : _device;
    }

    public void Dispose() => Close();

    /// <summary>What was done to all robots that one program made.</summary>
    internal sealed class Record : IDisposable
    {
        /// <summary>Reads by which a loop that arms itself has done so.</summary>
        public const int EnoughReads = 60;

        public int PowerOns,
            Reads,
            Writes,
            Steps;

        public ManualResetEventSlim ReadEnough { get; } = new();

        public ManualResetEventSlim Written { get; } = new();

        public void Dispose()
        {
            ReadEnough.Dispose();
            Written.Dispose();
        }
    }
}
