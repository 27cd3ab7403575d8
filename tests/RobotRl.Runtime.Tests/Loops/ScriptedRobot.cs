using RobotRl.Hardware.Contracts;

namespace RobotRl.Runtime.Tests.Loops;

/// <summary>A joint commanded by position whose readings are what a test says, and which keeps what was written.</summary>
internal sealed class ScriptedRobot : IRobot, IStopSource
{
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    public RobotDescription Description { get; init; } =
        new(
            "scripted",
            [
                new("joint/position", InterfaceKind.Position, "rad", -4, 4),
                new("joint/velocity", InterfaceKind.Velocity, "rad/s", -100, 100),
            ],
            [
                new("joint/position", InterfaceKind.Position, "rad", -2, 2, 0)
                {
                    PositionState = "joint/position",
                    VelocityState = "joint/velocity",
                },
            ],
            Period
        );

    public double Position { get; set; }

    public double Velocity { get; set; }

    /// <summary>Load of the joint, where the description has a third state.</summary>
    public double Load { get; set; }

    public IoStatus ReadStatus { get; set; }

    public IoStatus WriteStatus { get; set; }

    /// <summary>The loop's time; a fresh reading is taken <see cref="Lead"/> before it.</summary>
    public TimeSpan Now { get; set; }

    public TimeSpan Lead { get; set; } = TimeSpan.FromMilliseconds(2);

    public TimeSpan Taken { get; private set; } = TimeSpan.FromSeconds(-1);

    public double LastWritten { get; private set; } = double.NaN;

    public long Writes { get; private set; }

    public bool WroteNonFinite { get; private set; }

    public string? RefuseClear { get; set; }

    /// <summary>Whether a refusal to clear the fault comes after the stop was forgotten.</summary>
    public bool RefusesClearLate { get; set; }

    public string? RefusePower { get; set; }

    /// <summary>What happens while the fault is being cleared.</summary>
    public Action? Clearing { get; set; }

    public DemandedStop? DemandedStop { get; set; }

    public bool ConfirmsStops { get; set; } = true;

    public List<StopLevel> StopsAsked { get; } = [];

    public DeviceState State { get; set; }

    public string? FaultReason { get; set; }

    public StopStatus Stop { get; private set; }

    public void Open() => State = DeviceState.Readable;

    public void PowerOn() => State = RefusePower is null ? DeviceState.Powered : throw new RobotException("scripted", RefusePower);

    public void PowerOff() => State = DeviceState.Readable;

    public void Close() => State = DeviceState.Closed;

    public void ClearFault()
    {
        if (RefuseClear is not null)
        {
            Stop = RefusesClearLate ? default : Stop;
            throw new RobotException("scripted", RefuseClear);
        }

        Clearing?.Invoke();
        Stop = default;
        State = DeviceState.Readable;
    }

    public ReadResult Read(Span<double> state)
    {
        if (ReadStatus is IoStatus.Ok or IoStatus.NotFresh)
        {
            (state[0], state[1]) = (Position, Velocity);
            if (state.Length > 2)
            {
                state[2] = Load;
            }
        }

        Taken = ReadStatus == IoStatus.Ok ? Now - Lead : Taken;
        return new(ReadStatus, Taken, Now - Taken, TimeSpan.Zero);
    }

    public WriteResult Write(ReadOnlySpan<double> command)
    {
        LastWritten = command[0];
        WroteNonFinite |= !double.IsFinite(command[0]);
        Writes++;
        return new(WriteStatus, TimeSpan.Zero);
    }

    public void RequestStop(StopLevel level, string reason)
    {
        StopsAsked.Add(level);
        Stop = new(level, ConfirmsStops, Now);
        State = level >= StopLevel.ControlledStop ? DeviceState.Faulted : State;
    }

    public void Dispose() { }
}
