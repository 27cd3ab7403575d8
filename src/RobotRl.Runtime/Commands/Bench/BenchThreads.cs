using RobotRl.Hardware.Timing;
using RobotRl.Runtime.Learning;
using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Commands.Bench;

/// <summary>Recorder and learner thread of a session, without its disk.</summary>
internal sealed class BenchThreads(RunParts parts)
{
    private const long MillisecondNs = 1_000_000;

    private readonly List<Thread> _threads = [];
    private volatile bool _stop;
    private volatile Exception? _failure;

    /// <summary>What ended one of them; null while all is well.</summary>
    public Exception? Failure => _failure;

    /// <summary>Starts both.</summary>
    public void Start()
    {
        Launch("recorder", Record);
        Launch("learner", Learn);
    }

    /// <summary>Ends both and waits for them.</summary>
    public void Stop()
    {
        _stop = true;
        _threads.ForEach(t => t.Join());
    }

    private void Record()
    {
        parts.Recorder.Drain();
        long now = MonotonicClock.NowNs;
        parts.Supervisor.ReportRecorder(now);
        MonotonicClock.SleepUntil(now + (2 * MillisecondNs));
    }

    private void Learn()
    {
        LearnerLoop learner = parts.Learner!;
        long now = MonotonicClock.NowNs;
        learner.Status.HeartbeatNs = now;
        while (parts.Inbox!.TryPeek(out ReadOnlySpan<byte> frame))
        {
            learner.Take(frame);
            parts.Inbox.Release();
            if (learner.KeepsNothing)
            {
                learner.Step();
            }
        }

        if (!learner.Step())
        {
            MonotonicClock.SleepUntil(now + MillisecondNs);
        }
    }

    private void Launch(string name, Action round)
    {
        var thread = new Thread(() =>
        {
            try
            {
                while (!_stop)
                {
                    round();
                }
            }
#pragma warning disable CA1031 // On this thread it would end the process; the caller says what it was.
            catch (Exception e)
#pragma warning restore CA1031
            {
                _failure = e;
            }
        })
        {
            Name = name,
            IsBackground = true,
        };
        thread.Start();
        _threads.Add(thread);
    }
}
