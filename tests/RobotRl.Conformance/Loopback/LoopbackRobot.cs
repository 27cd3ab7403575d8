using RobotRl.Hardware.Contracts;

namespace RobotRl.Conformance.Loopback;

/// <summary>
/// Three joints in memory, commanded by position, velocity and effort, which follow at once: the least robot that fulfils
/// every rule, and by a defect the least that breaks one.
/// </summary>
internal sealed class LoopbackRobot(LoopbackDefect defect) : ILockstepRobot
{
    private const int Joints = 3,
        InternalSize = 3 + Joints;

    private static readonly double[] Shared = new double[2 * Joints];

    private readonly double[] _state = defect == LoopbackDefect.StateSharedAcrossRobots ? Shared : new double[2 * Joints];
    private readonly double[] _command = new double[Joints];
    private readonly long[] _internal = new long[InternalSize];
    private DeviceState _device;
    private string? _reason;
    private StopLevel _stop;
    private bool _confirmed,
        _fresh;
    private long _step,
        _readingStep,
        _confirmedStep;

    public static RobotDescription Interfaces { get; } =
        new(
            "loopback",
            [
                new("shoulder/position", InterfaceKind.Position, "rad", -2, 2),
                new("shoulder/velocity", InterfaceKind.Velocity, "rad/s", double.NegativeInfinity, double.PositiveInfinity),
                new("elbow/position", InterfaceKind.Position, "rad", double.NegativeInfinity, double.PositiveInfinity),
                new("elbow/velocity", InterfaceKind.Velocity, "rad/s", -3, 3),
                new("wrist/position", InterfaceKind.Position, "rad", double.NegativeInfinity, double.PositiveInfinity),
                new("wrist/velocity", InterfaceKind.Velocity, "rad/s", double.NegativeInfinity, double.PositiveInfinity),
            ],
            [
                new("shoulder/command", InterfaceKind.Position, "rad", -2, 2, 0)
                {
                    PositionState = "shoulder/position",
                    VelocityState = "shoulder/velocity",
                },
                new("elbow/command", InterfaceKind.Velocity, "rad/s", -3, 3, 0)
                {
                    PositionState = "elbow/position",
                    VelocityState = "elbow/velocity",
                },
                new("wrist/command", InterfaceKind.Effort, "N m", -1, 1, 0)
                {
                    PositionState = "wrist/position",
                    VelocityState = "wrist/velocity",
                },
            ],
            TimeSpan.FromMilliseconds(10)
        )
        {
            HasDamping = true,
        };

    public RobotDescription Description => Interfaces;

    public DeviceState State => _device;

    public string? FaultReason => _device == DeviceState.Faulted && defect != LoopbackDefect.ForgetsTheReason ? _reason : null;

    public StopStatus Stop =>
        new(_stop, _confirmed && defect != LoopbackDefect.NoConfirmation, _confirmed ? At(_confirmedStep) : TimeSpan.Zero);

    public TimeSpan Time => At(_step);

    public int PhysicalStateSize => _state.Length;

    public ReadOnlySpan<long> InternalState
    {
        get
        {
            (_internal[0], _internal[1], _internal[2]) = (_step, _readingStep, _fresh ? 1 : 0);
            for (int i = 0; i < Joints; i++)
            {
                _internal[3 + i] = BitConverter.DoubleToInt64Bits(_command[i]);
            }

            return _internal;
        }
        set
        {
            (_step, _readingStep, _fresh) = (value[0], value[1], value[2] != 0);
            for (int i = 0; i < Joints && defect != LoopbackDefect.LosesCommandInCopy; i++)
            {
                _command[i] = BitConverter.Int64BitsToDouble(value[3 + i]);
            }
        }
    }

    public void Open()
    {
        if (_device == DeviceState.Closed)
        {
            _device = _reason is null ? DeviceState.Readable : DeviceState.Faulted;
            TakeReading();
        }
        else if (defect == LoopbackDefect.OpenThrowsTheSecondTime)
        {
            throw new RobotException("loopback", "Already open.");
        }
    }

    public void PowerOn()
    {
        if (_device is DeviceState.Faulted || (_device is DeviceState.Closed && defect != LoopbackDefect.PowerOnFromClosed))
        {
            throw new RobotException("loopback", $"Robot loopback: cannot power on while {_device}. Open it or clear the fault first.");
        }

        if (_device != DeviceState.Powered)
        {
            if (defect != LoopbackDefect.PowerOnKeepsTheOldCommand)
            {
                HoldPose();
            }

            (_stop, _confirmed) = (StopLevel.None, false);
            _device = DeviceState.Powered;
        }
    }

