// Over 400 lines: lifecycle, cycle, stops and the loss of the link work on one state, and are read as one.
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Timing;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Devices;

/// <summary>
/// The I/O thread's half of a <see cref="DeviceDriver"/>: cycles, stops, loss and return of the link. Lifecycle methods are
/// called on that thread, or while there is none.
/// </summary>
internal sealed class DeviceCycle : IDisposable
{
    // A single lost reply must not make arming or closing fail.
    private const int Tries = 5, BlindCycles = 3;

    private readonly IDevice _device;
    private readonly IStopSource? _stopSource;
    private readonly MonotonicStamp _clock;
    private readonly DriverMailboxes _mail;
    private readonly Reconnection _reconnection;
    private readonly HoldCommand _hold;
    private readonly CyclePhase _phase;
    private readonly CommandFeed _feed;
    private readonly string _name;
    private readonly long _period, _commandLossStop, _linkLossAfter, _stopTimeout;
    private readonly double _restVelocity;
    private readonly double[] _state;

    private bool _linked, _powered, _removing;
    private long _stopSince, _unanswered;
    private int _blind;
    private LinkLoss? _loss;
    private DemandedStop? _obeyed;
    private long _cycles, _missedCycles, _missedReplies, _reconnections;

    public DeviceCycle(IDevice device, DriverOptions options, TimeProvider time, DriverMailboxes mail, AutoResetEvent wake)
    {
        (_device, _stopSource, _mail, _clock) = (device, device as IStopSource, mail, new(time));
        RobotDescription robot = device.Description;
        (_name, _period) = (robot.Name, robot.ControlPeriod.Ticks);
        (long maxCommandAge, _commandLossStop, _linkLossAfter) = options.TicksFor(robot);
        (_stopTimeout, _restVelocity) = (options.StopTimeout.Ticks, options.RestVelocity);
        (_state, _hold, _phase) = (new double[robot.States.Length], new(robot), new(_period, options.Lead));
        _feed = new(mail, _hold, _phase, robot.Commands.Length, _period, maxCommandAge);
        _reconnection = new(new ReconnectPolicy(options.Reconnect, time), wake);
    }

    /// <summary>Any thread.</summary>
    public DriverCounters Counters => new(
        Volatile.Read(ref _cycles), Volatile.Read(ref _missedCycles), Volatile.Read(ref _missedReplies), _feed.HeldCycles, Volatile.Read(ref _reconnections));

    /// <summary>What the device says is wrong with it; null where nothing is. Any thread.</summary>
    public string? DeviceFault => _device.Fault;

    /// <summary>The device's. Any thread.</summary>
    public DemandedStop? DemandedStop => _stopSource?.DemandedStop;

    /// <summary>Power off was asked for. Any thread.</summary>
    public void Hurry() => _device.Hurry();

    public void Open()
    {
        try
        {
            Connect();
        }
        catch (TransportException error)
        {
            throw new RobotException(_name, error.Message, error);
        }

        // A fault outlives closing: only ClearFault ends it.
        _mail.State = _mail.FaultReason is null ? DeviceState.Readable : DeviceState.Faulted;
        Measure();
        ServeStop();
    }

    public void PowerOn()
    {
        switch (_mail.State)
        {
            case DeviceState.Closed:
                throw Error("cannot power on while closed. Open it first.");
            case DeviceState.Faulted:
                throw Error($"cannot power on while faulted ({_mail.FaultReason}). Clear the fault first.");
            case DeviceState.Powered:
                return;
        }

        if (_device.Fault is { } fault)
        {
            throw Error($"cannot power on while the device reports a fault ({fault}). Remove its cause and clear the fault first.");
        }

        if (!Measure())
        {
            throw Error($"cannot power on, because no whole reading came in {Tries} tries. {_device.LinkAdvice}.");
        }

        if (_hold.OutOfRange(_state) is { } outside)
        {
            throw Error(outside);
        }

        try
        {
            _device.PowerOn(_state);
        }
        catch (RobotException)
        {
            // Part of it may be on.
            _powered = true;
            RemovePowerOrStop();
            throw;
        }
        catch (Exception error)
        {
            _powered = true;
            Fail(error);
            throw new RobotException(_name, _mail.FaultReason ?? error.Message, error);
        }

        _hold.StartAt(_state);
        _feed.Forget();
        _mail.Stops.Clear();
        (_powered, _unanswered, _blind) = (true, 0, 0);
        _mail.State = DeviceState.Powered;
    }

