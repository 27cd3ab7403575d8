using RobotRl.Hardware.Devices.Calibration;

namespace RobotRl.Runtime.Tests.Commands.Calibrate;

/// <summary>Two joints that a test moves.</summary>
internal sealed class FakeJoints : ICalibratable
{
    private readonly Lock _lock = new();
    private readonly int[] _ticks = [1000, 4000];

    public long Reads { get; private set; }

    public bool Answers { get; set; } = true;

    public bool Connected { get; private set; }

    public bool HasSeam { get; set; }

    public IReadOnlyList<CalibrationJoint> Joints =>
        [new("elbow", 4096, Wraps: true) { HasSeam = HasSeam }, new("wrist", 4096, Wraps: true) { HasSeam = HasSeam }];

    public IReadOnlyList<JointCalibration> Calibrations { get; } = [new(), new() { Direction = -1, GearRatio = 2 }];

    public void ConnectUnpowered() => Connected = true;

    public bool TryReadTicks(Span<int> ticks)
    {
        lock (_lock)
        {
            Reads++;
            _ticks.CopyTo(ticks);
            return Answers;
        }
    }

    public void Disconnect() => Connected = false;

    public void Dispose() => Disconnect();

    /// <summary>Moves a joint by hand, in steps that are each seen.</summary>
    public void Move(int joint, int by)
    {
        for (int left = Math.Abs(by); left > 0; left -= 500)
        {
            long before;
            lock (_lock)
            {
                _ticks[joint] = (((_ticks[joint] + (Math.Sign(by) * Math.Min(left, 500))) % 4096) + 4096) % 4096;
                before = Reads;
            }

            SpinWait.SpinUntil(() => Reads > before + 1, TimeSpan.FromSeconds(5));
        }
    }
}
