using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Tests.Devices.MqttRobot;

/// <summary>A joint in memory that remembers what was done to it; its position is the count of readings.</summary>
internal sealed class StubRobot(TimeSpan period) : IRobot
{
    private readonly Lock _gate = new();
    private readonly List<double> _written = [];
    private DeviceState _state;
    private StopLevel _stop;
    private string? _reason;
    private long _readings;

    public RobotDescription Description { get; init; } =
        new(
            "stub",
            [new("arm/position", InterfaceKind.Position, "rad", double.NegativeInfinity, double.PositiveInfinity)],
            [new("arm/effort", InterfaceKind.Effort, "N m", -2, 2, 0) { PositionState = "arm/position" }],
            period
        )
        {
            HasDamping = true,
        };

    public DeviceState State => _state;

    public string? FaultReason => _state == DeviceState.Faulted ? _reason : null;

    public StopStatus Stop => new(_stop, _stop != StopLevel.None && !IsDeaf, TimeSpan.Zero);

    /// <summary>Whether what is behind it no longer answers: nothing is read back.</summary>
    public bool IsDeaf { get; set; }

    public string? RefusesPower { get; set; }

    /// <summary>What happens while it is being powered.</summary>
    public Action? Powering { get; set; }

    public double[] Written
    {
        get
        {
            lock (_gate)
            {
                return [.. _written];
            }
        }
    }

    public void Open() => _state = _state == DeviceState.Closed ? DeviceState.Readable : _state;

    public void PowerOn()
    {
        if (RefusesPower is { } why || _state is not (DeviceState.Readable or DeviceState.Powered))
        {
            throw new RobotException("stub", RefusesPower ?? $"Stub is {_state}.");
        }

        Powering?.Invoke();
        _state = DeviceState.Powered;
    }

    public void PowerOff() => _state = _state == DeviceState.Powered ? DeviceState.Readable : _state;

    public void Close() => _state = DeviceState.Closed;

    public void ClearFault()
    {
        if (_state == DeviceState.Faulted)
        {
            (_state, _stop, _reason) = (DeviceState.Readable, StopLevel.None, null);
        }
    }

    public ReadResult Read(Span<double> state)
    {
        state[0] = ++_readings;
        return new(IoStatus.Ok, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);
    }

    public WriteResult Write(ReadOnlySpan<double> command)
    {
        if (_state != DeviceState.Powered)
        {
            return new(IoStatus.WrongState, TimeSpan.Zero);
        }

        lock (_gate)
        {
            _written.Add(command[0]);
        }

        return new(IoStatus.Ok, TimeSpan.Zero);
    }

    public void RequestStop(StopLevel level, string reason) => (_state, _stop, _reason) = (DeviceState.Faulted, level, reason);

    public void Dispose() => Close();
}