    public void PowerOff()
    {
        if (_mail.State == DeviceState.Powered)
        {
            if (_mail.Stops.Level >= StopLevel.ControlledStop)
            {
                RemovePower();
            }
            else
            {
                RemovePowerOrStop();
            }
        }
    }

    public void ClearFault()
    {
        if (_mail.State == DeviceState.Powered)
        {
            if (_mail.Stops.Level >= StopLevel.ControlledStop)
            {
                throw Error("a controlled stop is under way. Clear the fault once it has ended.");
            }

            // A hold is released; commands of before it must not move the robot now.
            if (_mail.Stops.Level != StopLevel.None)
            {
                _feed.Forget();
            }

            _mail.Stops.Clear();
            return;
        }

        if (_mail.State != DeviceState.Closed)
        {
            if (!_linked)
            {
                throw Error($"the link is still lost ({_mail.FaultReason}). It is tried again by itself; clear the fault once it is back.");
            }

            if (_removing)
            {
                throw Error("it has not confirmed that it is without power. Switch its supply off, then clear the fault.");
            }

            if (_device.Fault is not null)
            {
                _device.ClearFault();
            }
        }

        _mail.Stops.Clear();
        _mail.FaultReason = null;
        _mail.Failure = IoStatus.Ok;
        if (_mail.State == DeviceState.Faulted)
        {
            _mail.State = DeviceState.Readable;
        }
    }

    public void Close()
    {
        if (_mail.State == DeviceState.Closed)
        {
            return;
        }

        ServeStop();
        _reconnection.Stop();
        bool off = false;
        for (int i = 0; i < Tries && _linked && !off; i++)
        {
            off = SwitchOff();
        }

        if (off)
        {
            _mail.Stops.Confirm(_clock.Now);
        }
        else
        {
            _mail.Stops.Unconfirm();
        }

        _device.Disconnect();
        (_linked, _powered, _removing) = (false, false, false);
        _mail.State = DeviceState.Closed;
    }

    public void Dispose()
    {
        _reconnection.Dispose();
        _device.Dispose();
    }

    /// <summary>A stop that was asked for, or demanded at the device, at once.</summary>
    public void ServeStop()
    {
        if (DemandedStop is { } demand && !ReferenceEquals(demand, _obeyed))
        {
            _obeyed = demand;
            _mail.Stops.Request(demand.Level, demand.Reason);
        }

        if (_mail.State != DeviceState.Closed && _mail.Stops.TryTake(out StopLevel level, out string reason))
        {
            BeginStop(level, reason);
        }
    }

    /// <summary>The cycle that is due, or an attempt to connect again. Returns the time to the next.</summary>
    public TimeSpan Serve()
    {
        if (_mail.State == DeviceState.Closed)
        {
            return new(_period);
        }

        if (!_linked)
        {
            if (_reconnection.IsDue)
            {
                ConnectAgain();
            }

            return new(_period);
        }

        if (_mail.TryTakePhase(out long tick))
        {
            _phase.StartAt(tick);
        }

        long now = _clock.Now;
        if (_phase.Next <= now)
        {
            Volatile.Write(ref _missedCycles, _missedCycles + _phase.Advance(now));
            Cycle(now);
            now = _clock.Now;
        }

        return new(Math.Max(0, _phase.Next - now));
    }

    /// <summary>What no device should do: an exception of its own out of a cycle. It is treated as a lost link, so that power is removed.</summary>
    public void Fail(Exception error) => LoseLink($"Robot {_name}: its driver failed ({error.GetType().Name}: {error.Message}). Report this as a bug.");

