using RobotRl.Algorithms.Checkpoints;
using RobotRl.Hardware.Contracts;

namespace RobotRl.Runtime.Loops;

/// <summary>What the control thread leaves for others to see. It writes, everybody reads; each figure is consistent in itself.</summary>
public sealed class ControlStatus
{
    private long _heartbeatNs,
        _ticks,
        _steps,
        _episodes,
        _sensorAgeNs,
        _missedTicks,
        _missedInRow,
        _nonFiniteInRow,
        _deviceErrorsInRow,
        _gated,
        _stage,
        _read,
        _limitViolations,
        _failedWrites,
        _readings,
        _unfollowed;

    /// <summary>End of the newest tick, nanoseconds on the loop's clock.</summary>
    public long HeartbeatNs
    {
        get => Volatile.Read(ref _heartbeatNs);
        internal set => Volatile.Write(ref _heartbeatNs, value);
    }

    /// <summary>Ticks done.</summary>
    public long Ticks
    {
        get => Volatile.Read(ref _ticks);
        internal set => Volatile.Write(ref _ticks, value);
    }

    /// <summary>Transitions completed.</summary>
    public long Steps
    {
        get => Volatile.Read(ref _steps);
        internal set => Volatile.Write(ref _steps, value);
    }

    /// <summary>Episodes ended.</summary>
    public long Episodes
    {
        get => Volatile.Read(ref _episodes);
        internal set => Volatile.Write(ref _episodes, value);
    }

    /// <summary>Age of the newest reading when it was read, nanoseconds.</summary>
    public long SensorAgeNs
    {
        get => Volatile.Read(ref _sensorAgeNs);
        internal set => Volatile.Write(ref _sensorAgeNs, value);
    }

    /// <summary>Grid points without a tick in time, since the start.</summary>
    public long MissedTicks
    {
        get => Volatile.Read(ref _missedTicks);
        internal set => Volatile.Write(ref _missedTicks, value);
    }

    /// <summary>Ticks in a row that came or ended too late.</summary>
    public long MissedInRow
    {
        get => Volatile.Read(ref _missedInRow);
        internal set => Volatile.Write(ref _missedInRow, value);
    }

    /// <summary>Ticks in a row whose action or reading was not finite; the gate held.</summary>
    public long NonFiniteInRow
    {
        get => Volatile.Read(ref _nonFiniteInRow);
        internal set => Volatile.Write(ref _nonFiniteInRow, value);
    }

    /// <summary>Reads in a row in which the device reported a fault.</summary>
    public long DeviceErrorsInRow
    {
        get => Volatile.Read(ref _deviceErrorsInRow);
        internal set => Volatile.Write(ref _deviceErrorsInRow, value);
    }

    /// <summary>Transitions whose action the gate changed.</summary>
    public long GatedSteps
    {
        get => Volatile.Read(ref _gated);
        internal set => Volatile.Write(ref _gated, value);
    }

    /// <summary>Ticks in a row with the measured state outside its limits in spite of the gate.</summary>
    public long LimitViolationsInRow
    {
        get => Volatile.Read(ref _limitViolations);
        internal set => Volatile.Write(ref _limitViolations, value);
    }

    /// <summary>
    /// Ticks in a row whose write the device did not accept; those while its link is lost are not counted, for that is a cause of
    /// its own.
    /// </summary>
    public long FailedWritesInRow
    {
        get => Volatile.Read(ref _failedWrites);
        internal set => Volatile.Write(ref _failedWrites, value);
    }

    /// <summary>Fresh readings taken, since the start of the process.</summary>
    public long Readings
    {
        get => Volatile.Read(ref _readings);
        internal set => Volatile.Write(ref _readings, value);
    }

    /// <summary>
    /// Transitions that are not learned from because a joint did not do what it was commanded, since the start of the process.
    /// </summary>
    public long UnfollowedSteps
    {
        get => Volatile.Read(ref _unfollowed);
        internal set => Volatile.Write(ref _unfollowed, value);
    }

    /// <summary>Where the loop stands.</summary>
    public LoopStage Stage
    {
        get => (LoopStage)Volatile.Read(ref _stage);
        internal set => Volatile.Write(ref _stage, (long)value);
    }

    /// <summary>Whether the loop writes commands: it runs, holds or moves.</summary>
    public bool Commands => Stage is LoopStage.Running or LoopStage.AwaitingStart or LoopStage.Held or LoopStage.Moving;

    /// <summary>Whether the robot is armed: the policy moves it, or will in the next episode.</summary>
    public bool Armed => Stage is LoopStage.Running or LoopStage.AwaitingStart or LoopStage.Moving;

    /// <summary>Result of the newest read.</summary>
    public IoStatus LastRead
    {
        get => (IoStatus)Volatile.Read(ref _read);
        internal set => Volatile.Write(ref _read, (long)value);
    }

    /// <summary>Writes what the next tick depends on, and <paramref name="demanded"/>, what the failsafe asks for.</summary>
    internal void Save(IStateWriter writer, long demanded)
    {
        writer.Write("control/status", [HeartbeatNs, Ticks, Steps, Episodes, GatedSteps, (long)Stage, NonFiniteInRow, SensorAgeNs]);
        writer.Write("control/faults", [DeviceErrorsInRow, LimitViolationsInRow, FailedWritesInRow, (long)LastRead, demanded]);
    }

    /// <summary>Reads what <see cref="Save"/> wrote; answers what the failsafe asked for.</summary>
    internal long Load(IStateReader reader)
    {
        Span<long> status = stackalloc long[8];
        reader.Read("control/status", status);
        (HeartbeatNs, Ticks, Steps, Episodes, GatedSteps) = (status[0], status[1], status[2], status[3], status[4]);
        (Stage, NonFiniteInRow, SensorAgeNs) = ((LoopStage)status[5], status[6], status[7]);
        Span<long> faults = stackalloc long[5];
        reader.Read("control/faults", faults);
        (DeviceErrorsInRow, LimitViolationsInRow, FailedWritesInRow, LastRead) = (faults[0], faults[1], faults[2], (IoStatus)faults[3]);
        return faults[4];
    }

    /// <summary>Starts every count in a row anew, at arming.</summary>
    internal void ForgetFaults() => NonFiniteInRow = FailedWritesInRow = MissedInRow = LimitViolationsInRow = DeviceErrorsInRow = 0;
}
