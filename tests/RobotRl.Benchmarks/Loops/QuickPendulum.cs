using RobotRl.Hardware.Contracts;
using RobotRl.Sim.Robots.Pendulum;

namespace RobotRl.Benchmarks.Loops;

/// <summary>The simulated pendulum stepped once per millisecond, so that every tick of a 1 kHz loop has a fresh reading.</summary>
internal sealed class QuickPendulum : ILockstepRobot
{
    private readonly PendulumRobot _inner = new();

    public QuickPendulum() => Description = _inner.Description with { ControlPeriod = TimeSpan.FromMilliseconds(1) };

    public RobotDescription Description { get; }

    public DeviceState State => _inner.State;

    public string? FaultReason => _inner.FaultReason;

    public StopStatus Stop => _inner.Stop;

    public TimeSpan Time => _inner.Time;

    public int PhysicalStateSize => _inner.PhysicalStateSize;

    public ReadOnlySpan<long> InternalState
    {
        get => _inner.InternalState;
        set => _inner.InternalState = value;
    }

    public void SaveExtra(IRobotStateWriter writer) => _inner.SaveExtra(writer);

    public void LoadExtra(IRobotStateReader reader) => _inner.LoadExtra(reader);

    public void Open() => _inner.Open();

    public void PowerOn() => _inner.PowerOn();

    public void PowerOff() => _inner.PowerOff();

    public void Close() => _inner.Close();

    public void ClearFault() => _inner.ClearFault();

    public ReadResult Read(Span<double> state) => _inner.Read(state);

    public WriteResult Write(ReadOnlySpan<double> command) => _inner.Write(command);

    public void RequestStop(StopLevel level, string reason) => _inner.RequestStop(level, reason);

    public void Teleport(ReadOnlySpan<double> state) => _inner.Teleport(state);

    public void CopyPhysicalState(Span<double> state) => _inner.CopyPhysicalState(state);

    public void Advance() => _inner.Advance();

    public void Dispose() => _inner.Dispose();
}