    private void Cycle(long now)
    {
        Volatile.Write(ref _cycles, _cycles + 1);
        if (_removing)
        {
            TryRemovePower();
        }

        DeviceReading reading = _device.Exchange(Command(now), _state);
        long after = _clock.Now;
        if (reading.Status == IoStatus.LinkLost)
        {
            LoseLink($"Robot {_name}: the link is lost. {_device.LinkAdvice}; it is tried again, and may be armed once it is back.");
            return;
        }

        Note(reading, now, after);
        if (_unanswered * _period >= _linkLossAfter)
        {
            LoseLink(FormattableString.Invariant(
                $"Robot {_name}: no reading for {_unanswered * TimeSpan.FromTicks(_period).TotalMilliseconds:0.#} ms. {_device.LinkAdvice}; it is tried again, and may be armed once it is back."));
            return;
        }

        ContinueStop(reading.Status == IoStatus.Ok, after);
    }

    /// <summary>What is sent: nothing without power, the newest command while it is fresh, else the hold command.</summary>
    private ReadOnlySpan<double> Command(long now)
    {
        if (!_powered)
        {
            return [];
        }

        if (_mail.Stops.Level != StopLevel.None)
        {
            return _hold.Values;
        }

        ReadOnlySpan<double> command = _feed.Next(now);
        if (_feed.Missing <= _commandLossStop)
        {
            return command;
        }

        _mail.Stops.Raise(_hold.CanHold ? StopLevel.ControlledStop : StopLevel.PowerOff);
        (_mail.FaultReason, _stopSince) = (FormattableString.Invariant(
            $"Robot {_name}: no command for {TimeSpan.FromTicks(_feed.Age(now)).TotalMilliseconds:0.#} ms (Driver:CommandLossStop); it was stopped. See why the control loop stood still, then arm again."), now);
        if (!_hold.CanHold)
        {
            RemovePower();
        }

        return _powered ? command : [];
    }

    private void Note(DeviceReading reading, long before, long after)
    {
        bool answered = reading.Status is IoStatus.Ok or IoStatus.DeviceFault;
        _blind = reading.Status == IoStatus.DeviceFault && reading.TimestampTicks == 0 ? _blind + 1 : reading.Status == IoStatus.Ok ? 0 : _blind;
        _unanswered = answered || reading.CameLate ? 0 : _unanswered + 1;
        if (reading.Status == IoStatus.Ok || (answered && reading.TimestampTicks > 0))
        {
            _mail.Readings.Publish(_state, reading.TimestampTicks, 0);
        }

        if (reading.Status == IoStatus.Ok)
        {
            _phase.Took(after - before);
        }
        else
        {
            Volatile.Write(ref _missedReplies, _missedReplies + 1);
        }

        _mail.Failure = reading.Status == IoStatus.DeviceFault || _device.Fault is not null ? IoStatus.DeviceFault : IoStatus.Ok;
    }

    private void BeginStop(StopLevel level, string reason)
    {
        if (level == StopLevel.Hold && !_hold.CanHold)
        {
            level = StopLevel.PowerOff;
            _mail.Stops.Raise(level);
        }

        long now = _clock.Now;
        _stopSince = now;
        if (level >= StopLevel.ControlledStop && _mail.State != DeviceState.Faulted)
        {
            _mail.FaultReason = _device.Fault is not { } fault ? reason : fault.Contains(reason, StringComparison.Ordinal) ? fault : $"{reason} ({fault})";
        }

        if (!_powered && level == StopLevel.Hold)
        {
            if (_linked)
            {
                _mail.Stops.Confirm(now);
            }
        }
        else if (!_powered || level == StopLevel.PowerOff || !_hold.CanHold)
        {
            RemovePower();
        }
        else
        {
            // Not at the next cycle, but now.
            Cycle(now);
        }
    }

