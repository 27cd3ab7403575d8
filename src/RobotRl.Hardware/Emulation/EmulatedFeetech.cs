using RobotRl.Hardware.Protocols.Feetech;

namespace RobotRl.Hardware.Emulation;

/// <summary>
/// An STS3215 of 7.4 V: memory table, operating modes, offset and phase, limits, protections. It has no command timeout: it does
/// what it was
/// told last, for ever. As the real one it comes up with torque on, at its goal.
/// </summary>
/// <remarks>
/// By the maker's memory table (Feetech, "STS series, memory table analysis"). With Phase (18) bit 4 clear the present position is that of
/// one turn, less the offset, and wraps; set, it counts on over turns from power-up, less the offset, and does not wrap. Goals are in the
/// same count, are held to the limits (9, 11) unless both are 0, and are not written back: register 67 tells the one in force.
/// The way to a goal
/// is the difference to the present position: it never goes through the seam of a reading that wraps.
/// </remarks>
public sealed class EmulatedFeetech : EmulatedServo
{
    internal const int CalibrateMiddle = 128;

    // Feetech, STS3215 (7.4 V): 19.5 kg cm at 7.4 V, 2.4 A, 52 rev/min.
    private const double StallTorque = 1.9,
        StallCurrent = 2.4,
        RatedVoltage = 7.4,
        NoLoadSpeed = 5.45;
    private const double PercentUnit = 0.01,
        TimeUnit = 0.01;
    private const int AccelerationUnit = 100,
        Damping = 2;

    private readonly FeetechMemory _memory;
    private readonly Func<int, int> _garbage;
    private readonly byte[] _registered = new byte[FeetechProtocol.MaxParameters];
    private double _overloadSeconds,
        _overCurrentSeconds,
        _firstTurn,
        _stepGoalRad;
    private int _registeredLength;
    private bool _overloaded;

    internal EmulatedFeetech(byte id, EmulatedLoad load, Func<int, int> garbage)
        : base(id, new EmulatedJoint(load, StallTorque, NoLoadSpeed), StallCurrent, RatedVoltage)
    {
        (_garbage, _memory) = (garbage, new(id));
        PowerUp();
    }

    /// <summary>What is wrong with it.</summary>
    public FeetechErrors Errors => (FeetechErrors)_memory.Get(FeetechTable.Status);

    internal bool AnswersWrites => _memory.Get(FeetechTable.StatusReturnLevel) != 0;

    private FeetechMode Mode => (FeetechMode)_memory.Get(FeetechTable.OperatingMode);

    private FeetechPhase Phase => (FeetechPhase)_memory.Get(FeetechTable.Phase);

    private double RadPerUnit => FeetechUnits.RadPerTick * _memory.Get(FeetechTable.AngleResolution);

    private int DriveSign => (Phase & FeetechPhase.DriveReversed) != 0 ? -1 : 1;

    private int FeedbackSign => (Phase & FeetechPhase.FeedbackReversed) != 0 ? -1 : 1;

    private int VelocityUnit => (Phase & FeetechPhase.FineVelocity) != 0 ? 1 : FeetechUnits.CoarseVelocity;

    /// <summary>For tests of another model on the bus.</summary>
    public void SetModelNumber(int number) => _memory.Set(FeetechTable.ModelNumber, number);

    /// <summary>
    /// Sets a register as its owner or another master left it, EEPROM for good; nothing is checked. A goal stays where the joint is if
    /// offset, phase or mode change. Only before the bus runs, or on its thread.
    /// </summary>
    public void Preset(FeetechRegister register, int value)
    {
        _memory.Keep(register, value);
        Id = (byte)_memory.Get(FeetechTable.Id);
        bool frame = register == FeetechTable.PositionOffset || register == FeetechTable.Phase || register == FeetechTable.AngleResolution;
        if (frame || register == FeetechTable.OperatingMode)
        {
            OnPlaced();
        }

        SetTorque(_memory.Get(FeetechTable.TorqueEnable) == 1);
        Drive();
    }

    /// <summary>What a register holds now.</summary>
    public int Peek(FeetechRegister register)
    {
        Measure();
        return _memory.Get(register);
    }

    /// <summary>
    /// Its supply goes and comes again: EEPROM as it was kept, all else at its initial values, torque on. Only before the bus
    /// runs, or on its thread.
    /// </summary>
    public void PowerCycle()
    {
        _memory.PowerUp();
        (_overloadSeconds, _overCurrentSeconds, _overloaded, _registeredLength) = (0, 0, false, 0);
        Id = (byte)_memory.Get(FeetechTable.Id);
        PowerUp();
    }

    internal bool Read(int address, Span<byte> into)
    {
        Measure();
        return _memory.TryRead(address, into);
    }