    public void PowerOff()
    {
        if (_device == DeviceState.Powered)
        {
            _device = DeviceState.Readable;
        }
    }

    public void Close() => _device = DeviceState.Closed;

    public void ClearFault()
    {
        if (_device != DeviceState.Powered)
        {
            (_stop, _confirmed, _reason) = (StopLevel.None, false, null);
        }

        if (_device == DeviceState.Faulted)
        {
            _device = DeviceState.Readable;
        }
    }

    public ReadResult Read(Span<double> state)
    {
        if (defect == LoopbackDefect.AllocatesInRead)
        {
            GC.KeepAlive(new object());
        }

        if (_device == DeviceState.Closed && defect != LoopbackDefect.ReadChangesVectorWhileClosed)
        {
            return new(IoStatus.WrongState, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);
        }

        _state.CopyTo(state);
        IoStatus status =
            _device == DeviceState.Closed ? IoStatus.WrongState
            : _fresh ? IoStatus.Ok
            : IoStatus.NotFresh;
        _fresh = defect == LoopbackDefect.SameReadingAlwaysFresh;
        return new(status, At(_readingStep), Time - At(_readingStep), TimeSpan.Zero);
    }

    public WriteResult Write(ReadOnlySpan<double> command)
    {
        bool accepts = _device == DeviceState.Powered || (defect == LoopbackDefect.WritesWhileReadable && _device == DeviceState.Readable);
        if (!accepts || (_stop != StopLevel.None && defect != LoopbackDefect.TakesCommandsDuringStop))
        {
            return new(IoStatus.WrongState, TimeSpan.Zero);
        }

        for (int i = 0; i < Joints; i++)
        {
            CommandInterface limits = Interfaces.Commands[i];
            bool legal =
                command[i] >= limits.Minimum
                && (command[i] < limits.Maximum || (command[i] == limits.Maximum && defect != LoopbackDefect.RefusesItsOwnMaximum));
            bool clamps =
                defect == LoopbackDefect.ClampsInsteadOfRefusing || (defect == LoopbackDefect.ClampsNaN && double.IsNaN(command[i]));
            if (!legal && !clamps)
            {
                if (defect == LoopbackDefect.TakesPartOfARefusedCommand)
                {
                    command[..i].CopyTo(_command);
                }

                return new(IoStatus.Refused, TimeSpan.Zero);
            }
        }

        for (int i = 0; i < Joints; i++)
        {
            _command[i] = Math.Min(Interfaces.Commands[i].Maximum, Math.Max(Interfaces.Commands[i].Minimum, command[i]));
        }

        return new(IoStatus.Ok, TimeSpan.Zero);
    }

    public void RequestStop(StopLevel level, string reason)
    {
        if (level <= _stop && !(defect == LoopbackDefect.MilderStopWeakensHarder && level != StopLevel.None))
        {
            return;
        }

        _stop = level;
        if (level >= StopLevel.ControlledStop)
        {
            _reason = reason;
        }

        (_confirmed, _confirmedStep) = (true, _step);
        HoldPose();
        if (level >= StopLevel.ControlledStop && _device != DeviceState.Closed && defect != LoopbackDefect.StopReportsSuccessButDoesNothing)
        {
            _device = DeviceState.Faulted;
        }
    }

    public void Advance()
    {
        _step++;
        if (defect == LoopbackDefect.FaultClearsItself)
        {
            ClearFault();
        }

        double period = Interfaces.ControlPeriod.TotalSeconds;
        if (_device == DeviceState.Powered)
        {
            (_state[0], _state[1]) = (_command[0], (_command[0] - _state[0]) / period);
            (_state[2], _state[3]) = (_state[2] + (_command[1] * period), _command[1]);
        }
        else
        {
            (_state[1], _state[3]) = (0, 0);
        }

        _state[5] += (_device == DeviceState.Powered ? _command[2] : 0) * period;
        _state[4] += _state[5] * period;
        TakeReading();
    }

    public void Teleport(ReadOnlySpan<double> state)
    {
        state.CopyTo(_state);
        if (_device == DeviceState.Powered)
        {
            _command[0] = _state[0];
        }

        if (defect != LoopbackDefect.TeleportTakesNoReading)
        {
            TakeReading();
        }
    }

    public void CopyPhysicalState(Span<double> state) => _state.CopyTo(state);

    public void Dispose()
    {
        if (defect != LoopbackDefect.LeavesPowerOnWhenDisposed)
        {
            Close();
        }
    }

    private static TimeSpan At(long step) => step * Interfaces.ControlPeriod;

    private void TakeReading() => (_readingStep, _fresh) = (_step, true);

    private void HoldPose() => (_command[0], _command[1], _command[2]) = (_state[0], 0, 0);
}
