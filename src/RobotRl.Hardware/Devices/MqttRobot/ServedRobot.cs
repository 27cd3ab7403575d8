using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Protocols.MqttRobot;
using RobotRl.Hardware.Timing;

namespace RobotRl.Hardware.Devices.MqttRobot;

/// <summary>
/// The robot behind a <see cref="MqttRobotServer"/>: who armed it, what it was told, and the command timeout by this side's own
/// clock.
/// </summary>
internal sealed class ServedRobot
{
    private readonly TimeProvider _time;
    private readonly Action<string> _notice;
    private readonly long _holdAfterNs,
        _stopAfterNs;

    // Serving thread.
    private readonly double[] _state,
        _command;
    private readonly NewestValue _commands;
    private ulong _taken;
    private bool _haveReading;
    private long _readingNs,
        _seenArming;

    // Shared.
    private ulong _armed;
    private long _commandNs,
        _armedNs,
        _unarmed;

    public ServedRobot(IRobot robot, TimeSpan holdAfter, TimeSpan stopAfter, TimeProvider time, Action<string> notice)
    {
        (Robot, _time, _notice) = (robot, time, notice);
        (_holdAfterNs, _stopAfterNs) = ((long)holdAfter.TotalNanoseconds, (long)stopAfter.TotalNanoseconds);
        (_state, _command) = (new double[robot.Description.States.Length], new double[robot.Description.Commands.Length]);
        _commands = new(_command.Length);
    }

    public IRobot Robot { get; }

    /// <summary>Whether a session has powered it and is not done with it. Any thread.</summary>
    public bool IsArmed => Volatile.Read(ref _armed) != 0;

    /// <summary>Commands of a session that had not powered it. Any thread.</summary>
    public long Unarmed => Volatile.Read(ref _unarmed);

    /// <summary>Link's thread: a command that was accepted; false where it has not the robot's length.</summary>
    public bool Take(MqttFrame command, long receivedNs)
    {
        if (command.Count != _command.Length)
        {
            return false;
        }

        if (Volatile.Read(ref _armed) == command.Session)
        {
            _commands.Publish(command.Values, receivedNs, (long)command.Sequence);
        }
        else
        {
            Interlocked.Increment(ref _unarmed);
        }

        return true;
    }

    /// <summary>Any thread: from now on nobody's commands are taken.</summary>
    public void Disarm() => Volatile.Write(ref _armed, 0);

    /// <summary>Ordering thread: powers it for <paramref name="session"/>.</summary>
    /// <exception cref="RobotException">It refuses.</exception>
    public bool PowerOn(ulong session)
    {
        Robot.PowerOn();
        long now = _time.GetMonotonicNs();
        Volatile.Write(ref _commandNs, now);
        Volatile.Write(ref _armedNs, now);
        Volatile.Write(ref _armed, session);
        return Robot.State == DeviceState.Powered;
    }

    /// <summary>Ordering thread: powers it off; true where read-back confirms that it is.</summary>
    /// <exception cref="RobotException">It refuses.</exception>
    public bool PowerOff()
    {
        Disarm();
        Robot.PowerOff();
        if (Robot.State == DeviceState.Faulted && !MqttRobots.IsWithoutPower(Robot.State, Robot.Stop.Requested, Robot.Stop.Confirmed))
        {
            // Faulted says that it shall be without power, not that it is: its driver reads back.
            Robot.RequestStop(StopLevel.PowerOff, "power off was asked for over MQTT");
        }

        StopStatus stop = Robot.Stop;
        return MqttRobots.IsWithoutPower(Robot.State, stop.Requested, stop.Confirmed);
    }

    /// <summary>Serving thread: writes the newest command, and looks how old it is.</summary>
    public void Cycle()
    {
        long now = _time.GetMonotonicNs();
        long armedAt = Volatile.Read(ref _armedNs);
        if (armedAt != _seenArming)
        {
            (_seenArming, _taken) = (armedAt, 0);
        }

        // What was commanded before it was powered must not move it now.
        if (_commands.TryTake(out NewestSlot slot) && IsArmed && slot.Stamp >= armedAt)
        {
            slot.Values.CopyTo(_command, 0);
            if (Robot.Write(_command).Status == IoStatus.Ok)
            {
                _taken = (ulong)slot.Generation;
                Volatile.Write(ref _commandNs, Math.Max(slot.Stamp, Volatile.Read(ref _commandNs)));
            }
        }

        if (IsArmed)
        {
            Watch(now);
        }
    }

    /// <summary>The command timeout, by this side's own clock.</summary>
    private void Watch(long now)
    {
        if (Robot.State != DeviceState.Powered)
        {
            Volatile.Write(ref _armed, 0);
            return;
        }

        long age = now - Volatile.Read(ref _commandNs);
        if (age > _stopAfterNs)
        {
            Volatile.Write(ref _armed, 0);
            string reason = FormattableString.Invariant(
                $"no command from the session for {age / 1e6:F0} ms (StopAfter is {_stopAfterNs / 1e6:F0} ms)"
            );
            Robot.RequestStop(StopLevel.ControlledStop, reason);
            _notice($"{Robot.Description.Name}: stopped: {reason}.");
        }
        else if (age > _holdAfterNs && _taken != 0)
        {
            RobotDescription description = Robot.Description;
            for (int i = 0; i < _command.Length; i++)
            {
                // A position goal stays where it is.
                if (description.Commands[i].Kind != InterfaceKind.Position)
                {
                    _command[i] = description.Commands[i].SafeValue;
                }
            }

            Robot.Write(_command);
        }
    }

    /// <summary>Serving thread: reads it into a state's fields.</summary>
    public void Fill(MqttFrame frame)
    {
        ReadResult reading = Robot.Read(_state);
        long now = _time.GetMonotonicNs();
        if (reading.Status is IoStatus.Ok or IoStatus.NotFresh && (_haveReading || reading.Status == IoStatus.Ok))
        {
            _haveReading = true;
            _readingNs = Math.Max(_readingNs, now - (long)reading.Age.TotalNanoseconds);
        }

        StopStatus stop = Robot.Stop;
        (frame.Device, frame.Stop, frame.StopConfirmed, frame.Status) = (Robot.State, stop.Requested, stop.Confirmed, reading.Status);
        (frame.Reference, frame.ReadingNs, frame.Text) = (_taken, _readingNs, Robot.FaultReason);
        frame.SetValues(_haveReading && IsFinite(_state) ? _state : []);
    }

    private static bool IsFinite(ReadOnlySpan<double> state)
    {
        foreach (double value in state)
        {
            if (!double.IsFinite(value))
            {
                return false;
            }
        }

        return true;
    }
}