    internal void Write(int address, ReadOnlySpan<byte> data)
    {
        bool wasOn = IsTorqueOn;
        FeetechWritten written = _memory.Write(address, data);
        Id = (byte)_memory.Get(FeetechTable.Id);
        if (_memory.Get(FeetechTable.TorqueEnable) == CalibrateMiddle)
        {
            // The servo keeps it by itself, whatever the lock says.
            int turn = FeetechUnits.TicksPerTurn,
                raw = (((int)Math.Round(Turned()) % turn) + turn) % turn;
            _memory.Keep(FeetechTable.PositionOffset, Math.Max(raw - FeetechUnits.ZeroTicks, -FeetechTable.MaxOffset));
            _memory.Set(FeetechTable.TorqueEnable, wasOn ? 1 : 0);
            if (wasOn)
            {
                _memory.Set(FeetechTable.GoalPosition, FeetechUnits.ZeroTicks);
            }
        }

        if (written.Holds(FeetechTable.GoalPosition))
        {
            TakeGoal();
        }

        SetTorque(_memory.Get(FeetechTable.TorqueEnable) == 1);
        _overloaded &= IsTorqueOn;
        Drive();
    }

    /// <summary>Keeps a write until <see cref="Act"/>.</summary>
    internal void Register(ReadOnlySpan<byte> addressAndData)
    {
        addressAndData.CopyTo(_registered);
        _registeredLength = addressAndData.Length;
        _memory.Set(FeetechTable.AsyncFlag, 1);
    }

    /// <summary>Does the write that was kept; nothing if there is none.</summary>
    internal void Act()
    {
        int length = _registeredLength;
        _registeredLength = 0;
        _memory.Set(FeetechTable.AsyncFlag, 0);
        if (length > 1)
        {
            Write(_registered[0], _registered.AsSpan(1, length - 1));
        }
    }

    private protected override void OnPlaced()
    {
        _firstTurn = 0;
        _firstTurn = Math.Floor(Turned() / FeetechUnits.TicksPerTurn);
        _stepGoalRad = PositionRad;
        _memory.Set(FeetechTable.GoalPosition, Mode == FeetechMode.Step ? 0 : ReportedTicks());
        Drive();
    }

    private protected override void Watch(double seconds)
    {
        FeetechErrors found = FeetechErrors.None;
        bool voltage =
            SupplyVolts < _memory.Get(FeetechTable.MinVoltage) * FeetechUnits.VoltsPerUnit
            || SupplyVolts > _memory.Get(FeetechTable.MaxVoltage) * FeetechUnits.VoltsPerUnit;
        found |= voltage ? FeetechErrors.Voltage : 0;
        found |= Celsius > _memory.Get(FeetechTable.TemperatureLimit) ? FeetechErrors.Overheating : 0;
        found |= IsBlind ? FeetechErrors.Sensor : 0;
        found |= Lasts(
            ref _overCurrentSeconds,
            seconds,
            Math.Abs(Amperes) > _memory.Get(FeetechTable.ProtectionCurrent) * FeetechUnits.AmperesPerUnit,
            FeetechTable.OverCurrentTime
        )
            ? FeetechErrors.Current
            : 0;
        double load = Math.Abs(TorqueNm) / Joint.StallTorqueNm;
        _overloaded |= Lasts(
            ref _overloadSeconds,
            seconds,
            IsTorqueOn && load >= Math.Min(0.99, _memory.Get(FeetechTable.OverloadTorque) * PercentUnit),
            FeetechTable.ProtectionTime
        );
        found |= _overloaded ? FeetechErrors.Overload : 0;

        // Not latched: it goes with its cause, but torque stays off. Overload does not switch off; it lowers the torque.
        _memory.Set(FeetechTable.Status, (int)found);
        if (((int)(found & ~FeetechErrors.Overload) & _memory.Get(FeetechTable.UnloadCondition)) != 0)
        {
            _memory.Set(FeetechTable.TorqueEnable, 0);
            SetTorque(false);
        }

        Drive();
    }

    private bool Lasts(ref double since, double seconds, bool now, FeetechRegister limit)
    {
        since = now ? since + seconds : 0;
        return since > _memory.Get(limit) * TimeUnit;
    }

    private void PowerUp()
    {
        OnPlaced();
        SetTorque(true);
        Drive();
    }

    /// <summary>A goal that was written: a step in step mode, and the end of an overload that it turns away from.</summary>
    private void TakeGoal()
    {
        int goal = _memory.Get(FeetechTable.GoalPosition);
        if (Mode == FeetechMode.Step)
        {
            _stepGoalRad = PositionRad + (DriveSign * goal * RadPerUnit);
        }

        double way = DriveSign * (Target() - Reported());
        _overloaded &= way * TorqueNm > 0;
    }

