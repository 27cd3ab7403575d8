namespace RobotRl.Hardware.Devices;

/// <summary>
/// What is sent to a powered device: the newest command while it is fresh, else the hold command. I/O thread; ticks of 100 ns.
/// </summary>
internal sealed class CommandFeed
{
    private readonly DriverMailboxes _mail;
    private readonly HoldCommand _hold;
    private readonly CyclePhase _phase;
    private readonly long _period,
        _maxAge;
    private readonly double[] _command;
    private long _stamp,
        _unfed,
        _held;

    public CommandFeed(DriverMailboxes mail, HoldCommand hold, CyclePhase phase, int commands, long period, long maxAge) =>
        (_mail, _hold, _phase, _command, _period, _maxAge) = (mail, hold, phase, new double[commands], period, maxAge);

    /// <summary>Cycles in which the hold command was sent for want of a fresh one. Any thread.</summary>
    public long HeldCycles => Volatile.Read(ref _held);

    /// <summary>
    /// How long no command has come, counted in cycles: a pause of the whole process (a collection, a stopped machine) is no loss of
    /// the control thread. Zero before the first one, and while they come.
    /// </summary>
    public long Missing { get; private set; }

    /// <summary>Age of the newest command at <paramref name="now"/>.</summary>
    public long Age(long now) => now - _stamp;

    /// <summary>Commands of before are of no use: it begins with the hold command.</summary>
    public void Forget()
    {
        _mail.ForgetCommands();
        (_stamp, Missing) = (0, 0);
    }

    /// <summary>The command of this cycle, [commands].</summary>
    public ReadOnlySpan<double> Next(long now)
    {
        if (_mail.Commands.TryTake(out Timing.NewestSlot slot) && slot.Generation == _mail.PowerCycle)
        {
            slot.Values.CopyTo(_command, 0);
            _hold.Follow(_command);
            (_stamp, _unfed) = (slot.Stamp, 0);
            _phase.Follow(slot.Stamp);
        }

        Missing = 0;
        if (_stamp == 0)
        {
            return _hold.Values;
        }

        long missing = _unfed++ * _period;
        if (Age(now) <= _maxAge)
        {
            return _command;
        }

        Missing = missing;
        Volatile.Write(ref _held, _held + 1);
        return _hold.Values;
    }
}
