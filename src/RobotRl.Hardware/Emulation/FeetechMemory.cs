using RobotRl.Hardware.Protocols.Feetech;

namespace RobotRl.Hardware.Emulation;

/// <summary>
/// The memory of an STS3215: values at power-up, ranges, what may be written, and what outlives the supply. By the maker's memory table
/// (Feetech, "STS series, memory table analysis"); where that gives no initial value, the one that servos are delivered with as
/// their owners
/// report it.
/// </summary>
/// <remarks>
/// The table names ranges, but no error for a value beyond one: here the register stays as it was, without an error bit, and so does one
/// that is read-only. Register 55 (lock) at 1 lets EEPROM registers be written, but not kept: power-up brings back what was there before.
/// </remarks>
internal sealed class FeetechMemory
{
    private const int EepromEnd = 40,
        TorqueOn = 1,
        MaxByte = 254;

    // The maker: 0.732 rev/min, 50 ticks/s, a unit; 52 rev/min without load.
    private const int MaxSpeedUnits = 71;

    private static readonly Rule[] s_rules =
    [
        new(FeetechTable.FirmwareMajor, 3),
        new(FeetechTable.FirmwareMinor, 10),
        new(FeetechTable.End, 0),
        new(FeetechTable.ModelNumber, FeetechTable.Sts3215ModelNumber),
        new(FeetechTable.Id, 1, 0, FeetechProtocol.MaxId),
        new(FeetechTable.BaudRate, 0, 0, 7),
        new(FeetechTable.ReturnDelay, 0, 0, MaxByte),
        new(FeetechTable.StatusReturnLevel, 1, 0, 1),
        new(FeetechTable.MinAngle, 0, 0, 4094),
        new(FeetechTable.MaxAngle, 4095, 0, 4095),
        new(FeetechTable.TemperatureLimit, 70, 0, 100),
        new(FeetechTable.MaxVoltage, 80, 0, MaxByte),
        new(FeetechTable.MinVoltage, 40, 0, MaxByte),
        new(FeetechTable.MaxTorque, 1000, 0, 1000),
        new(FeetechTable.Phase, (int)FeetechTable.DeliveredPhase, 0, MaxByte),
        new(FeetechTable.UnloadCondition, 44, 0, MaxByte),
        new(FeetechTable.LedAlarm, 47, 0, MaxByte),
        new(FeetechTable.PositionP, 32, 0, MaxByte),
        new(FeetechTable.PositionD, 32, 0, MaxByte),
        new(FeetechTable.PositionI, 0, 0, MaxByte),
        new(FeetechTable.MinStartForce, 16, 0, MaxByte),
        new(FeetechTable.IntegralLimit, 0, 0, MaxByte),
        new(FeetechTable.DeadZoneUp, 1, 0, 16),
        new(FeetechTable.DeadZoneDown, 1, 0, 16),
        new(FeetechTable.ProtectionCurrent, 511, 0, 2047),
        new(FeetechTable.AngleResolution, 1, 1, 128),
        new(FeetechTable.PositionOffset, 0, -FeetechTable.MaxOffset, FeetechTable.MaxOffset),
        new(FeetechTable.OperatingMode, 0, 0, 3),
        new(FeetechTable.ProtectiveTorque, 20, 0, MaxByte),
        new(FeetechTable.ProtectionTime, 200, 0, MaxByte),
        new(FeetechTable.OverloadTorque, 80, 0, MaxByte),
        new(FeetechTable.VelocityP, 10, 0, MaxByte),
        new(FeetechTable.OverCurrentTime, 200, 0, MaxByte),
        new(FeetechTable.VelocityI, 10, 0, MaxByte),
        new(FeetechTable.TorqueEnable, TorqueOn, 0, 2),
        new(FeetechTable.Acceleration, 0, 0, MaxByte),
        new(FeetechTable.GoalPosition, 0, -32767, 32767),
        new(FeetechTable.GoalTime, 1000, -1000, 1000),
        new(FeetechTable.GoalVelocity, MaxSpeedUnits * FeetechUnits.CoarseVelocity, -32767, 32767),
        new(FeetechTable.TorqueLimit, 1000, 0, 1000),
        new(FeetechTable.Lock, 1, 0, 1),
        new(FeetechTable.PresentPosition, 0),
        new(FeetechTable.PresentVelocity, 0),
        new(FeetechTable.PresentLoad, 0),
        new(FeetechTable.PresentVoltage, 0),
        new(FeetechTable.PresentTemperature, 0),
        new(FeetechTable.AsyncFlag, 0),
        new(FeetechTable.Status, 0),
        new(FeetechTable.Moving, 0),
        new(FeetechTable.TargetPosition, 0),
        new(FeetechTable.PresentCurrent, 0),
        new(FeetechTable.MovingThreshold, 1),
        new(FeetechTable.VelocityUnit, FeetechUnits.CoarseVelocity),
        new(FeetechTable.MaxVelocity, MaxSpeedUnits),
        new(FeetechTable.MaxAcceleration, MaxByte),
        new(FeetechTable.AccelerationMultiplier, 0),
    ];

