using RobotRl.Hardware.Protocols.Dynamixel;

namespace RobotRl.Hardware.Emulation;

/// <summary>
/// An X-series servo: control table, operating modes, shutdown on hardware errors, bus watchdog. Rules are those of the
/// ROBOTIS e-manual; what it does not say is marked.
/// </summary>
public sealed class EmulatedDynamixel : EmulatedServo
{
    // Half a second of full torque counts as overload: ours, the manual gives no time.
    private const double OverloadSeconds = 0.5,
        OverloadFraction = 0.98;

    private readonly DynamixelMemory _memory;
    private readonly DynamixelCount _count;
    private readonly DynamixelModel _model;
    private readonly Func<int, int> _garbage;
    private readonly double _positionPGain;
    private long _lastInstruction,
        _awayUntil;
    private double _overloadSeconds,
        _timedSpeed;

    internal EmulatedDynamixel(byte id, DynamixelModel model, EmulatedLoad load, Func<int, int> garbage)
        : base(
            id,
            new EmulatedJoint(load, model.StallTorqueNm, model.VelocityLimit * DynamixelUnits.RadPerSecondPerUnit),
            model.StallCurrentA,
            model.RatedVoltage
        )
    {
        (_model, _garbage, _memory, _count) = (model, garbage, new(model), new(Joint));
        Set(DynamixelTable.Id, id);
        _positionPGain = Get(DynamixelTable.PositionPGain);
        Start();
    }

    /// <summary>The model that it is.</summary>
    public DynamixelModel Model => _model;

    /// <summary>Its hardware errors.</summary>
    public DynamixelHardwareErrors HardwareErrors => (DynamixelHardwareErrors)Get(DynamixelTable.HardwareErrorStatus);

    /// <summary>Whether the bus watchdog has struck.</summary>
    public bool HasWatchdogStruck => Get(DynamixelTable.BusWatchdog) == DynamixelUnits.WatchdogExpired;

    /// <summary>
    /// Whether torque on leaves the goal as it was written before. Default false: it becomes the present position unless the same
    /// packet writes it. The manual does not say which; a driver has to be safe with both.
    /// </summary>
    public bool KeepsGoalAtTorqueOn { get; set; }

    /// <summary>How long it is away when it restarts. Default 0.3 s: ours, the manual gives no time.</summary>
    public TimeSpan RestartTime { get; set; } = TimeSpan.FromMilliseconds(300);

    /// <summary>Bytes of its control table.</summary>
    internal int TableLength => _memory.Registers.Length;

    internal bool IsAway => Now < _awayUntil;

    internal byte Alert => HardwareErrors != DynamixelHardwareErrors.None ? (byte)0x80 : (byte)0;

    /// <summary>The second id that it listens to; null if it has none, or it is its first.</summary>
    internal byte? SecondaryId => Get(DynamixelTable.SecondaryId) is var id && id <= DynamixelProtocol.MaxId && id != Id ? (byte)id : null;

    private DynamixelMode Mode => (DynamixelMode)Get(DynamixelTable.OperatingMode);

    private DynamixelDriveModes DriveModes => (DynamixelDriveModes)Get(DynamixelTable.DriveMode);

    private bool IsShutDown => ((int)HardwareErrors & Get(DynamixelTable.Shutdown)) != 0;

    private bool IsPositionMode => Mode is DynamixelMode.Position or DynamixelMode.ExtendedPosition or DynamixelMode.CurrentBasedPosition;

    /// <summary>Whether an instruction of that kind is answered.</summary>
    internal bool Answers(DynamixelInstruction instruction) =>
        instruction switch
        {
            DynamixelInstruction.Ping => true,
            DynamixelInstruction.Read or DynamixelInstruction.SyncRead or DynamixelInstruction.BulkRead => Get(
                DynamixelTable.StatusReturnLevel
            ) >= 1,
            _ => Get(DynamixelTable.StatusReturnLevel) >= 2,
        };

    /// <summary>An instruction came to this servo: the bus watchdog starts anew.</summary>
    internal void Hear() => _lastInstruction = Now;

