using System.Globalization;
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
    private readonly IDevice _device;
    private readonly MonotonicStamp _clock;
    private readonly DriverMailboxes _mail;
    private readonly Reconnection _reconnection;
    private readonly HoldCommand _hold;
    private readonly CyclePhase _phase;
    private readonly CommandFeed _feed;
    private readonly ReplyWatch _replies;
    private readonly DevicePower _power;
    private readonly StopExecution _stops;
    private readonly string _name;
    private readonly long _period,
        _commandLossStop,
        _linkLossAfter;
    private readonly double[] _state;

    private LinkLoss? _loss;
    private long _cycles,
        _missedCycles,
        _reconnections;

    public DeviceCycle(IDevice device, DriverOptions options, TimeProvider time, DriverMailboxes mail, AutoResetEvent wake)
    {
        (_device, _mail, _clock) = (device, mail, new(time));
        RobotDescription robot = device.Description;
        (_name, _period) = (robot.Name, robot.ControlPeriod.Ticks);
        (long maxCommandAge, _commandLossStop, _linkLossAfter) = options.TicksFor(robot);
        (_state, _hold, _phase) = (new double[robot.States.Length], new(robot), new(_period, options.Lead));
        _feed = new(mail, _hold, _phase, robot.Commands.Length, _period, maxCommandAge);
        (_replies, _power) = (new(mail, _phase), new(device, mail, _clock));
        _stops = new(device, options, mail, _hold, _power);
        _reconnection = new(new ReconnectPolicy(options.Reconnect, time), wake);
    }

    /// <summary>Any thread.</summary>
    public DriverCounters Counters =>
        new(
            Volatile.Read(ref _cycles),
            Volatile.Read(ref _missedCycles),
            _replies.Missed,
            _feed.HeldCycles,
            Volatile.Read(ref _reconnections)
        );

    /// <summary>What the device says is wrong with it; null where nothing is. Any thread.</summary>
    public string? DeviceFault => _device.Fault;

    /// <summary>The device's. Any thread.</summary>
    public DemandedStop? DemandedStop => _stops.Demanded;

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
            throw Error($"cannot power on, because no whole reading came in {DevicePower.Tries} tries. {_device.LinkAdvice}.");
        }

        if (_hold.OutOfRange(_state) is { } outside)
        {
            throw Error(outside);
        }

        try
        {
            _power.SwitchOn(_state);
        }
        catch (RobotException)
        {
            _power.RemoveOrStop();
            throw;
        }
        catch (Exception error)
        {
            Fail(error);
            throw new RobotException(_name, _mail.FaultReason ?? error.Message, error);
        }

        _hold.StartAt(_state);
        _feed.Forget();
        _mail.Stops.Clear();
        _replies.Restart();
        _mail.State = DeviceState.Powered;
    }

    public void PowerOff()
    {
        if (_mail.State == DeviceState.Powered)
        {
            if (_mail.Stops.Level >= StopLevel.ControlledStop)
            {
                _power.Remove();
            }
            else
            {
                _power.RemoveOrStop();
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
            if (!_power.IsLinked)
            {
                throw Error($"the link is still lost ({_mail.FaultReason}). It is tried again by itself; clear the fault once it is back.");
            }

            if (_power.IsBeingRemoved)
            {
                throw Error("it has not confirmed that it is without power. Switch its supply off, then arm again.");
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
        _power.Close();
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
        long now = _clock.Now;
        if (_stops.Serve(now))
        {
            // Not at the next cycle, but now.
            Cycle(now);
        }
    }

    /// <summary>The cycle that is due, or an attempt to connect again. Returns the time to the next.</summary>
    public TimeSpan Serve()
    {
        if (_mail.State == DeviceState.Closed)
        {
            return new(_period);
        }

        if (!_power.IsLinked)
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

    /// <summary>
    /// What no device should do: an exception of its own out of a cycle. It is treated as a lost link, so that power is removed.
    /// </summary>
    public void Fail(Exception error) =>
        LoseLink($"Robot {_name}: its driver failed ({error.GetType().Name}: {error.Message}). Report this as a bug.");

    private void Cycle(long now)
    {
        Volatile.Write(ref _cycles, _cycles + 1);
        _power.TryRemove();
        DeviceReading reading = _device.Exchange(Command(now), _state);
        long after = _clock.Now;
        if (reading.Status == IoStatus.LinkLost)
        {
            LoseLink($"Robot {_name}: the link is lost. {_device.LinkAdvice}; it is tried again, and may be armed once it is back.");
            return;
        }

        Note(reading, after - now);
        if (_replies.Unanswered * _period >= _linkLossAfter)
        {
            LoseLink(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Robot {_name}: no reading for {_replies.Unanswered * TimeSpan.FromTicks(_period).TotalMilliseconds:0.#} "
                        + $"ms. {_device.LinkAdvice}; it is tried again, and may be armed once it is back."
                )
            );
            return;
        }

        _stops.Continue(reading.Status == IoStatus.Ok, _replies.IsBlind, _state, after);
    }

    /// <summary>What is sent: nothing without power, the newest command while it is fresh, else the hold command.</summary>
    private ReadOnlySpan<double> Command(long now)
    {
        if (!_power.IsOn)
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

        _stops.BeginOwn(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Robot {_name}: no command for {TimeSpan.FromTicks(_feed.Age(now)).TotalMilliseconds:0.#} ms "
                    + $"(Driver:CommandLossStop); it was stopped. See why the control loop stood still, then arm again."
            ),
            now
        );
        return _power.IsOn ? command : [];
    }

    private void Note(DeviceReading reading, long tookTicks) => _replies.Note(reading, _state, tookTicks, _device.Fault is not null);

    private void LoseLink(string reason)
    {
        // First what the control thread sees: to let go of the device may take a period and more.
        _mail.Failure = IoStatus.LinkLost;
        _loss ??= LinkLoss.Of(_name, _mail.State == DeviceState.Faulted ? _mail.FaultReason : null, reason);
        _mail.FaultReason = _loss.Lost;
        _mail.State = DeviceState.Faulted;
        _mail.Stops.Unconfirm();
        _power.GiveUp();
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
        _power.Connect();
        _hold.Narrow(_device.Description);
        _replies.Restart();
        _feed.Forget();
        _mail.Failure = IoStatus.Ok;

        // Read back without power: that confirms every stop.
        _mail.Stops.Confirm(_clock.Now);
        _phase.Begin(_clock.Now);
    }

    private bool Measure()
    {
        for (int i = 0; i < DevicePower.Tries; i++)
        {
            long now = _clock.Now;
            DeviceReading reading = _device.Exchange([], _state);
            Note(reading, _clock.Now - now);
            if (reading.Status == IoStatus.Ok)
            {
                return true;
            }
        }

        return false;
    }

    private RobotException Error(string what) => new(_name, $"Robot {_name}: {what}");
}
