using RobotRl.Hardware.Protocols.Dynamixel;
using static RobotRl.Hardware.Protocols.Dynamixel.DynamixelTable;

namespace RobotRl.Hardware.Emulation;

/// <summary>
/// The control table of one model: which registers there are, what they hold at first, and what may be written. Any thread.
/// </summary>
/// <remarks>
/// Source: ROBOTIS e-manual, "Control Table of EEPROM Area" and "Control Table of RAM Area" of XL330-M077-T, XL330-M288-T and
/// XL430-W250-T. Two initial values are this bus's own: the id, and the baud rate (1 Mbaud instead of 57600).
/// </remarks>
internal sealed class DynamixelControlTable
{
    /// <summary>Where the registers begin that are reset when the servo starts.</summary>
    public const int EepromEnd = 64;

    private const int IndirectAddresses = 168,
        FarAddresses = 578,
        FarLength = 56;

    private readonly DynamixelEntry?[] _byAddress;

    private DynamixelControlTable(DynamixelModel model)
    {
        Indirect = model.HasCurrent
            ? [(IndirectAddresses, 208, 20)]
            : [(IndirectAddresses, 224, 28), (FarAddresses, FarAddresses + FarLength, 28)];
        (int, int Data, int Count) last = Indirect[^1];
        Length = last.Data + last.Count;
        Entries = [.. Eeprom(model), .. Ram(model), .. IndirectEntries()];
        _byAddress = new DynamixelEntry?[Length];
        foreach (DynamixelEntry entry in Entries)
        {
            for (int at = entry.Register.Address; at < entry.Register.End; at++)
            {
                _byAddress[at] = entry;
            }
        }
    }

    /// <summary>All registers, by address.</summary>
    public IReadOnlyList<DynamixelEntry> Entries { get; }

    /// <summary>Bytes of the table.</summary>
    public int Length { get; }

    /// <summary>The blocks of indirect registers: where the addresses begin, where the data, how many.</summary>
    public (int Addresses, int Data, int Count)[] Indirect { get; }

    /// <summary>The table of <paramref name="model"/>.</summary>
    public static DynamixelControlTable Of(DynamixelModel model) => new(model);

    /// <summary>The register that the byte at <paramref name="address"/> belongs to; null if there is none.</summary>
    public DynamixelEntry? At(int address) => address >= 0 && address < Length ? _byAddress[address] : null;

    private static IEnumerable<DynamixelEntry> Eeprom(DynamixelModel model)
    {
        bool xl330 = model.HasCurrent;
        (int least, int greatest) = xl330 ? (31, 70) : (60, 140);
        yield return Fixed(ModelNumber, model.Number);
        yield return Fixed(ModelInformation, 0);
        yield return Fixed(FirmwareVersion, 52);
        yield return new(Id, 1, 0, DynamixelProtocol.MaxId);
        yield return new(BaudRate, 3, 0, xl330 ? 6 : 7);
        yield return new(ReturnDelay, 250, 0, 254);
        yield return new(DriveMode, 0, 0, 13) { Mask = 13 };
        yield return new(OperatingMode, (int)DynamixelMode.Position, 0, 16);
        yield return new(SecondaryId, 255, 0, 255);
        yield return xl330 ? new(ProtocolType, 2, 2, 22) : new(ProtocolType, 2, 1, 2);
        yield return new(HomingOffset, 0, -DynamixelUnits.MaxHomingOffset, DynamixelUnits.MaxHomingOffset);
        yield return new(MovingThreshold, 10, 0, 1023);
        yield return new(TemperatureLimit, model.TemperatureLimit, 0, 100);
        yield return new(MaxVoltage, (int)Math.Round(model.MaxVoltage / DynamixelUnits.VoltsPerUnit), least, greatest);
        yield return new(MinVoltage, (int)Math.Round(model.MinVoltage / DynamixelUnits.VoltsPerUnit), least, greatest);
        yield return new(PwmLimit, DynamixelUnits.MaxPwm, 0, DynamixelUnits.MaxPwm);
        if (xl330)
        {
            yield return new(CurrentLimit, model.CurrentLimit, 0, 1750);
        }

        yield return new(VelocityLimit, model.VelocityLimit, 0, xl330 ? 2047 : 1023);
        yield return new(MaxPosition, DynamixelUnits.TicksPerTurn - 1, 0, DynamixelUnits.TicksPerTurn - 1);
        yield return new(MinPosition, 0, 0, DynamixelUnits.TicksPerTurn - 1);
        yield return new(StartupConfiguration, 0, 0, 3);
        if (xl330)
        {
            yield return new(PwmSlope, 140, 1, 255);
        }

        // Bits that the manual calls unused are always 0.
        yield return new(Shutdown, xl330 ? 53 : 52, 0, 63) { Mask = xl330 ? 0x35 : 0x3D };
    }