    private void ContinueStop(bool read, long now)
    {
        StopLevel level = _mail.Stops.Level;
        if (level == StopLevel.None || !_powered || _removing)
        {
            return;
        }

        if (_blind >= BlindCycles)
        {
            // It answers, and says that its position cannot be believed: it can neither be held nor be seen to rest.
            _mail.Stops.Raise(StopLevel.PowerOff);
            RemovePower();
            return;
        }

        bool atRest = read && _hold.AtRest(_state, _restVelocity);
        if (level == StopLevel.Hold && atRest)
        {
            _mail.Stops.Confirm(now);
        }
        else if (level >= StopLevel.ControlledStop && (atRest || now - _stopSince >= _stopTimeout))
        {
            RemovePower();
        }
    }

    /// <summary>To Faulted, without power; tried in every cycle until it is confirmed.</summary>
    private void RemovePower()
    {
        _removing = true;
        TryRemovePower();
        _mail.State = DeviceState.Faulted;
    }

    /// <summary>To Readable where the device confirms it, else a stop like any other.</summary>
    private void RemovePowerOrStop()
    {
        if (SwitchOff())
        {
            _powered = false;
            _mail.State = DeviceState.Readable;
            return;
        }

        _mail.Stops.Raise(StopLevel.PowerOff);
        _mail.FaultReason = $"Robot {_name}: it does not confirm that it is without power; switching off is tried again. Switch its supply off where that lasts.";
        RemovePower();
    }

    private void TryRemovePower()
    {
        if (_linked && SwitchOff())
        {
            (_removing, _powered) = (false, false);
            _mail.Stops.Confirm(_clock.Now);
        }
    }

    /// <summary>Whatever a device does instead of answering: power counts as on.</summary>
    private bool SwitchOff()
    {
        try
        {
            return _device.PowerOff();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return false;
        }
    }

    private void Abandon()
    {
        try
        {
            _device.Abandon();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // The loss of the link is reported already.
        }
    }

    private void LoseLink(string reason)
    {
        // First what the control thread sees: to let go of the device may take a period and more.
        _mail.Failure = IoStatus.LinkLost;
        _loss ??= LinkLoss.Of(_name, _mail.State == DeviceState.Faulted ? _mail.FaultReason : null, reason);
        _mail.FaultReason = _loss.Lost;
        _mail.State = DeviceState.Faulted;
        _mail.Stops.Unconfirm();
        if (_linked && _mail.Stops.Level == StopLevel.PowerOff)
        {
            // Power off was asked for: nothing milder will do.
            SwitchOff();
        }
        else if (_linked)
        {
            Abandon();
        }

        (_linked, _powered, _removing) = (false, false, false);
        _device.Disconnect();
        _reconnection.Start();
    }

    private void ConnectAgain()
    {
        try
        {
            Connect();
            Volatile.Write(ref _reconnections, _reconnections + 1);
            (_mail.FaultReason, _loss) = (_loss?.Back, null);
            _reconnection.Succeeded();
        }
        catch (Exception error) when (error is RobotException or TransportException)
        {
            _mail.FaultReason = $"{_loss?.Lost} The last attempt to connect: {error.Message}";
            _reconnection.Failed(error);
        }
    }

    private void Connect()
    {
        _device.Connect();
        bool off = false;
        for (int i = 0; i < Tries && !off; i++)
        {
            off = SwitchOff();
        }

        if (!off)
        {
            string? fault = _device.Fault;
            _device.Disconnect();
            string why = fault is null ? "" : $" ({fault.TrimEnd('.')})";
            throw Error($"it does not confirm that it is without power{why}. Switch its supply off and on, and open it again.");
        }

        (_linked, _powered, _removing, _unanswered) = (true, false, false, 0);
        _feed.Forget();
        _mail.Failure = IoStatus.Ok;

        // Read back without power: that confirms every stop.
        _mail.Stops.Confirm(_clock.Now);
        _phase.Begin(_clock.Now);
    }

    private bool Measure()
    {
        for (int i = 0; i < Tries; i++)
        {
            long now = _clock.Now;
            DeviceReading reading = _device.Exchange([], _state);
            Note(reading, now, _clock.Now);
            if (reading.Status == IoStatus.Ok)
            {
                return true;
            }
        }

        return false;
    }

    private RobotException Error(string what) => new(_name, $"Robot {_name}: {what}");
}