    internal DynamixelError Read(int address, Span<byte> into)
    {
        // Between two registers it reads 0: the manual does not say what.
        if (address + into.Length > TableLength)
        {
            return DynamixelError.Access;
        }

        Measure();
        _memory.Read(address, into);
        return DynamixelError.None;
    }

    /// <summary>Writes registers.</summary>
    /// <param name="address">Of the first.</param>
    /// <param name="data">Their bytes.</param>
    /// <param name="bySecondaryId">Whether the packet went to its second id, by which EEPROM cannot be written.</param>
    internal DynamixelError Write(int address, ReadOnlySpan<byte> data, bool bySecondaryId = false)
    {
        if (data.IsEmpty || address + data.Length > TableLength)
        {
            return DynamixelError.Access;
        }

        // Indirect data goes where its addresses point to, piece by piece.
        for (int from = 0, to = 1; from < data.Length; from = to, to++)
        {
            while (to < data.Length && _memory.Target(address + to) == _memory.Target(address + to - 1) + 1)
            {
                to++;
            }

            DynamixelError error = WriteRun(_memory.Target(address + from), data[from..to], bySecondaryId);
            if (error != DynamixelError.None)
            {
                return error;
            }
        }

        return DynamixelError.None;
    }

    /// <summary>Restarts, as by the reboot instruction or an interruption of its supply.</summary>
    internal void Reboot()
    {
        _awayUntil = Now + RestartTime.Ticks;
        SwitchOff();
        Start();
    }

    private protected override void OnPlaced()
    {
        _count.BeginTurn();
        Set(DynamixelTable.GoalPosition, _count.Ticks);
    }

    private protected override void Watch(double seconds)
    {
        int watchdog = Get(DynamixelTable.BusWatchdog);
        if (watchdog > 0 && IsTorqueOn && Now - _lastInstruction > watchdog * DynamixelUnits.WatchdogUnit.Ticks)
        {
            Set(DynamixelTable.BusWatchdog, DynamixelUnits.WatchdogExpired);
            ResetProfile();
            Drive();
        }

        bool full = IsTorqueOn && Math.Abs(TorqueNm) >= OverloadFraction * Joint.StallTorqueNm;
        _overloadSeconds = full ? _overloadSeconds + seconds : 0;
        DynamixelHardwareErrors found = DynamixelHardwareErrors.None;
        if (
            SupplyVolts < Get(DynamixelTable.MinVoltage) * DynamixelUnits.VoltsPerUnit
            || SupplyVolts > Get(DynamixelTable.MaxVoltage) * DynamixelUnits.VoltsPerUnit
        )
        {
            found |= DynamixelHardwareErrors.InputVoltage;
        }

        found |= Celsius > Get(DynamixelTable.TemperatureLimit) ? DynamixelHardwareErrors.Overheating : 0;
        found |= IsBlind ? DynamixelHardwareErrors.Encoder : 0;
        found |= _overloadSeconds > OverloadSeconds ? DynamixelHardwareErrors.Overload : 0;
        Set(DynamixelTable.HardwareErrorStatus, (int)(HardwareErrors | found));
        if (IsShutDown && IsTorqueOn)
        {
            SwitchOff();
        }
    }

    private static bool Overlaps(DynamixelRegister register, int address, int length) =>
        address < register.End && address + length > register.Address;

    private DynamixelError WriteRun(int address, ReadOnlySpan<byte> data, bool bySecondaryId)
    {
        DynamixelError error = _memory.Write(address, data, isEepromLocked: IsTorqueOn || bySecondaryId);
        if (error == DynamixelError.None && Get(DynamixelTable.TorqueEnable) != 0 && IsShutDown)
        {
            // Only a reboot makes it possible again.
            _memory.TakeBack();
            error = DynamixelError.Access;
        }

        if (error == DynamixelError.None)
        {
            Apply(address, data.Length);
        }

        return error;
    }

