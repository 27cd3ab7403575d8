using RobotRl.Hardware.Protocols.Dynamixel;

namespace RobotRl.Hardware.Emulation;

/// <summary>
/// An X-series servo: control table, operating modes, shutdown on hardware errors, bus watchdog. Rules are those of the
/// ROBOTIS e-manual; what it does not say is marked.
/// </summary>
public sealed class EmulatedDynamixel : EmulatedServo
{
    private const int EepromEnd = 64, GoalsBegin = 100, GoalsEnd = 120;

    // XL330: overload, shock, overheating, voltage.
    private const int FactoryShutdown = 0x35;

    // Half a second of full torque counts as overload: ours, the manual gives no time.
    private const double OverloadSeconds = 0.5, OverloadFraction = 0.98;
    private static readonly TimeSpan RebootTime = TimeSpan.FromMilliseconds(300);

    private readonly byte[] _table = new byte[DynamixelTable.Length];
    private readonly DynamixelModel _model;
    private readonly Func<int, int> _garbage;
    private long _lastInstruction, _awayUntil;
    private double _overloadSeconds;

    internal EmulatedDynamixel(byte id, DynamixelModel model, EmulatedLoad load, Func<int, int> garbage)
        : base(id, new EmulatedJoint(load, model.StallTorqueNm, model.VelocityLimit * DynamixelUnits.RadPerSecondPerUnit), model.StallCurrentA, model.RatedVoltage)
    {
        (_model, _garbage) = (model, garbage);
        Set(DynamixelTable.ModelNumber, model.Number);
        Set(DynamixelTable.FirmwareVersion, 52);
        Set(DynamixelTable.Id, id);
        Set(DynamixelTable.BaudRate, 3);
        Set(DynamixelTable.ReturnDelay, 250);
        Set(DynamixelTable.OperatingMode, (int)DynamixelMode.Position);
        Set(DynamixelTable.TemperatureLimit, model.TemperatureLimit);
        Set(DynamixelTable.MaxVoltage, (int)Math.Round(model.MaxVoltage / DynamixelUnits.VoltsPerUnit));
        Set(DynamixelTable.MinVoltage, (int)Math.Round(model.MinVoltage / DynamixelUnits.VoltsPerUnit));
        Set(DynamixelTable.PwmLimit, DynamixelUnits.MaxPwm);
        Set(DynamixelTable.CurrentLimit, model.CurrentLimit);
        Set(DynamixelTable.VelocityLimit, model.VelocityLimit);
        Set(DynamixelTable.MaxPosition, DynamixelUnits.TicksPerTurn - 1);
        Set(DynamixelTable.Shutdown, FactoryShutdown);
        Set(DynamixelTable.StatusReturnLevel, 2);
        ResetGoals();
    }

    /// <summary>The model that it is.</summary>
    public DynamixelModel Model => _model;

    /// <summary>Its hardware errors.</summary>
    public DynamixelHardwareErrors HardwareErrors => (DynamixelHardwareErrors)_table[DynamixelTable.HardwareErrorStatus.Address];

    /// <summary>Whether the bus watchdog has struck.</summary>
    public bool HasWatchdogStruck => Get(DynamixelTable.BusWatchdog) == DynamixelUnits.WatchdogExpired;

    internal bool IsAway => Now < _awayUntil;

    internal byte Alert => HardwareErrors != DynamixelHardwareErrors.None ? (byte)0x80 : (byte)0;

    private DynamixelMode Mode => (DynamixelMode)Get(DynamixelTable.OperatingMode);

    /// <summary>Whether an instruction of that kind is answered.</summary>
    internal bool Answers(DynamixelInstruction instruction) => instruction switch
    {
        DynamixelInstruction.Ping => true,
        DynamixelInstruction.Read or DynamixelInstruction.SyncRead => Get(DynamixelTable.StatusReturnLevel) >= 1,
        _ => Get(DynamixelTable.StatusReturnLevel) >= 2,
    };

    /// <summary>An instruction came to this servo: the bus watchdog starts anew.</summary>
    internal void Hear() => _lastInstruction = Now;

    internal DynamixelError Read(int address, Span<byte> into)
    {
        if (address + into.Length > _table.Length)
        {
            return DynamixelError.Access;
        }

        Measure();
        _table.AsSpan(address, into.Length).CopyTo(into);
        return DynamixelError.None;
    }

    internal DynamixelError Write(int address, ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty || address + data.Length > _table.Length || !IsWritable(address, data.Length))
        {
            return DynamixelError.Access;
        }

        if (IsTorqueOn && address < EepromEnd)
        {
            return DynamixelError.Access;
        }

        if (HasWatchdogStruck && address < GoalsEnd && address + data.Length > GoalsBegin)
        {
            return DynamixelError.DataRange;
        }

        Span<byte> before = stackalloc byte[DynamixelTable.Length];
        _table.CopyTo(before);
        data.CopyTo(_table.AsSpan(address));
        DynamixelError error = Check();
        if (error != DynamixelError.None)
        {
            before.CopyTo(_table);
            return error;
        }

