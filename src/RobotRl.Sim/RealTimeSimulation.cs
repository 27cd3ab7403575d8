using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices;
using RobotRl.Hardware.Timing;
using RobotRl.Sim.Physics;

namespace RobotRl.Sim;

/// <summary>
/// A simulated robot in real time: a thread of its own steps it on an absolute time grid, as a driver cycles a device, so
/// that it can stand in for a robot.
/// </summary>
/// <remarks>
/// Readings, commands and teleports pass through mailboxes that hold the newest value; <see cref="Read"/>,
/// <see cref="Write"/>, <see cref="Teleport"/> and <see cref="RequestStop"/> neither wait nor allocate. A step covers the
/// period that just ended, under the newest command. The first command after power-on phases the grid so that later readings
/// are taken <see cref="Lead"/> of a period before the tick that wrote it. A stop wakes the thread and is executed at once.
/// After a pause of the whole process the missed steps are made up, at most <see cref="MaxCatchUpSteps"/>; the rest is
/// dropped and counted. It owns the robot that it wraps.
/// </remarks>
public sealed class RealTimeSimulation : IRobot, ITeleport
{
    /// <summary>Fraction of a period by which a reading precedes the control tick.</summary>
    public const double Lead = 0.2;

    /// <summary>Steps made up at once after a pause.</summary>
    public const int MaxCatchUpSteps = 20;

    // The thread looks at the clock at least this often, so that an injected clock may run at any speed.
    private const int MaxWaitMs = 5;

    private readonly ILockstepRobot _robot;
    private readonly MonotonicStamp _clock;
    private readonly bool _ownThread;
    private readonly long _periodTicks;
    private readonly NewestValue _readings,
        _commands,
        _teleports,
        _places;
    private readonly double[] _state,
        _newest;
    private readonly StopRequests _stops = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly IoCalls _calls;

    // Control thread's own.
    private long _newestStamp,
        _newestGeneration;
    private bool _unread;

    // Of the thread that resets.
    private long _teleportGeneration;

    // I/O thread's own.
    private long _nextStep,
        _appliedGeneration;

    // Shared.
    private volatile DeviceState _device;
    private volatile IoStatus _failure;
    private volatile string? _faultReason;
    private volatile bool _closing;
    private long _closedAt,
        _phaseTo,
        _missed;
    private Thread? _thread;

    /// <summary>Wraps <paramref name="robot"/>; <paramref name="time"/>'s monotonic stamp is the clock.</summary>
    public RealTimeSimulation(ILockstepRobot robot, TimeProvider time)
        : this(robot, time, ownThread: true) { }

    /// <summary>For tests: without a thread, <see cref="Serve"/> does by hand what it would do.</summary>
    internal RealTimeSimulation(ILockstepRobot robot, TimeProvider time, bool ownThread)
    {
        ArgumentNullException.ThrowIfNull(robot);
        ArgumentNullException.ThrowIfNull(time);
        (_robot, _clock, _ownThread) = (robot, new(time), ownThread);
        _calls = new(robot.Description.Name, _wake);
        _periodTicks = robot.Description.ControlPeriod.Ticks;
        int states = robot.Description.States.Length,
            commands = robot.Description.Commands.Length;
        (_state, _newest) = (new double[states], new double[states]);
        (_readings, _commands, _teleports, _places) = (new(states), new(commands), new(robot.PhysicalStateSize), new(states));
    }

    /// <inheritdoc/>
    public RobotDescription Description => _robot.Description;

    /// <inheritdoc/>
    public DeviceState State => _device;

    /// <inheritdoc/>
    public string? FaultReason => _device == DeviceState.Faulted ? _faultReason : null;

    /// <inheritdoc/>
    public StopStatus Stop
    {
        get
        {
            // Closed it is without power, whatever is asked for.
            StopStatus stop = _stops.Status;
            return stop.Requested == StopLevel.None || _device != DeviceState.Closed
                ? stop
                : new(stop.Requested, Confirmed: true, new(Volatile.Read(ref _closedAt)));
        }
    }