    /// <summary>What follows from the registers that were written.</summary>
    private void Apply(int address, int length)
    {
        Id = (byte)Get(DynamixelTable.Id);
        bool goal = Overlaps(DynamixelTable.GoalPosition, address, length);
        if ((int)Mode != _memory.Before(DynamixelTable.OperatingMode))
        {
            ChangeMode();
        }

        bool reversed = (DriveModes & DynamixelDriveModes.Reverse) != 0;
        _count.Offset = DynamixelUnits.HomingOffset(Get(DynamixelTable.HomingOffset), Mode);
        if (reversed != _count.IsReversed)
        {
            _count.IsReversed = reversed;
            _count.BeginTurn();
        }

        bool commanded =
            goal
            || Overlaps(DynamixelTable.GoalPwm, address, length)
            || Overlaps(DynamixelTable.GoalVelocity, address, length)
            || (_model.HasCurrent && Overlaps(DynamixelTable.GoalCurrent, address, length));
        if (commanded && !IsTorqueOn && !IsShutDown && (DriveModes & DynamixelDriveModes.TorqueOnByGoal) != 0)
        {
            Set(DynamixelTable.TorqueEnable, 1);
        }

        bool torque = Get(DynamixelTable.TorqueEnable) != 0;
        if (torque && !IsTorqueOn)
        {
            if (Mode == DynamixelMode.Position)
            {
                _count.BeginTurn();
            }

            if (!goal && !KeepsGoalAtTorqueOn)
            {
                Set(DynamixelTable.GoalPosition, _count.Ticks);
            }
        }

        if (goal)
        {
            double way = Math.Abs(_count.PositionRad(Get(DynamixelTable.GoalPosition)) - PositionRad);
            _timedSpeed = way / Math.Max(1, Get(DynamixelTable.ProfileVelocity)) * 1000;
        }

        SetTorque(torque);
        Drive();
    }

    /// <summary>Hands the goals to the motor.</summary>
    private void Drive()
    {
        if (!IsTorqueOn)
        {
            Joint.Drive = ServoDrive.Off;
            return;
        }

        int direction = _count.IsReversed ? -1 : 1;
        double torquePerMa = Joint.StallTorqueNm / (StallCurrentA / DynamixelUnits.AmperesPerUnit);
        double pwm = Get(DynamixelTable.GoalPwm) * DynamixelUnits.PwmPerUnit;
        (Joint.VoltageLimit, Joint.TorqueLimit) = (Mode == DynamixelMode.Pwm ? 1 : Math.Abs(pwm), 1);
        if (Mode == DynamixelMode.CurrentBasedPosition)
        {
            Joint.TorqueLimit = Math.Min(1, Math.Abs(Get(DynamixelTable.GoalCurrent)) * torquePerMa / Joint.StallTorqueNm);
        }

        int velocity = Get(DynamixelTable.ProfileVelocity),
            acceleration = Get(DynamixelTable.ProfileAcceleration);
        bool timed = (DriveModes & DynamixelDriveModes.TimeBasedProfile) != 0;
        Joint.SpeedLimit =
            velocity == 0 ? double.PositiveInfinity
            : timed ? _timedSpeed
            : DynamixelUnits.VelocityRadPerSecond(velocity);
        Joint.AccelerationLimit =
            acceleration == 0 || timed ? double.PositiveInfinity : acceleration * DynamixelUnits.RadPerSecondSquaredPerUnit;
        Joint.PositionGainFactor = Get(DynamixelTable.PositionPGain) / _positionPGain;
        (Joint.Drive, Joint.Goal) = Mode switch
        {
            // The watchdog has it stop as its mode can, under torque.
            DynamixelMode.Current => (ServoDrive.Torque, HasWatchdogStruck ? 0 : direction * Get(DynamixelTable.GoalCurrent) * torquePerMa),
            DynamixelMode.Pwm => (ServoDrive.Voltage, HasWatchdogStruck ? 0 : direction * pwm),
            _ when HasWatchdogStruck => (ServoDrive.Velocity, 0),
            DynamixelMode.Velocity => (
                ServoDrive.Velocity,
                direction * DynamixelUnits.VelocityRadPerSecond(Get(DynamixelTable.GoalVelocity))
            ),
            _ => (ServoDrive.Position, _count.PositionRad(Get(DynamixelTable.GoalPosition))),
        };
    }

    private void SwitchOff()
    {
        Set(DynamixelTable.TorqueEnable, 0);
        SetTorque(false);
        Drive();
    }

