using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Devices;

/// <summary>
/// Carries stops out, from the request to the read-back that confirms them: holds, brings to rest, removes power. I/O thread, but
/// for what says so.
/// </summary>
internal sealed class StopExecution(IDevice device, DriverOptions options, DriverMailboxes mail, HoldCommand hold, DevicePower power)
{
    private readonly IStopSource? _source = device as IStopSource;
    private readonly long _timeout = options.StopTimeout.Ticks;
    private readonly RestWatch _rest = new(device.Description, options.RestVelocity);
    private DemandedStop? _obeyed;
    private long _since;

    /// <summary>What is demanded at the device. Any thread.</summary>
    public DemandedStop? Demanded => _source?.DemandedStop;

    /// <summary>
    /// Begins a stop that was asked for, or demanded at the device. True where it goes by commands: the hold command is to be
    /// sent at once.
    /// </summary>
    public bool Serve(long now)
    {
        if (Demanded is { } demand && !ReferenceEquals(demand, _obeyed))
        {
            _obeyed = demand;
            mail.Stops.Request(demand.Level, demand.Reason);
        }

        return mail.State != DeviceState.Closed && mail.Stops.TryTake(out StopLevel level, out string reason) && Begin(level, reason, now);
    }

    /// <summary>No command came for too long: a stop that the driver begins by itself.</summary>
    public void BeginOwn(string reason, long now)
    {
        mail.Stops.Raise(hold.CanHold ? StopLevel.ControlledStop : StopLevel.PowerOff);
        (mail.FaultReason, _since) = (reason, now);
        _rest.Restart();
        if (!hold.CanHold)
        {
            power.Remove();
        }
    }

    /// <summary>After a cycle: confirms a hold, removes the power of what has come to rest, or has had its time.</summary>
    /// <param name="read">Whether <paramref name="state"/> was read in it.</param>
    /// <param name="blind">Whether the device says that its position cannot be believed.</param>
    /// <param name="state">The newest reading, [states].</param>
    /// <param name="now">When it ended.</param>
    public void Continue(bool read, bool blind, ReadOnlySpan<double> state, long now)
    {
        StopLevel level = mail.Stops.Level;
        if (level == StopLevel.None || !power.IsOn || power.IsBeingRemoved)
        {
            return;
        }

        if (blind)
        {
            // It can neither be held nor be seen to rest.
            mail.Stops.Raise(StopLevel.PowerOff);
            power.Remove();
            return;
        }

        bool atRest = read && _rest.See(state, now);
        if (level == StopLevel.Hold && atRest)
        {
            mail.Stops.Confirm(now);
        }
        else if (level >= StopLevel.ControlledStop && (atRest || now - _since >= _timeout))
        {
            power.Remove();
        }
    }

    private bool Begin(StopLevel level, string reason, long now)
    {
        if (level == StopLevel.Hold && !hold.CanHold)
        {
            level = StopLevel.PowerOff;
            mail.Stops.Raise(level);
        }

        _since = now;
        _rest.Restart();
        if (level >= StopLevel.ControlledStop && mail.State != DeviceState.Faulted)
        {
            mail.FaultReason =
                device.Fault is not { } fault ? reason
                : fault.Contains(reason, StringComparison.Ordinal) ? fault
                : $"{reason} ({fault})";
        }

        if (!power.IsOn && level == StopLevel.Hold)
        {
            if (power.IsLinked)
            {
                mail.Stops.Confirm(now);
            }

            return false;
        }

        if (!power.IsOn || level == StopLevel.PowerOff || !hold.CanHold)
        {
            power.Remove();
            return false;
        }

        return true;
    }
}