    /// <inheritdoc/>
    public int PhysicalStateSize => _robot.PhysicalStateSize;

    /// <summary>Steps dropped because a pause was longer than <see cref="MaxCatchUpSteps"/> periods.</summary>
    public long MissedSteps => Volatile.Read(ref _missed);

    /// <inheritdoc/>
    public void Open()
    {
        if (_device != DeviceState.Closed)
        {
            return;
        }

        _robot.Open();
        _nextStep = _clock.Now + _periodTicks;
        _teleports.TryTake(out _);
        _appliedGeneration = _teleportGeneration;
        PublishReading();
        ServeStop();
        PublishStatus();
        if (_ownThread)
        {
            _closing = false;
            _thread = new(Run) { IsBackground = true, Name = $"{Description.Name} I/O" };
            _thread.Start();
        }
    }

    /// <inheritdoc/>
    public void PowerOn() =>
        Call(() =>
        {
            bool powering = _robot.State != DeviceState.Powered;
            _robot.PowerOn();
            if (powering)
            {
                // Commands left over from before must not move it now.
                _commands.TryTake(out _);
                Volatile.Write(ref _phaseTo, 0);
            }
        });

    /// <inheritdoc/>
    public void PowerOff() => Call(_robot.PowerOff);

    /// <inheritdoc/>
    public void ClearFault() => Call(_robot.ClearFault);

    /// <inheritdoc/>
    public void Close()
    {
        if (_thread is { } thread)
        {
            _closing = true;
            _wake.Set();
            thread.Join();
            _thread = null;
        }

        _robot.Close();
        Volatile.Write(ref _closedAt, _clock.Now);
        PublishStatus();
    }

    /// <inheritdoc/>
    public ReadResult Read(Span<double> state)
    {
        long start = _clock.Now;
        if (state.Length != _newest.Length)
        {
            throw new ArgumentException(
                $"Robot {Description.Name}: a state of {state.Length} values; it has {_newest.Length}.",
                nameof(state)
            );
        }

        if (_device == DeviceState.Closed)
        {
            return new(IoStatus.WrongState, TimeSpan.Zero, TimeSpan.Zero, _clock.Since(start));
        }

        if (_failure != IoStatus.Ok)
        {
            return new(_failure, new(_newestStamp), _clock.Since(_newestStamp), _clock.Since(start));
        }

        if (_places.TryTake(out NewestSlot place))
        {
            place.Values.CopyTo(_newest, 0);
            (_newestStamp, _newestGeneration, _unread) = (place.Stamp, place.Generation, true);
        }

        // A reading from before the last teleport is of another place.
        if (_readings.TryTake(out NewestSlot slot) && slot.Generation == _newestGeneration)
        {
            slot.Values.CopyTo(_newest, 0);
            (_newestStamp, _unread) = (slot.Stamp, true);
        }

        _newest.CopyTo(state);
        IoStatus status = _unread ? IoStatus.Ok : IoStatus.NotFresh;
        _unread = false;
        return new(status, new(_newestStamp), _clock.Since(_newestStamp), _clock.Since(start));
    }

    /// <inheritdoc/>
    public WriteResult Write(ReadOnlySpan<double> command)
    {
        long start = _clock.Now;
        if (command.Length != Description.Commands.Length)
        {
            throw new ArgumentException(
                $"Robot {Description.Name}: a command of {command.Length} values; it has {Description.Commands.Length}.",
                nameof(command)
            );
        }

        if (_device != DeviceState.Powered || _stops.Any)
        {
            return new(IoStatus.WrongState, _clock.Since(start));
        }

        if (!Description.Accepts(command))
        {
            return new(IoStatus.Refused, _clock.Since(start));
        }

        _commands.Publish(command, start, 0);
        if (Volatile.Read(ref _phaseTo) == 0)
        {
            Volatile.Write(ref _phaseTo, start);
        }

        return new(IoStatus.Ok, _clock.Since(start));
    }