    /// <summary>It starts: registers without a memory are reset, and the count begins anew.</summary>
    private void Start()
    {
        foreach (DynamixelEntry entry in _memory.Registers.Entries)
        {
            if (entry.Register.Address >= DynamixelControlTable.EepromEnd)
            {
                Set(entry.Register, entry.Initial);
            }
        }

        _overloadSeconds = 0;
        (_count.IsReversed, _count.Offset) = (
            (DriveModes & DynamixelDriveModes.Reverse) != 0,
            DynamixelUnits.HomingOffset(Get(DynamixelTable.HomingOffset), Mode)
        );
        ResetGoals();
        const int TorqueOn = 1;
        if ((Get(DynamixelTable.StartupConfiguration) & TorqueOn) != 0)
        {
            Set(DynamixelTable.TorqueEnable, 1);
            SetTorque(true);
            Drive();
        }
    }

    /// <summary>The mode was changed: goals, gains, profile and count begin anew.</summary>
    private void ChangeMode()
    {
        foreach (
            DynamixelRegister gain in (ReadOnlySpan<DynamixelRegister>)
                [
                    DynamixelTable.VelocityIGain,
                    DynamixelTable.VelocityPGain,
                    DynamixelTable.PositionDGain,
                    DynamixelTable.PositionIGain,
                    DynamixelTable.PositionPGain,
                    DynamixelTable.Feedforward1Gain,
                    DynamixelTable.Feedforward2Gain,
                ]
        )
        {
            Set(gain, _memory.Registers.At(gain.Address)!.Initial);
        }

        ResetProfile();
        _count.Offset = DynamixelUnits.HomingOffset(Get(DynamixelTable.HomingOffset), Mode);
        ResetGoals();
    }

    private void ResetProfile()
    {
        Set(DynamixelTable.ProfileAcceleration, 0);
        Set(DynamixelTable.ProfileVelocity, 0);
    }

    private void ResetGoals()
    {
        _count.BeginTurn();
        Set(DynamixelTable.GoalPwm, Get(DynamixelTable.PwmLimit));
        if (_model.HasCurrent)
        {
            Set(DynamixelTable.GoalCurrent, Get(DynamixelTable.CurrentLimit));
        }

        Set(DynamixelTable.GoalVelocity, 0);
        Set(DynamixelTable.GoalPosition, _count.Ticks);
    }

    private void Measure()
    {
        int direction = _count.IsReversed ? -1 : 1,
            velocity = direction * DynamixelUnits.VelocityRaw(VelocityRadPerSecond);
        double load = direction * Joint.TorqueNm / Joint.StallTorqueNm;
        Set(DynamixelTable.RealtimeTick, (int)(Now / TimeSpan.TicksPerMillisecond % 32_768));
        Set(DynamixelTable.PresentPosition, IsBlind ? _garbage(DynamixelUnits.TicksPerTurn) : _count.Ticks);
        Set(DynamixelTable.PresentVelocity, IsBlind ? 0 : velocity);
        Set(
            DynamixelTable.PresentCurrent,
            _model.HasCurrent ? DynamixelUnits.CurrentRaw(direction * Amperes) : (int)Math.Round(load / DynamixelUnits.LoadPerUnit)
        );
        Set(DynamixelTable.PresentPwm, (int)Math.Round(load * DynamixelUnits.MaxPwm));
        Set(DynamixelTable.PresentVoltage, (int)Math.Round(SupplyVolts / DynamixelUnits.VoltsPerUnit));
        Set(DynamixelTable.PresentTemperature, (int)Math.Round(Celsius));
        Set(DynamixelTable.Moving, Math.Abs(velocity) >= Math.Max(1, Get(DynamixelTable.MovingThreshold)) ? 1 : 0);
        Set(DynamixelTable.VelocityTrajectory, Mode == DynamixelMode.Velocity ? Get(DynamixelTable.GoalVelocity) : 0);
        Set(DynamixelTable.PositionTrajectory, IsPositionMode && IsTorqueOn ? Get(DynamixelTable.GoalPosition) : _count.Ticks);
    }

    private int Get(DynamixelRegister register) => _memory.Get(register);

    private void Set(DynamixelRegister register, int value) => _memory.Set(register, value);
}
