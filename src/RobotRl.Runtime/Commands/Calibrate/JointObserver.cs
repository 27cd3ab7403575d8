using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices.Calibration;

namespace RobotRl.Runtime.Commands.Calibrate;

/// <summary>Reads every joint again and again while somebody moves them by hand, on a thread of its own.</summary>
internal sealed class JointObserver : IDisposable
{
    // Between two readings no joint may make half a turn: at 50 Hz that takes 25 turns a second.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20),
        FirstReading = TimeSpan.FromSeconds(3);

    private readonly ICalibratable _device;
    private readonly JointRecorder[] _recorders;
    private readonly int[] _ticks;
    private readonly Lock _lock = new();
    private readonly ManualResetEventSlim _first = new(),
        _ended = new();
    private readonly Thread _thread;

    public JointObserver(ICalibratable device)
    {
        _device = device;
        _recorders = [.. device.Joints.Select(j => new JointRecorder(j))];
        _ticks = new int[_recorders.Length];
        _thread = new Thread(Run) { Name = "calibrate", IsBackground = true };
        _thread.Start();
        if (!_first.Wait(FirstReading))
        {
            Dispose();
            throw new RobotException(
                "calibrate",
                $"Not every joint answers ({string.Join(", ", device.Joints.Select(j => j.Name))}). Check supply, cable and "
                    + $"ids; robotrl doctor looks closer."
            );
        }
    }

    /// <summary>
    /// Does <paramref name="work"/> with the recorder and the newest ticks of joint <paramref name="index"/>, between two
    /// readings.
    /// </summary>
    public T With<T>(int index, Func<JointRecorder, int, T> work)
    {
        lock (_lock)
        {
            return work(_recorders[index], _ticks[index]);
        }
    }

    /// <summary>Forgets what joint <paramref name="index"/> has seen so far.</summary>
    public void Begin(int index)
    {
        lock (_lock)
        {
            _recorders[index] = new JointRecorder(_device.Joints[index]);
            _recorders[index].Observe(_ticks[index]);
        }
    }

    public void Dispose()
    {
        _ended.Set();
        _thread.Join();
    }

    private void Run()
    {
        var ticks = new int[_ticks.Length];
        while (!_ended.IsSet)
        {
            if (_device.TryReadTicks(ticks))
            {
                lock (_lock)
                {
                    ticks.CopyTo(_ticks, 0);
                    for (int i = 0; i < ticks.Length; i++)
                    {
                        _recorders[i].Observe(ticks[i]);
                    }
                }

                _first.Set();
            }

            _ended.Wait(Interval);
        }
    }
}
