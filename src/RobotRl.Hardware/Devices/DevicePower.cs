using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Timing;

namespace RobotRl.Hardware.Devices;

/// <summary>
/// Link and power of a device, as far as they were read back: power counts as on until the device confirms that it is off. What a
/// device throws instead of answering confirms nothing. I/O thread, or while there is none.
/// </summary>
internal sealed class DevicePower(IDevice device, DriverMailboxes mail, MonotonicStamp clock)
{
    /// <summary>A single lost reply must not make arming or closing fail.</summary>
    public const int Tries = 5;

    private readonly string _name = device.Description.Name;

    /// <summary>Whether it is connected.</summary>
    public bool IsLinked { get; private set; }

    /// <summary>Whether it may be under power.</summary>
    public bool IsOn { get; private set; }

    /// <summary>Whether its power is to be removed, and it has not confirmed that yet.</summary>
    public bool IsBeingRemoved { get; private set; }

    /// <summary>Connects, and reads back that it is without power.</summary>
    /// <exception cref="RobotException">It does not confirm that; it is disconnected again.</exception>
    public void Connect()
    {
        device.Connect();
        if (!TrySwitchOff())
        {
            string? fault = device.Fault;
            device.Disconnect();
            string why = fault is null ? "" : $" ({fault.TrimEnd('.')})";
            throw new RobotException(
                _name,
                $"Robot {_name}: it does not confirm that it is without power{why}. Switch its supply off and on, and open it again."
            );
        }

        (IsLinked, IsOn, IsBeingRemoved) = (true, false, false);
    }

    /// <summary>Switches on, with goals at <paramref name="state"/>. Where it throws, part of it may be on.</summary>
    public void SwitchOn(ReadOnlySpan<double> state)
    {
        IsOn = true;
        device.PowerOn(state);
    }

    /// <summary>To Faulted, without power; to be tried in every cycle until it is confirmed.</summary>
    public void Remove()
    {
        IsBeingRemoved = true;
        TryRemove();
        mail.State = DeviceState.Faulted;
    }

    /// <summary>To Readable where the device confirms it, else a stop like any other.</summary>
    public void RemoveOrStop()
    {
        if (SwitchOff())
        {
            IsOn = false;
            mail.State = DeviceState.Readable;
            return;
        }

        mail.Stops.Raise(StopLevel.PowerOff);
        mail.FaultReason =
            $"Robot {_name}: it does not confirm that it is without power; switching off is tried again. {device.LinkAdvice}; "
            + $"switch its supply off where that lasts.";
        Remove();
    }

    /// <summary>Once more, where it is being removed.</summary>
    public void TryRemove()
    {
        if (IsBeingRemoved && IsLinked && SwitchOff())
        {
            (IsBeingRemoved, IsOn) = (false, false);
            mail.Stops.Confirm(clock.Now);
        }
    }

    /// <summary>Switches off and disconnects; whether stops count as confirmed is what the device then said.</summary>
    public void Close()
    {
        if (IsLinked && TrySwitchOff())
        {
            mail.Stops.Confirm(clock.Now);
        }
        else
        {
            mail.Stops.Unconfirm();
        }

        Disconnect();
    }

    /// <summary>The link is given up for lost: part of the device may still listen.</summary>
    public void GiveUp()
    {
        if (IsLinked && mail.Stops.Level == StopLevel.PowerOff)
        {
            // Power off was asked for: nothing milder will do.
            SwitchOff();
        }
        else if (IsLinked)
        {
            Abandon();
        }

        Disconnect();
    }

    private void Disconnect()
    {
        device.Disconnect();
        (IsLinked, IsOn, IsBeingRemoved) = (false, false, false);
    }

    private bool TrySwitchOff()
    {
        bool off = false;
        for (int i = 0; i < Tries && !off; i++)
        {
            off = SwitchOff();
        }

        return off;
    }

    private bool SwitchOff()
    {
        try
        {
            return device.PowerOff();
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
            device.Abandon();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // The loss of the link is reported already.
        }
    }
}
