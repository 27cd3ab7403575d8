using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Timing;

namespace RobotRl.Benchmarks.Devices;

/// <summary>Passes everything on, and keeps how old each reading was that the control thread was handed.</summary>
internal sealed class AgeRecordingRobot(IRobot inner) : IRobot
{
    /// <summary>Ages at every tick, whether the reading was new or not.</summary>
    public LatencyHistogram Ages { get; } = new();

    /// <summary>Readings that were new.</summary>
    public long Fresh { get; private set; }

    /// <summary>Reads of any kind.</summary>
    public long Reads { get; private set; }

    public RobotDescription Description => inner.Description;

    public DeviceState State => inner.State;

    public string? FaultReason => inner.FaultReason;

    public StopStatus Stop => inner.Stop;

    public void Open() => inner.Open();

    public void PowerOn() => inner.PowerOn();

    public void PowerOff() => inner.PowerOff();

    public void Close() => inner.Close();

    public void ClearFault() => inner.ClearFault();

    public ReadResult Read(Span<double> state)
    {
        ReadResult read = inner.Read(state);
        Reads++;
        Fresh += read.Status == IoStatus.Ok ? 1 : 0;
        Ages.Record((long)read.Age.TotalNanoseconds);
        return read;
    }

    public WriteResult Write(ReadOnlySpan<double> command) => inner.Write(command);

    public void RequestStop(StopLevel level, string reason) => inner.RequestStop(level, reason);

    public void Dispose() => inner.Dispose();
}