        bool torque = Get(DynamixelTable.TorqueEnable) != 0;
        if (torque && HardwareErrors != DynamixelHardwareErrors.None)
        {
            // Only a reboot makes it possible again.
            before.CopyTo(_table);
            return DynamixelError.Access;
        }

        Id = (byte)Get(DynamixelTable.Id);
        if ((int)Mode != before[DynamixelTable.OperatingMode.Address])
        {
            ResetGoals();
        }

        if (torque && !IsTorqueOn && !Overlaps(DynamixelTable.GoalPosition, address, data.Length))
        {
            // Torque begins where the joint is.
            Set(DynamixelTable.GoalPosition, Ticks());
        }

        SetTorque(torque);
        Drive();
        return DynamixelError.None;
    }

    internal void Reboot()
    {
        _table[DynamixelTable.HardwareErrorStatus.Address] = 0;
        _overloadSeconds = 0;
        _awayUntil = Now + RebootTime.Ticks;
        Set(DynamixelTable.BusWatchdog, 0);
        SwitchOff();
        ResetGoals();
    }

    private protected override void OnPlaced() => Set(DynamixelTable.GoalPosition, Ticks());

    private protected override void Watch(double seconds)
    {
        int watchdog = Get(DynamixelTable.BusWatchdog);
        if (watchdog > 0 && Now - _lastInstruction > watchdog * DynamixelUnits.WatchdogUnit.Ticks)
        {
            Set(DynamixelTable.BusWatchdog, DynamixelUnits.WatchdogExpired);
            StopMoving();
        }

        bool full = IsTorqueOn && Math.Abs(TorqueNm) >= OverloadFraction * Joint.StallTorqueNm;
        _overloadSeconds = full ? _overloadSeconds + seconds : 0;
        DynamixelHardwareErrors found = DynamixelHardwareErrors.None;
        if (SupplyVolts < Get(DynamixelTable.MinVoltage) * DynamixelUnits.VoltsPerUnit || SupplyVolts > Get(DynamixelTable.MaxVoltage) * DynamixelUnits.VoltsPerUnit)
        {
            found |= DynamixelHardwareErrors.InputVoltage;
        }

        found |= Celsius > Get(DynamixelTable.TemperatureLimit) ? DynamixelHardwareErrors.Overheating : 0;
        found |= IsBlind ? DynamixelHardwareErrors.Encoder : 0;
        found |= _overloadSeconds > OverloadSeconds ? DynamixelHardwareErrors.Overload : 0;
        if (found != DynamixelHardwareErrors.None)
        {
            _table[DynamixelTable.HardwareErrorStatus.Address] |= (byte)found;
            if (((int)HardwareErrors & Get(DynamixelTable.Shutdown)) != 0)
            {
                SwitchOff();
            }
        }
    }

    private static bool Overlaps(DynamixelRegister register, int address, int length) => address < register.End && address + length > register.Address;

    private static bool IsWritable(int address, int length)
    {
        for (int at = address; at < address + length; at++)
        {
            if (at < DynamixelTable.Id.Address || at == DynamixelTable.HardwareErrorStatus.Address || at >= GoalsEnd)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>What the manual forbids of the table as it would be.</summary>
    private DynamixelError Check()
    {
        bool mode = Mode is DynamixelMode.Velocity or DynamixelMode.Position or DynamixelMode.ExtendedPosition or DynamixelMode.Pwm
            || (_model.HasCurrent && Mode is DynamixelMode.Current or DynamixelMode.CurrentBasedPosition);
        if (!mode || Get(DynamixelTable.Id) > DynamixelProtocol.MaxId || Get(DynamixelTable.TorqueEnable) > 1
            || Get(DynamixelTable.BusWatchdog) is < DynamixelUnits.WatchdogExpired or > DynamixelUnits.MaxWatchdog || DynamixelUnits.BaudRate(Get(DynamixelTable.BaudRate)) == 0)
        {
            return DynamixelError.DataRange;
        }

        int position = Get(DynamixelTable.GoalPosition);
        bool inside = Mode == DynamixelMode.Position
            ? !IsTorqueOn || (position >= Get(DynamixelTable.MinPosition) && position <= Get(DynamixelTable.MaxPosition))
            : Math.Abs((long)position) <= DynamixelUnits.MaxExtendedTicks || Mode is DynamixelMode.Velocity or DynamixelMode.Current or DynamixelMode.Pwm;
        bool fits = inside && Math.Abs((long)Get(DynamixelTable.GoalVelocity)) <= Get(DynamixelTable.VelocityLimit) && Math.Abs(Get(DynamixelTable.GoalPwm)) <= Get(DynamixelTable.PwmLimit)
            && (!_model.HasCurrent || Math.Abs(Get(DynamixelTable.GoalCurrent)) <= Get(DynamixelTable.CurrentLimit));
        return fits ? DynamixelError.None : DynamixelError.DataLimit;
    }

    /// <summary>Hands the goals to the motor.</summary>
    private void Drive()
    {
        if (HasWatchdogStruck)
        {
            return;
        }

        double torquePerMa = Joint.StallTorqueNm / (StallCurrentA / DynamixelUnits.AmperesPerUnit);
        Joint.TorqueLimit = Math.Min(1, Math.Abs(Get(DynamixelTable.GoalPwm)) * DynamixelUnits.PwmPerUnit);
        int profileVelocity = Get(DynamixelTable.ProfileVelocity);
        Joint.SpeedLimit = profileVelocity == 0 ? double.PositiveInfinity : DynamixelUnits.VelocityRadPerSecond(profileVelocity);
        (Joint.Drive, Joint.Goal) = Mode switch
        {
            DynamixelMode.Current => (ServoDrive.Torque, Get(DynamixelTable.GoalCurrent) * torquePerMa),
            DynamixelMode.Velocity => (ServoDrive.Velocity, DynamixelUnits.VelocityRadPerSecond(Get(DynamixelTable.GoalVelocity))),
            DynamixelMode.Pwm => (ServoDrive.Voltage, Get(DynamixelTable.GoalPwm) * DynamixelUnits.PwmPerUnit),
            _ => (ServoDrive.Position, DynamixelUnits.PositionRad(Get(DynamixelTable.GoalPosition) - Get(DynamixelTable.HomingOffset))),
        };
        if (Mode == DynamixelMode.Pwm)
        {
            Joint.TorqueLimit = 1;
        }

        if (Mode == DynamixelMode.CurrentBasedPosition)
        {
            Joint.TorqueLimit = Math.Min(Joint.TorqueLimit, Math.Abs(Get(DynamixelTable.GoalCurrent)) * torquePerMa / Joint.StallTorqueNm);
        }

        if (!IsTorqueOn)
        {
            Joint.Drive = ServoDrive.Off;
        }
    }

    /// <summary>The bus watchdog: it stops as its mode can, under torque.</summary>
    private void StopMoving()
    {
        (Joint.Drive, Joint.Goal) = !IsTorqueOn ? (ServoDrive.Off, 0) : Mode switch
        {
            DynamixelMode.Current => (ServoDrive.Torque, 0.0),
            DynamixelMode.Pwm => (ServoDrive.Voltage, 0.0),
            _ => (ServoDrive.Velocity, 0.0),
        };
    }

    private void SwitchOff()
    {
        Set(DynamixelTable.TorqueEnable, 0);
        SetTorque(false);
        Joint.Drive = ServoDrive.Off;
    }

    private void ResetGoals()
    {
        Set(DynamixelTable.GoalPwm, Mode == DynamixelMode.Pwm ? 0 : Get(DynamixelTable.PwmLimit));
        Set(DynamixelTable.GoalCurrent, Mode == DynamixelMode.Current ? 0 : Get(DynamixelTable.CurrentLimit));
        Set(DynamixelTable.GoalVelocity, 0);
        Set(DynamixelTable.GoalPosition, Ticks());
    }

    private void Measure()
    {
        int velocity = DynamixelUnits.VelocityRaw(VelocityRadPerSecond);
        Set(DynamixelTable.PresentPosition, IsBlind ? _garbage(DynamixelUnits.TicksPerTurn) : Ticks());
        Set(DynamixelTable.PresentVelocity, IsBlind ? 0 : velocity);
        Set(DynamixelTable.PresentCurrent, _model.HasCurrent ? DynamixelUnits.CurrentRaw(Amperes) : (int)Math.Round(Joint.TorqueNm / Joint.StallTorqueNm / DynamixelUnits.LoadPerUnit));
        Set(DynamixelTable.PresentPwm, (int)Math.Round(Joint.TorqueNm / Joint.StallTorqueNm * DynamixelUnits.MaxPwm));
        Set(DynamixelTable.PresentVoltage, (int)Math.Round(SupplyVolts / DynamixelUnits.VoltsPerUnit));
        Set(DynamixelTable.PresentTemperature, (int)Math.Round(Celsius));
        Set(DynamixelTable.Moving, velocity == 0 ? 0 : 1);
    }

    /// <summary>Position as the encoder counts it: in mode Position only within one turn.</summary>
    private int Ticks()
    {
        int ticks = (int)Math.Round((PositionRad / DynamixelUnits.RadPerTick) + DynamixelUnits.ZeroTicks);
        return (Mode == DynamixelMode.Position ? ((ticks % DynamixelUnits.TicksPerTurn) + DynamixelUnits.TicksPerTurn) % DynamixelUnits.TicksPerTurn : ticks) + Get(DynamixelTable.HomingOffset);
    }

    private int Get(DynamixelRegister register) => register.Decode(_table.AsSpan(register.Address));

    private void Set(DynamixelRegister register, int value) => register.Encode(value, _table.AsSpan(register.Address));
}
