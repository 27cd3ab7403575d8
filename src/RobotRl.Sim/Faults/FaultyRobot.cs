using System.Collections.Immutable;
using RobotRl.Hardware.Contracts;

namespace RobotRl.Sim.Faults;

/// <summary>
/// A robot with a schedule of faults, for tests of everything that must cope with them. Without an active fault it is the
/// robot that it wraps, which it owns.
/// </summary>
/// <remarks>One thread uses it, as any lockstep robot. Put <see cref="RealTimeSimulation"/> around it for real time.</remarks>
public sealed class FaultyRobot : ILockstepRobot
{
    private const int HistoryLength = RobotFault.MaxDelaySteps + 2;

    private readonly ILockstepRobot _robot;
    private readonly ImmutableArray<RobotFault> _faults;
    private readonly double[][] _history;
    private readonly TimeSpan[] _stamps = new TimeSpan[HistoryLength];
    private readonly long[] _internal;
    private long _step,
        _samples,
        _handed;
    private bool _fresh,
        _ownFault;

    /// <summary>Wraps <paramref name="robot"/>.</summary>
    public FaultyRobot(ILockstepRobot robot, params ImmutableArray<RobotFault> faults)
    {
        ArgumentNullException.ThrowIfNull(robot);
        foreach (RobotFault fault in faults)
        {
            if (fault.DelaySteps is < 1 or > RobotFault.MaxDelaySteps)
            {
                throw new ArgumentException(
                    $"A delay of {fault.DelaySteps} steps; allowed: 1 to {RobotFault.MaxDelaySteps}.",
                    nameof(faults)
                );
            }
        }

        (_robot, _faults) = (robot, faults);
        _history = [.. Enumerable.Range(0, HistoryLength).Select(_ => new double[robot.Description.States.Length])];
        _internal = new long[1 + robot.InternalState.Length];
    }

    /// <inheritdoc/>
    public RobotDescription Description => _robot.Description;

    /// <inheritdoc/>
    public DeviceState State => _robot.State;

    /// <inheritdoc/>
    public string? FaultReason => _robot.FaultReason;

    /// <inheritdoc/>
    public StopStatus Stop
    {
        get
        {
            StopStatus stop = _robot.Stop;
            bool unread = Active(RobotFaultKind.StopUnconfirmed) is not null || Active(RobotFaultKind.LinkLost) is not null;
            return unread ? new(stop.Requested, false, TimeSpan.Zero) : stop;
        }
    }

    /// <inheritdoc/>
    public TimeSpan Time => _robot.Time;

    /// <inheritdoc/>
    public int PhysicalStateSize => _robot.PhysicalStateSize;

    /// <summary>
    /// Its step, then the wrapped robot's. Setting it starts the history of a delay anew; <see cref="LoadExtra"/> brings it back.
    /// </summary>
    public ReadOnlySpan<long> InternalState
    {
        get
        {
            _internal[0] = _step;
            _robot.InternalState.CopyTo(_internal.AsSpan(1));
            return _internal;
        }
        set
        {
            _robot.InternalState = value[1..];
            _step = value[0];
            (_samples, _handed) = (0, -1);
            Sample();
        }
    }

    /// <summary>The readings that a delay holds back, then what the wrapped robot keeps.</summary>
    public void SaveExtra(IRobotStateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        for (int i = 0; i < HistoryLength; i++)
        {
            writer.Write($"faulty/history/{i}", _history[i]);
        }

        writer.Write("faulty/stamps", (ReadOnlySpan<long>)[.. _stamps.Select(s => s.Ticks)]);
        writer.Write("faulty/counters", (ReadOnlySpan<long>)[_samples, _handed, _fresh ? 1 : 0, _ownFault ? 1 : 0]);
        _robot.SaveExtra(writer);
    }

