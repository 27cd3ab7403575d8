using RobotRl.Hardware.Protocols.Feetech;

namespace RobotRl.Hardware.Emulation;

/// <summary>An STS3215 of 7.4 V: memory table, operating modes, torque limit, errors. It has no command timeout: it does what it was told last, for ever.</summary>
public sealed class EmulatedFeetech : EmulatedServo
{
    // Feetech, STS3215 (7.4 V): 19.5 kg cm at 7.4 V, 2.4 A, 52 rev/min.
    private const double StallTorque = 1.9, StallCurrent = 2.4, RatedVoltage = 7.4, NoLoadSpeed = 5.45;
    private const double OverloadSeconds = 2, OverloadFraction = 0.98;
    private const int AccelerationUnit = 100, CalibrateMiddle = 128, ReadOnlyBegin = 56;

    private readonly byte[] _table = new byte[FeetechTable.Length];
    private readonly Func<int, int> _garbage;
    private double _overloadSeconds;

    internal EmulatedFeetech(byte id, EmulatedLoad load, Func<int, int> garbage)
        : base(id, new EmulatedJoint(load, StallTorque, NoLoadSpeed), StallCurrent, RatedVoltage)
    {
        _garbage = garbage;
        Set(FeetechTable.FirmwareMajor, 3);
        Set(FeetechTable.FirmwareMinor, 10);
        Set(FeetechTable.ModelNumber, FeetechTable.Sts3215ModelNumber);
        Set(FeetechTable.Id, id);
        Set(FeetechTable.StatusReturnLevel, 1);
        Set(FeetechTable.MaxAngle, FeetechUnits.TicksPerTurn - 1);
        Set(FeetechTable.TemperatureLimit, 70);
        Set(FeetechTable.MaxVoltage, 80);
        Set(FeetechTable.MinVoltage, 40);
        Set(FeetechTable.MaxTorque, FeetechUnits.MaxTorque);
        Set(FeetechTable.UnloadCondition, (int)(FeetechErrors.Overheating | FeetechErrors.Current | FeetechErrors.Overload));
        Set(FeetechTable.TorqueLimit, FeetechUnits.MaxTorque);
        Set(FeetechTable.Lock, 1);
        Set(FeetechTable.GoalPosition, Ticks());
    }

    /// <summary>What is wrong with it.</summary>
    public FeetechErrors Errors => (FeetechErrors)_table[FeetechTable.Status.Address];

    internal bool AnswersWrites => Get(FeetechTable.StatusReturnLevel) != 0;

    /// <summary>For tests of another model on the bus.</summary>
    public void SetModelNumber(int number) => Set(FeetechTable.ModelNumber, number);

    internal bool Read(int address, Span<byte> into)
    {
        if (address + into.Length > _table.Length)
        {
            return false;
        }

        Measure();
        _table.AsSpan(address, into.Length).CopyTo(into);
        return true;
    }

    /// <summary>Read-only bytes stay as they are, without an error: so do these servos.</summary>
    internal void Write(int address, ReadOnlySpan<byte> data)
    {
        for (int i = 0; i < data.Length; i++)
        {
            int at = address + i;
            if (at >= FeetechTable.Id.Address && at < ReadOnlyBegin)
            {
                _table[at] = data[i];
            }
        }

        Id = (byte)Get(FeetechTable.Id);
        int torque = Get(FeetechTable.TorqueEnable);
        if (torque == CalibrateMiddle)
        {
            Set(FeetechTable.PositionOffset, RawTicks() - FeetechUnits.ZeroTicks);
            torque = IsTorqueOn ? 1 : 0;
            Set(FeetechTable.TorqueEnable, torque);
        }

        SetTorque(torque == 1);
        Drive();
    }

    private protected override void OnPlaced() => Set(FeetechTable.GoalPosition, Ticks());