    private static readonly bool[] s_isDefined =
    [
        .. Enumerable
            .Range(0, FeetechTable.Length)
            .Select(at => Array.Exists(s_rules, r => at >= r.Register.Address && at < r.Register.End)),
    ];

    private readonly byte[] _now = new byte[FeetechTable.Length],
        _before = new byte[FeetechTable.Length],
        _kept = new byte[EepromEnd];

    public FeetechMemory(byte id)
    {
        foreach (Rule rule in s_rules.Where(r => r.Register.Address < EepromEnd))
        {
            Set(rule.Register, rule.Initial);
        }

        Set(FeetechTable.Id, id);
        _now.AsSpan(0, EepromEnd).CopyTo(_kept);
        PowerUp();
    }

    public int Get(FeetechRegister register) => register.Decode(_now.AsSpan(register.Address));

    /// <summary>The servo itself sets a register.</summary>
    public void Set(FeetechRegister register, int value) => register.Encode(value, _now.AsSpan(register.Address));

    /// <summary>Sets a register and, in EEPROM, what outlives the supply.</summary>
    public void Keep(FeetechRegister register, int value)
    {
        Set(register, value);
        Keep(register);
    }

    /// <summary>What is there when the supply comes: EEPROM as it was kept, all else at its initial value.</summary>
    public void PowerUp()
    {
        _now.AsSpan(EepromEnd).Clear();
        _kept.CopyTo(_now, 0);
        foreach (Rule rule in s_rules.Where(r => r.Register.Address >= EepromEnd))
        {
            Set(rule.Register, rule.Initial);
        }

        Set(FeetechTable.TorqueLimit, Get(FeetechTable.MaxTorque));
    }

    /// <summary>False if the bytes are not all in the table.</summary>
    public bool TryRead(int address, Span<byte> into)
    {
        if (address + into.Length > _now.Length)
        {
            return false;
        }

        _now.AsSpan(address, into.Length).CopyTo(into);
        return true;
    }

    /// <summary>A write from the bus. Returns which addresses took a value, as a range that holds them all; empty if none did.</summary>
    public FeetechWritten Write(int address, ReadOnlySpan<byte> data)
    {
        _now.CopyTo(_before, 0);
        bool keeps = Get(FeetechTable.Lock) == 0;
        int end = Math.Min(address + data.Length, _now.Length),
            from = _now.Length,
            to = 0;
        for (int at = address; at < end; at++)
        {
            _now[at] = s_isDefined[at] ? data[at - address] : _now[at];
        }

        foreach (Rule rule in s_rules)
        {
            FeetechRegister register = rule.Register;
            if (register.End <= address || register.Address >= end)
            {
                continue;
            }

            if (!rule.Takes(Get(register)))
            {
                _before.AsSpan(register.Address, register.Size).CopyTo(_now.AsSpan(register.Address));
                continue;
            }

            (from, to) = (Math.Min(from, register.Address), Math.Max(to, register.End));
            if (keeps)
            {
                Keep(register);
            }
        }

        return new(from, to);
    }

    private void Keep(FeetechRegister register)
    {
        if (register.Address < EepromEnd)
        {
            _now.AsSpan(register.Address, register.Size).CopyTo(_kept.AsSpan(register.Address));
        }
    }

    /// <summary>One register. Read-only if it has no range.</summary>
    private readonly record struct Rule(FeetechRegister Register, int Initial, int Least = 0, int Greatest = -1)
    {
        public bool Takes(int value) =>
            (value >= Least && value <= Greatest) || (Register == FeetechTable.TorqueEnable && value == EmulatedFeetech.CalibrateMiddle);
    }
}
