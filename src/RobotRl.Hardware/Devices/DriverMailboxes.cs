using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Timing;

namespace RobotRl.Hardware.Devices;

/// <summary>What the control thread, the I/O thread and those who ask for stops share.</summary>
internal sealed class DriverMailboxes(RobotDescription robot)
{
    private const long NotAsked = 0,
        Done = -1;

    private volatile DeviceState _state;
    private volatile IoStatus _failure;
    private volatile string? _faultReason;
    private long _phaseTo,
        _powerCycle;

    public NewestValue Readings { get; } = new(robot.States.Length);

    public NewestValue Commands { get; } = new(robot.Commands.Length);

    public StopRequests Stops { get; } = new();

    /// <summary>Written by the I/O thread.</summary>
    public DeviceState State
    {
        get => _state;
        set => _state = value;
    }

    /// <summary>LinkLost or DeviceFault while that lasts, else Ok. Written by the I/O thread.</summary>
    public IoStatus Failure
    {
        get => _failure;
        set => _failure = value;
    }

    /// <summary>Written by the I/O thread.</summary>
    public string? FaultReason
    {
        get => _faultReason;
        set => _faultReason = value;
    }

    /// <summary>Tells commands of before a power-on or a cleared hold from later ones. Written by the I/O thread.</summary>
    public long PowerCycle => Volatile.Read(ref _powerCycle);

    /// <summary>I/O thread: commands left over from before must not move it now; the next command phases the grid.</summary>
    public void ForgetCommands()
    {
        Volatile.Write(ref _powerCycle, _powerCycle + 1);
        Commands.TryTake(out _);
        Volatile.Write(ref _phaseTo, NotAsked);
    }

    /// <summary>Control thread: this is when it ticks; the first after <see cref="ForgetCommands"/> counts.</summary>
    public void AskPhase(long tick)
    {
        if (Volatile.Read(ref _phaseTo) == NotAsked)
        {
            Volatile.Write(ref _phaseTo, tick);
        }
    }

    /// <summary>I/O thread: true once, with the control thread's tick.</summary>
    public bool TryTakePhase(out long tick)
    {
        tick = Volatile.Read(ref _phaseTo);
        if (tick <= NotAsked)
        {
            return false;
        }

        Volatile.Write(ref _phaseTo, Done);
        return true;
    }
}
