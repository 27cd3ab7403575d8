using RobotRl.Hardware.Timing;
using RobotRl.Runtime.Timing;

namespace RobotRl.Runtime.Loops;

/// <summary>
/// Ticks a <see cref="ControlLoop"/> in real time on a thread of its own, on an absolute grid that nothing shifts. It sleeps with
/// clock_nanosleep(TIMER_ABSTIME) under SCHED_FIFO where that is permitted.
/// </summary>
public sealed class ControlThread : IDisposable
{
    private static readonly TimeSpan s_endLimit = TimeSpan.FromSeconds(5);

    private readonly ControlLoop _loop;
    private readonly LoopOptions _options;
    private readonly SupervisorTimeout? _watch;
    private readonly long _periodNs;
    private readonly Thread _thread;
    private readonly List<string> _warnings = [];
    private readonly ManualResetEventSlim _running = new();
    private bool _stop,
        _plannedPause;
    private long _allocated;

    /// <summary>Prepares the thread; nothing runs yet. With <paramref name="watch"/> it looks after its supervisor.</summary>
    public ControlThread(ControlLoop loop, LoopOptions options, TimeSpan period, SupervisorTimeout? watch = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_loop, _options, _watch) = (loop, options, watch);
        _periodNs = period.Ticks * TimeSpan.NanosecondsPerTick;
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(_periodNs, nameof(period));
        _thread = new Thread(Run)
        {
            Name = "control",
            IsBackground = true,
            Priority = ThreadPriority.Highest,
        };
    }

    /// <summary>How late ticks began. Recorded by the control thread.</summary>
    public LatencyHistogram Lateness { get; } = new();

    /// <summary>How long ticks lasted. Recorded by the control thread.</summary>
    public LatencyHistogram Duration { get; } = new();

    /// <summary>Why real-time scheduling or affinity are not in force; empty where they are. After <see cref="Start"/>.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>The exception that ended the thread, which is a defect of ours; null while all is well.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Bytes that the control thread allocated on the managed heap in its ticks.</summary>
    public long AllocatedBytes => Volatile.Read(ref _allocated);

    /// <summary>
    /// While set, late ticks are part of a planned pause: they count neither as missed nor in <see cref="Lateness"/>. Any thread.
    /// </summary>
    public bool PlannedPause
    {
        get => Volatile.Read(ref _plannedPause);
        set => Volatile.Write(ref _plannedPause, value);
    }

    /// <summary>Starts ticking and returns once the thread has set itself up.</summary>
    public void Start()
    {
        _thread.Start();
        _running.Wait();
    }

    /// <summary>Ends the thread after its present tick and waits for it; false where that tick does not end within 5 s.</summary>
    public bool Stop()
    {
        Volatile.Write(ref _stop, true);
        return !_thread.IsAlive || _thread.Join(s_endLimit);
    }

    /// <summary>Ends the thread.</summary>
    public void Dispose()
    {
        Stop();
        _running.Dispose();
    }

    private void Run()
    {
        if (_options.Processors != 0 && RealTimeScheduling.TryUseProcessors(_options.Processors) is { } affinity)
        {
            _warnings.Add(affinity);
        }

        if (_options.FifoPriority > 0 && RealTimeScheduling.TryUseFifo(_options.FifoPriority) is { } priority)
        {
            _warnings.Add(priority);
        }

        _running.Set();
        try
        {
            Loop();
        }
#pragma warning disable CA1031 // Whatever ends this thread must reach the supervisor, whose watch on the heartbeat stops the robot.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Failure = exception;
        }
    }

    private void Loop()
    {
        ControlStatus status = _loop.Status;
        long deadline = MonotonicClock.NowNs + _periodNs;
        long allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
        while (!Volatile.Read(ref _stop))
        {
            MonotonicClock.SleepUntil(deadline);
            long began = MonotonicClock.NowNs;
            _loop.Tick(began);
            long ended = MonotonicClock.NowNs;
            bool planned = PlannedPause;
            if (!planned)
            {
                _watch?.Look(status.Commands, ended);
                Lateness.Record(began - deadline);
                Duration.Record(ended - began);
            }

            deadline += _periodNs;
            bool skip = planned || _options.OverrunRule == OverrunRule.SkipToNext;
            long missed =
                ended <= deadline ? 0
                : skip ? 1 + ((ended - deadline) / _periodNs)
                : 1;
            if (missed == 0 || planned)
            {
                status.MissedInRow = 0;
            }
            else
            {
                status.MissedTicks += missed;
                status.MissedInRow += missed;
            }

            if (skip)
            {
                deadline += missed * _periodNs;
            }

            Volatile.Write(ref _allocated, GC.GetAllocatedBytesForCurrentThread() - allocatedBefore);
        }
    }
}