    private protected override void Watch(double seconds)
    {
        bool full = IsTorqueOn && Math.Abs(TorqueNm) >= OverloadFraction * Joint.StallTorqueNm;
        _overloadSeconds = full ? _overloadSeconds + seconds : 0;
        FeetechErrors found = FeetechErrors.None;
        bool voltage = SupplyVolts < Get(FeetechTable.MinVoltage) * FeetechUnits.VoltsPerUnit || SupplyVolts > Get(FeetechTable.MaxVoltage) * FeetechUnits.VoltsPerUnit;
        found |= voltage ? FeetechErrors.Voltage : 0;
        found |= Celsius > Get(FeetechTable.TemperatureLimit) ? FeetechErrors.Overheating : 0;
        found |= IsBlind ? FeetechErrors.Sensor : 0;
        found |= _overloadSeconds > OverloadSeconds ? FeetechErrors.Overload : 0;

        // Not latched: it goes with its cause, but torque stays off.
        _table[FeetechTable.Status.Address] = (byte)found;
        if (((int)found & Get(FeetechTable.UnloadCondition)) != 0)
        {
            Set(FeetechTable.TorqueEnable, 0);
            SetTorque(false);
            Drive();
        }
    }

    private void Drive()
    {
        int speed = Math.Abs(Get(FeetechTable.GoalVelocity)), acceleration = Get(FeetechTable.Acceleration);
        var mode = (FeetechMode)Get(FeetechTable.OperatingMode);
        Joint.TorqueLimit = Math.Min(1, Get(FeetechTable.TorqueLimit) * FeetechUnits.FractionPerUnit);
        Joint.SpeedLimit = speed == 0 ? double.PositiveInfinity : FeetechUnits.VelocityRadPerSecond(speed);
        Joint.AccelerationLimit = acceleration == 0 ? double.PositiveInfinity : acceleration * AccelerationUnit * FeetechUnits.RadPerTick;
        int goal = Get(FeetechTable.GoalPosition), least = Get(FeetechTable.MinAngle), greatest = Get(FeetechTable.MaxAngle);
        if (greatest > least)
        {
            goal = Math.Clamp(goal, least, greatest);
        }

        (Joint.Drive, Joint.Goal) = mode switch
        {
            _ when !IsTorqueOn => (ServoDrive.Off, 0),
            FeetechMode.Velocity => (ServoDrive.Velocity, FeetechUnits.VelocityRadPerSecond(Get(FeetechTable.GoalVelocity))),
            FeetechMode.Pwm => (ServoDrive.Voltage, Get(FeetechTable.GoalTime) * FeetechUnits.FractionPerUnit),
            _ => (ServoDrive.Position, FeetechUnits.PositionRad(goal + Get(FeetechTable.PositionOffset))),
        };
    }

    private void Measure()
    {
        Set(FeetechTable.PresentPosition, IsBlind ? _garbage(FeetechUnits.TicksPerTurn) : Ticks());
        Set(FeetechTable.PresentVelocity, IsBlind ? 0 : FeetechUnits.VelocityRaw(VelocityRadPerSecond));
        Set(FeetechTable.PresentLoad, (int)Math.Round(Joint.TorqueNm / Joint.StallTorqueNm / FeetechUnits.FractionPerUnit));
        Set(FeetechTable.PresentVoltage, (int)Math.Round(SupplyVolts / FeetechUnits.VoltsPerUnit));
        Set(FeetechTable.PresentTemperature, (int)Math.Round(Celsius));
        Set(FeetechTable.Moving, Math.Abs(VelocityRadPerSecond) > FeetechUnits.RadPerTick ? 1 : 0);
        Set(FeetechTable.PresentCurrent, (int)Math.Round(Amperes / FeetechUnits.AmperesPerUnit));
    }

    private int RawTicks()
    {
        int ticks = (int)Math.Round((PositionRad / FeetechUnits.RadPerTick) + FeetechUnits.ZeroTicks) % FeetechUnits.TicksPerTurn;
        return ticks < 0 ? ticks + FeetechUnits.TicksPerTurn : ticks;
    }

    private int Ticks() => RawTicks() - Get(FeetechTable.PositionOffset);

    private int Get(FeetechRegister register) => register.Decode(_table.AsSpan(register.Address));

    private void Set(FeetechRegister register, int value) => register.Encode(value, _table.AsSpan(register.Address));
}