    /// <inheritdoc/>
    public void RequestStop(StopLevel level, string reason)
    {
        if (level != StopLevel.None)
        {
            // Where it is closed there is no power to remove; Open then ends in Faulted.
            _stops.Request(level, reason);
            _wake.Set();
        }
    }

    /// <summary>
    /// One thread at a time, the control thread or another beside it. The next <see cref="Read"/> is a fresh one of that place.
    /// </summary>
    public void Teleport(ReadOnlySpan<double> state)
    {
        if (_device == DeviceState.Closed)
        {
            throw new RobotException(Description.Name, $"Robot {Description.Name}: cannot be put anywhere while closed. Open it first.");
        }

        Place.Check(Description, state);
        _teleportGeneration++;
        // In this order: no reading of the new place comes before the place itself.
        _places.Publish(state, _clock.Now, _teleportGeneration);
        _teleports.Publish(state, 0, _teleportGeneration);
        _wake.Set();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Close();
        _robot.Dispose();
        _wake.Dispose();
    }

    /// <summary>I/O thread: everything that is due. Returns the time to the next step.</summary>
    internal TimeSpan Serve()
    {
        ServeStop();
        if (_teleports.TryTake(out NewestSlot place))
        {
            _robot.Teleport(place.Values);
            _appliedGeneration = place.Generation;
            PublishReading();
        }

        _calls.Serve();
        long phaseTo = Volatile.Read(ref _phaseTo);
        if (phaseTo > 0)
        {
            _nextStep = phaseTo + (long)((1 - Lead) * _periodTicks);
            Volatile.Write(ref _phaseTo, -1);
        }

        long now = _clock.Now;
        for (int made = 0; _nextStep <= now; made++)
        {
            if (made == MaxCatchUpSteps)
            {
                long dropped = ((now - _nextStep) / _periodTicks) + 1;
                Volatile.Write(ref _missed, _missed + dropped);
                _nextStep += dropped * _periodTicks;
                break;
            }

            if (_commands.TryTake(out NewestSlot command))
            {
                // A stop that was executed meanwhile refuses it, as it should.
                _robot.Write(command.Values);
            }

            _robot.Advance();
            _nextStep += _periodTicks;
            PublishReading();
            PublishStatus();
        }

        return new(_nextStep - now);
    }

    private void Run()
    {
        while (!_closing)
        {
            TimeSpan left = Serve();
            int wait = (int)Math.Min(left.TotalMilliseconds, MaxWaitMs);
            if (wait > 0)
            {
                _wake.WaitOne(wait);
            }
            else
            {
                Thread.Yield();
            }
        }
    }

    private void ServeStop()
    {
        if (_stops.TryTake(out StopLevel level, out string reason))
        {
            _robot.RequestStop(level, reason);
            PublishStatus();
        }
    }

    private void PublishReading()
    {
        ReadResult reading = _robot.Read(_state);
        _failure = reading.Status is IoStatus.DeviceFault or IoStatus.LinkLost ? reading.Status : IoStatus.Ok;
        if (reading.Status == IoStatus.Ok)
        {
            _readings.Publish(_state, _clock.Now - reading.Age.Ticks, _appliedGeneration);
        }
    }

    private void PublishStatus()
    {
        PublishStop(_robot.Stop);
        _faultReason = _robot.FaultReason;
        _device = _robot.State;
    }

    private void PublishStop(StopStatus stop)
    {
        if (stop.Requested == StopLevel.None)
        {
            if (_stops.Level != StopLevel.None)
            {
                _stops.Clear();
            }

            return;
        }

        // A robot may stop harder than it is asked to.
        _stops.Raise(stop.Requested);
        if (stop.Confirmed)
        {
            _stops.Confirm(_clock.Now);
        }
        else
        {
            _stops.Unconfirm();
        }
    }

    /// <summary>Has the I/O thread do it, between two steps, and waits for it.</summary>
    private void Call(Action action)
    {
        if (_thread is null)
        {
            ServeStop();
            action();
            PublishStatus();
            return;
        }

        _calls.Call(() =>
        {
            try
            {
                action();
            }
            finally
            {
                PublishStatus();
            }
        });
    }
}
