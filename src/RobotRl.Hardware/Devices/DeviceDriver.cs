using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Timing;

namespace RobotRl.Hardware.Devices;

/// <summary>
/// Makes a robot of a device: an I/O thread cycles it on an absolute time grid and executes stops; readings and commands pass
/// through mailboxes that hold the newest.
/// </summary>
/// <remarks>
/// <para><see cref="Read"/>, <see cref="Write"/> and <see cref="RequestStop"/> neither wait nor allocate. The first command after
/// power-on phases the grid so that readings are complete <see cref="DriverOptions.Lead"/> of a period before the tick that uses
/// them. Cycles that the thread was too late for are dropped and counted, never made up.</para>
/// <para>Where commands stay away it holds, and then stops by itself; where answers stay away it is Faulted, connects again and
/// stays without power until <see cref="ClearFault"/> and <see cref="PowerOn"/>, which start from the measured pose. From power-on
/// to the first command it holds. A stop counts as confirmed on read-back only. It owns the device.</para>
/// </remarks>
public sealed class DeviceDriver : IRobot, IStopSource
{
    // The thread looks at the clock at least this often, so that an injected clock may run at any speed.
    private const int MaxWaitMs = 5;

    // A wait for the event may take this much longer: the rest is slept on the clock.
    private const double WaitOvershootMs = 0.5;

    private readonly IDevice _device;
    private readonly DriverOptions _options;
    private readonly TimeProvider _time;
    private readonly MonotonicStamp _clock;
    private readonly bool _ownThread;
    private readonly DriverMailboxes _mail;
    private readonly DeviceCycle _cycle;
    private readonly AutoResetEvent _wake = new(false);
    private readonly IoCalls _calls;

    // Control thread's own.
    private readonly double[] _newest;
    private long _newestStamp;
    private bool _unread;

    private volatile bool _closing;
    private volatile string? _schedulingProblem;
    private Thread? _thread;

    /// <summary>
    /// Drives <paramref name="device"/>; <paramref name="time"/>'s monotonic stamp is the clock, and must be the device's too.
    /// </summary>
    /// <exception cref="ArgumentException">The options have problems; the message lists them all.</exception>
    public DeviceDriver(IDevice device, DriverOptions options, TimeProvider time)
        : this(device, options, time, ownThread: true) { }

    /// <summary>For tests: without a thread, <see cref="Serve"/> does by hand what it would do.</summary>
    internal DeviceDriver(IDevice device, DriverOptions options, TimeProvider time, bool ownThread)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        _device = device;
        string[] problems = [.. options.Validate("Driver", Description.ControlPeriod)];
        if (problems.Length > 0)
        {
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        }

        (_options, _time, _ownThread) = (options, time, ownThread);
        _clock = new(time);
        _mail = new(Description);
        _newest = new double[Description.States.Length];
        _cycle = new(device, options, time, _mail, _wake);
        _calls = new(Description.Name, _wake);
    }

    /// <inheritdoc/>
    public RobotDescription Description => _device.Description;

    /// <inheritdoc/>
    public DeviceState State => _mail.State;

    /// <inheritdoc/>
    public string? FaultReason =>
        _mail.State switch
        {
            DeviceState.Faulted => _mail.FaultReason,
            DeviceState.Closed => null,
            _ => _cycle.DeviceFault,
        };

    /// <inheritdoc/>
    public StopStatus Stop => _mail.Stops.Status;

    /// <inheritdoc/>
    public DemandedStop? DemandedStop => _cycle.DemandedStop;

    /// <summary>What was missed and made good since the driver was made. Any thread.</summary>
    public DriverCounters Counters => _cycle.Counters;

    /// <summary>
    /// Why the I/O thread has no real-time priority, in one sentence; null where it has, or none was asked for. Any thread.
    /// </summary>
    public string? SchedulingProblem => _schedulingProblem;

    /// <inheritdoc/>
    public void Open()
    {
        if (_mail.State != DeviceState.Closed)
        {
            return;
        }

        _cycle.Open();
        if (_ownThread)
        {
            _closing = false;
            _thread = new(Run) { IsBackground = true, Name = $"{Description.Name} I/O" };
            _thread.Start();
        }
    }

    /// <inheritdoc/>
    public void PowerOn() => Call(_cycle.PowerOn);

    /// <inheritdoc/>
    public void PowerOff() => Call(_cycle.PowerOff);

    /// <inheritdoc/>
    public void ClearFault() => Call(_cycle.ClearFault);

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

        _cycle.Close();
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

        if (_mail.State == DeviceState.Closed)
        {
            return new(IoStatus.WrongState, TimeSpan.Zero, TimeSpan.Zero, _clock.Since(start));
        }

        if (_mail.Readings.TryTake(out NewestSlot slot))
        {
            slot.Values.CopyTo(_newest, 0);
            (_newestStamp, _unread) = (slot.Stamp, true);
        }

        if (_mail.Failure is var failure && failure != IoStatus.Ok)
        {
            // With a fault of its own it still reports: who arms has to see that it rests, and a stamp goes with its numbers.
            if (failure == IoStatus.DeviceFault && _newestStamp > 0)
            {
                _newest.CopyTo(state);
            }

            return new(failure, new(_newestStamp), _clock.Since(_newestStamp), _clock.Since(start));
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

        if (_mail.State != DeviceState.Powered || _mail.Stops.Any)
        {
            return new(IoStatus.WrongState, _clock.Since(start));
        }

        if (!Description.Accepts(command))
        {
            return new(IoStatus.Refused, _clock.Since(start));
        }

        _mail.Commands.Publish(command, start, _mail.PowerCycle);
        _mail.AskPhase(start);
        return new(IoStatus.Ok, _clock.Since(start));
    }

    /// <inheritdoc/>
    public void RequestStop(StopLevel level, string reason)
    {
        if (level != StopLevel.None)
        {
            // Where it is closed there is no power to remove; Open then ends in Faulted.
            _mail.Stops.Request(level, reason);
            if (level == StopLevel.PowerOff)
            {
                _cycle.Hurry();
            }

            _wake.Set();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Close();
        _cycle.Dispose();
        _wake.Dispose();
    }

    /// <summary>I/O thread: everything that is due. Returns the time to the next cycle.</summary>
    internal TimeSpan Serve()
    {
        _cycle.ServeStop();
        _calls.Serve();
        return _cycle.Serve();
    }

    private void Run()
    {
        if (_options.FifoPriority > 0)
        {
            _schedulingProblem = RealTimeScheduling.TryUseFifo(_options.FifoPriority);
        }

        bool real = ReferenceEquals(_time, TimeProvider.System);
        while (!_closing)
        {
            TimeSpan left = ServeSafely();
            int wait = (int)(Math.Min(left.TotalMilliseconds, MaxWaitMs) - WaitOvershootMs);
            if (wait > 0)
            {
                _wake.WaitOne(wait);
            }
            else if (real)
            {
                MonotonicClock.SleepUntil(MonotonicClock.NowNs + (left.Ticks * TimeSpan.NanosecondsPerTick));
            }
            else
            {
                Thread.Yield();
            }
        }
    }

    private TimeSpan ServeSafely()
    {
        try
        {
            return Serve();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // One bad packet must not end the thread that can remove power.
            _cycle.Fail(error);
            return TimeSpan.Zero;
        }
    }

    private void Call(Action action)
    {
        if (_thread is null)
        {
            _cycle.ServeStop();
            action();
        }
        else
        {
            _calls.Call(action);
        }
    }
}