    private static IEnumerable<DynamixelEntry> Ram(DynamixelModel model)
    {
        const int MaxGain = 16_383;
        bool xl330 = model.HasCurrent;
        (int velocityI, int velocityP, int positionD, int positionI, int positionP) =
            model == DynamixelModel.Xl330M077 ? (400, 40, 0, 400, 400)
            : xl330 ? (1600, 180, 0, 0, 400)
            : (1000, 100, 4000, 0, 640);
        yield return new(TorqueEnable, 0, 0, 1);
        yield return new(Led, 0, 0, 1);
        yield return new(StatusReturnLevel, 2, 0, 2);
        yield return Fixed(RegisteredInstruction, 0);
        yield return Fixed(HardwareErrorStatus, 0);
        yield return new(VelocityIGain, velocityI, 0, MaxGain);
        yield return new(VelocityPGain, velocityP, 0, MaxGain);
        yield return new(PositionDGain, positionD, 0, MaxGain);
        yield return new(PositionIGain, positionI, 0, MaxGain);
        yield return new(PositionPGain, positionP, 0, MaxGain);
        yield return new(Feedforward2Gain, 0, 0, MaxGain);
        yield return new(Feedforward1Gain, 0, 0, MaxGain);
        yield return new(BusWatchdog, 0, 0, DynamixelUnits.MaxWatchdog);
        yield return new(GoalPwm, DynamixelUnits.MaxPwm, short.MinValue, short.MaxValue) { Limit = PwmLimit };
        if (xl330)
        {
            yield return new(GoalCurrent, model.CurrentLimit, short.MinValue, short.MaxValue) { Limit = CurrentLimit };
        }

        yield return new(GoalVelocity, 0, int.MinValue, int.MaxValue) { Limit = VelocityLimit };
        yield return new(ProfileAcceleration, 0, 0, 32_767);
        yield return new(ProfileVelocity, 0, 0, 32_767);
        yield return new(GoalPosition, 0, int.MinValue, int.MaxValue);
        yield return Fixed(RealtimeTick, 0);
        foreach (
            DynamixelRegister register in (DynamixelRegister[])
                [
                    Moving,
                    MovingStatus,
                    PresentPwm,
                    PresentCurrent,
                    PresentVelocity,
                    PresentPosition,
                    VelocityTrajectory,
                    PositionTrajectory,
                    PresentVoltage,
                    PresentTemperature,
                    BackupReady,
                ]
        )
        {
            yield return Fixed(register, 0);
        }
    }

    private static DynamixelEntry Fixed(DynamixelRegister register, int value) => new(register, value, value, value) { IsReadOnly = true };

    private IEnumerable<DynamixelEntry> IndirectEntries()
    {
        int last = Length - 1;
        foreach ((int addresses, int data, int count) in Indirect)
        {
            for (int i = 0; i < count; i++)
            {
                yield return new(new((ushort)(addresses + (2 * i)), 2), data + i, EepromEnd, last);
            }

            for (int i = 0; i < count; i++)
            {
                yield return new(new((ushort)(data + i), 1), 0, 0, byte.MaxValue);
            }
        }
    }
}
