using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Devices;

/// <summary>Publishes what a device reports, and keeps count of what it does not. I/O thread, but for what says so.</summary>
internal sealed class ReplyWatch(DriverMailboxes mail, CyclePhase phase)
{
    private const int BlindCycles = 3;

    private int _blind;
    private long _missed;

    /// <summary>Cycles in a row without an answer.</summary>
    public long Unanswered { get; private set; }

    /// <summary>Whether it answers, and says that its position cannot be believed.</summary>
    public bool IsBlind => _blind >= BlindCycles;

    /// <summary>Cycles without a reading since it was made. Any thread.</summary>
    public long Missed => Volatile.Read(ref _missed);

    /// <summary>Counting begins anew: it was just connected, or powered.</summary>
    public void Restart() => (Unanswered, _blind) = (0, 0);

    /// <summary>Takes note of an exchange.</summary>
    /// <param name="reading">How it ended.</param>
    /// <param name="state">What was read, [states].</param>
    /// <param name="tookTicks">How long it took.</param>
    /// <param name="faulty">Whether the device says that something is wrong with it.</param>
    public void Note(DeviceReading reading, ReadOnlySpan<double> state, long tookTicks, bool faulty)
    {
        bool answered = reading.Status is IoStatus.Ok or IoStatus.DeviceFault;
        _blind =
            reading.Status == IoStatus.DeviceFault && reading.TimestampTicks == 0 ? _blind + 1
            : reading.Status == IoStatus.Ok ? 0
            : _blind;
        Unanswered = answered || reading.CameLate ? 0 : Unanswered + 1;
        if (reading.Status == IoStatus.Ok || (answered && reading.TimestampTicks > 0))
        {
            mail.Readings.Publish(state, reading.TimestampTicks, 0);
        }

        if (reading.Status == IoStatus.Ok)
        {
            phase.Took(tookTicks);
        }
        else
        {
            Volatile.Write(ref _missed, _missed + 1);
        }

        mail.Failure = reading.Status == IoStatus.DeviceFault || faulty ? IoStatus.DeviceFault : IoStatus.Ok;
    }
}