    /// <inheritdoc/>
    public void LoadExtra(IRobotStateReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        for (int i = 0; i < HistoryLength; i++)
        {
            reader.Read($"faulty/history/{i}", _history[i]);
        }

        long[] stamps = new long[HistoryLength],
            counters = new long[4];
        reader.Read("faulty/stamps", stamps);
        reader.Read("faulty/counters", counters);
        for (int i = 0; i < HistoryLength; i++)
        {
            _stamps[i] = TimeSpan.FromTicks(stamps[i]);
        }

        (_samples, _handed, _fresh, _ownFault) = (counters[0], counters[1], counters[2] != 0, counters[3] != 0);
        _robot.LoadExtra(reader);
    }

    /// <inheritdoc/>
    public void Open()
    {
        _robot.Open();
        Sample();
    }

    /// <inheritdoc/>
    public void PowerOn() => _robot.PowerOn();

    /// <inheritdoc/>
    public void PowerOff() => _robot.PowerOff();

    /// <inheritdoc/>
    public void Close() => _robot.Close();

    /// <inheritdoc/>
    public void ClearFault()
    {
        if (Active(RobotFaultKind.DeviceError) is not null)
        {
            throw new RobotException(
                Description.Name,
                $"Robot {Description.Name}: the device error persists. Wait until it is gone and clear the fault again."
            );
        }

        _robot.ClearFault();
    }

    /// <inheritdoc/>
    public ReadResult Read(Span<double> state)
    {
        int slot = (int)(Math.Max(0, _handed) % HistoryLength);
        TimeSpan taken = _stamps[slot],
            age = Time - taken;
        if (State == DeviceState.Closed)
        {
            return new(IoStatus.WrongState, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);
        }

        if (Active(RobotFaultKind.LinkLost) is not null)
        {
            return new(IoStatus.LinkLost, taken, age, TimeSpan.Zero);
        }

        if (_ownFault || Active(RobotFaultKind.DeviceError) is not null)
        {
            return new(IoStatus.DeviceFault, taken, age, TimeSpan.Zero);
        }

        if (Active(RobotFaultKind.NaNReadings) is not null)
        {
            state.Fill(double.NaN);
        }
        else
        {
            _history[slot].CopyTo(state);
        }

        IoStatus status = _fresh ? IoStatus.Ok : IoStatus.NotFresh;
        _fresh = false;
        return new(status, taken, age, TimeSpan.Zero);
    }

    /// <inheritdoc/>
    public WriteResult Write(ReadOnlySpan<double> command) =>
        Active(RobotFaultKind.LinkLost) is null ? _robot.Write(command) : new(IoStatus.LinkLost, TimeSpan.Zero);

    /// <inheritdoc/>
    public void RequestStop(StopLevel level, string reason) => _robot.RequestStop(level, reason);

    /// <inheritdoc/>
    public void Teleport(ReadOnlySpan<double> state)
    {
        _robot.Teleport(state);
        Sample();
    }

    /// <inheritdoc/>
    public void Advance()
    {
        _step++;
        _robot.Advance();
        if (Active(RobotFaultKind.DeviceError) is not null)
        {
            _robot.RequestStop(StopLevel.PowerOff, $"Robot {Description.Name}: device error at step {_step}.");
        }

        Sample();
    }

    /// <inheritdoc/>
    public void CopyPhysicalState(Span<double> state) => _robot.CopyPhysicalState(state);

    /// <inheritdoc/>
    public void Dispose() => _robot.Dispose();

    private RobotFault? Active(RobotFaultKind kind)
    {
        foreach (RobotFault fault in _faults)
        {
            if (fault.Kind == kind && fault.Covers(_step))
            {
                return fault;
            }
        }

        return null;
    }

    /// <summary>Takes the wrapped robot's reading into the history and hands over the one that is due.</summary>
    private void Sample()
    {
        int slot = (int)(_samples % HistoryLength);
        ReadResult reading = _robot.Read(_history[slot]);
        _ownFault = reading.Status == IoStatus.DeviceFault;
        if (reading.Status != IoStatus.Ok || Active(RobotFaultKind.StaleReadings) is not null)
        {
            return;
        }

        _stamps[slot] = reading.Timestamp;
        long newest = _samples++;
        long due = Math.Max(0, newest - (Active(RobotFaultKind.DelayedReadings)?.DelaySteps ?? 0));
        if (due > _handed || newest == 0)
        {
            (_handed, _fresh) = (due, true);
        }
    }
}
