namespace RobotRl.Hardware.Protocols.Feetech;

/// <summary>What a servo reports in one block of registers, <see cref="FirstAddress"/> to <see cref="LastAddress"/>.</summary>
/// <param name="PositionRad">Position, 0 at tick 2048.</param>
/// <param name="VelocityRadPerSecond">Velocity.</param>
/// <param name="Load">Duty of the motor's voltage, -1 to 1.</param>
/// <param name="Volts">Supply voltage.</param>
/// <param name="Celsius">Temperature.</param>
/// <param name="Errors">Status register.</param>
/// <param name="Amperes">Current.</param>
public readonly record struct FeetechReading(
    double PositionRad,
    double VelocityRadPerSecond,
    double Load,
    double Volts,
    double Celsius,
    FeetechErrors Errors,
    double Amperes
)
{
    /// <summary>First register of the block: position.</summary>
    public const byte FirstAddress = 56;

    /// <summary>Last register of the block: high byte of the current.</summary>
    public const byte LastAddress = 70;

    /// <summary>Bytes of the block.</summary>
    public const byte Length = LastAddress - FirstAddress + 1;

    /// <summary>Values beyond these no servo reports; they stand behind the 8-bit sum.</summary>
    public const int MaxPlausibleVelocity = 8000,
        MaxPlausibleLoad = 1000,
        MaxPlausibleVoltage = 160,
        MaxPlausibleTemperature = 120,
        MaxPlausibleCurrent = 1000;

    private const int KnownErrors = 0x3F;

    /// <summary>Reads the block. False where a value is one that no servo can report, or the length is wrong.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> block, out FeetechReading reading)
    {
        reading = default;
        if (block.Length != Length)
        {
            return false;
        }

        int velocity = At(block, FeetechTable.PresentVelocity),
            load = At(block, FeetechTable.PresentLoad),
            voltage = At(block, FeetechTable.PresentVoltage);
        int temperature = At(block, FeetechTable.PresentTemperature),
            current = At(block, FeetechTable.PresentCurrent);
        int status = At(block, FeetechTable.Status),
            moving = At(block, FeetechTable.Moving);
        // Above the load's sign bit there is nothing.
        bool loadBits = (block[FeetechTable.PresentLoad.Address - FirstAddress + 1] & 0xF8) == 0;
        if (
            Math.Abs(velocity) > MaxPlausibleVelocity
            || Math.Abs(load) > MaxPlausibleLoad
            || !loadBits
            || voltage > MaxPlausibleVoltage
            || temperature > MaxPlausibleTemperature
            || Math.Abs(current) > MaxPlausibleCurrent
            || (status & ~KnownErrors) != 0
            || moving > 1
        )
        {
            return false;
        }

        reading = new(
            FeetechUnits.PositionRad(At(block, FeetechTable.PresentPosition)),
            FeetechUnits.VelocityRadPerSecond(velocity),
            load * FeetechUnits.FractionPerUnit,
            voltage * FeetechUnits.VoltsPerUnit,
            temperature,
            (FeetechErrors)status,
            current * FeetechUnits.AmperesPerUnit
        );
        return true;
    }

    private static int At(ReadOnlySpan<byte> block, FeetechRegister register) =>
        register.Decode(block[(register.Address - FirstAddress)..]);
}