    private void Drive()
    {
        int speed = _memory.Get(FeetechTable.GoalVelocity),
            acceleration = _memory.Get(FeetechTable.Acceleration);
        double fastest = FeetechUnits.VelocityRadPerSecond(_memory.Get(FeetechTable.MaxVelocity) * FeetechUnits.CoarseVelocity);
        double limit = _memory.Get(FeetechTable.TorqueLimit) * FeetechUnits.FractionPerUnit;
        bool lowered = _overloaded && ((FeetechErrors)_memory.Get(FeetechTable.UnloadCondition)).HasFlag(FeetechErrors.Overload);
        Joint.TorqueLimit = Math.Min(1, lowered ? Math.Min(limit, _memory.Get(FeetechTable.ProtectiveTorque) * PercentUnit) : limit);
        double asked = Math.Min(fastest, FeetechUnits.VelocityRadPerSecond(Math.Abs(speed) * VelocityUnit));
        Joint.SpeedLimit = speed == 0 && (Phase & FeetechPhase.ZeroIsFastest) != 0 ? fastest : asked;
        Joint.AccelerationLimit = acceleration == 0 ? double.PositiveInfinity : acceleration * AccelerationUnit * FeetechUnits.RadPerTick;
        (Joint.Drive, Joint.Goal) = Mode switch
        {
            _ when _memory.Get(FeetechTable.TorqueEnable) == Damping => (ServoDrive.Velocity, 0),
            _ when !IsTorqueOn => (ServoDrive.Off, 0),
            FeetechMode.Velocity => (ServoDrive.Velocity, DriveSign * Math.Sign(speed) * asked),
            FeetechMode.Pwm => (ServoDrive.Voltage, DriveSign * _memory.Get(FeetechTable.GoalTime) * FeetechUnits.FractionPerUnit),
            FeetechMode.Step => (ServoDrive.Position, _stepGoalRad),
            _ => (ServoDrive.Position, PositionRad + (DriveSign * (Target() - Reported()) * RadPerUnit)),
        };
    }

    private void Measure()
    {
        _memory.Set(FeetechTable.PresentPosition, IsBlind ? _garbage(FeetechUnits.TicksPerTurn) : ReportedTicks());
        _memory.Set(
            FeetechTable.PresentVelocity,
            IsBlind ? 0 : FeetechUnits.VelocityRaw(FeedbackSign * VelocityRadPerSecond / VelocityUnit)
        );
        _memory.Set(FeetechTable.PresentLoad, (int)Math.Round(Joint.TorqueNm / Joint.StallTorqueNm / FeetechUnits.FractionPerUnit));
        _memory.Set(FeetechTable.PresentVoltage, (int)Math.Round(SupplyVolts / FeetechUnits.VoltsPerUnit));
        _memory.Set(FeetechTable.PresentTemperature, (int)Math.Round(Celsius));
        _memory.Set(FeetechTable.Moving, Math.Abs(VelocityRadPerSecond) > FeetechUnits.RadPerTick ? 1 : 0);
        _memory.Set(FeetechTable.TargetPosition, (int)Math.Clamp(Math.Round(Target()), -FeetechUnits.MaxTicks, FeetechUnits.MaxTicks));
        _memory.Set(FeetechTable.PresentCurrent, (int)Math.Round(Amperes / FeetechUnits.AmperesPerUnit));
    }

    /// <summary>Where it goes, in the count of the present position; not whole in step mode.</summary>
    private double Target()
    {
        int goal = _memory.Get(FeetechTable.GoalPosition),
            least = _memory.Get(FeetechTable.MinAngle),
            greatest = _memory.Get(FeetechTable.MaxAngle);
        return least == 0 && greatest == 0 ? goal : Math.Min(Math.Max(goal, least), greatest);
    }

    /// <summary>Ticks since the beginning of the turn that it was in at power-up, in the direction of its feedback; not whole.</summary>
    private double Turned() =>
        FeetechUnits.ZeroTicks + (FeedbackSign * PositionRad / FeetechUnits.RadPerTick) - (_firstTurn * FeetechUnits.TicksPerTurn);

    /// <summary>The present position; not whole.</summary>
    private double Reported() =>
        Mode == FeetechMode.Step
            ? FeedbackSign * (PositionRad - _stepGoalRad) / RadPerUnit
            : Count(_memory.Get(FeetechTable.PositionOffset));

    private double Count(int offset)
    {
        double turn = FeetechUnits.TicksPerTurn,
            count = Turned() - offset;
        count = (Phase & FeetechPhase.FullAngle) != 0 ? count : count - (Math.Floor((count + 0.5) / turn) * turn);
        return count / _memory.Get(FeetechTable.AngleResolution);
    }

    private int ReportedTicks() => (int)Math.Clamp(Math.Round(Reported()), -FeetechUnits.MaxTicks, FeetechUnits.MaxTicks);
}
