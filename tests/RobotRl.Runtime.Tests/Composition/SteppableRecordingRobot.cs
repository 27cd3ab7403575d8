using RobotRl.Hardware.Contracts;

namespace RobotRl.Runtime.Tests.Composition;

/// <summary>Hardware whose driver can be stepped and claims to put it anywhere, without saying that it is simulated.</summary>
internal sealed class SteppableRecordingRobot(RecordingRobot.Record record) : RecordingRobot(record), ILockstepRobot
{
    private readonly RecordingRobot.Record _record = record;

    public int PhysicalStateSize => 2;

    public TimeSpan Time => TimeSpan.Zero;

    public ReadOnlySpan<long> InternalState
    {
        get => [];
        set { }
    }

    public void Advance() => Interlocked.Increment(ref _record.Steps);

    public void CopyPhysicalState(Span<double> state) => state.Clear();

    public void Teleport(ReadOnlySpan<double> state) => Interlocked.Increment(ref _record.Steps);
}
