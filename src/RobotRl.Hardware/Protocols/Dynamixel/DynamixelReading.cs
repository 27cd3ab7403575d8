namespace RobotRl.Hardware.Protocols.Dynamixel;

/// <summary>What a servo reports in one block of registers, <see cref="FirstAddress"/> to <see cref="LastAddress"/>.</summary>
/// <param name="Current">Current in A (XL330) or load as a fraction of the greatest torque (XL430).</param>
/// <param name="VelocityRadPerSecond">Velocity.</param>
/// <param name="PositionRad">Position, 0 at tick 2048.</param>
/// <param name="Volts">Supply voltage.</param>
/// <param name="Celsius">Temperature.</param>
public readonly record struct DynamixelReading(
    double Current,
    double VelocityRadPerSecond,
    double PositionRad,
    double Volts,
    double Celsius
)
{
    /// <summary>First register of the block: current or load.</summary>
    public const ushort FirstAddress = 126;

    /// <summary>Last register of the block: temperature.</summary>
    public const ushort LastAddress = 146;

    /// <summary>Bytes of the block.</summary>
    public const ushort Length = LastAddress - FirstAddress + 1;

    /// <summary>Values beyond these no servo of the series reports; they stand behind the 16-bit checksum.</summary>
    public const int MaxPlausibleCurrent = 3000,
        MaxPlausibleVelocity = 4000,
        MaxPlausibleVoltage = 200,
        MaxPlausibleTemperature = 120;

    /// <summary>
    /// Reads the block. False where it is not one of <paramref name="model"/>: wrong length, or a value that no servo can report.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<byte> block, DynamixelModel model, out DynamixelReading reading)
    {
        reading = default;
        if (block.Length != Length)
        {
            return false;
        }

        int current = At(block, DynamixelTable.PresentCurrent),
            velocity = At(block, DynamixelTable.PresentVelocity);
        int position = At(block, DynamixelTable.PresentPosition),
            voltage = At(block, DynamixelTable.PresentVoltage),
            temperature = At(block, DynamixelTable.PresentTemperature);
        // In velocity mode the position counts on for ever: the whole range of the register is possible.
        if (
            Math.Abs(current) > MaxPlausibleCurrent
            || Math.Abs((long)velocity) > MaxPlausibleVelocity
            || voltage > MaxPlausibleVoltage
            || temperature > MaxPlausibleTemperature
        )
        {
            return false;
        }

        reading = new(
            current * (model.HasCurrent ? DynamixelUnits.AmperesPerUnit : DynamixelUnits.LoadPerUnit),
            DynamixelUnits.VelocityRadPerSecond(velocity),
            DynamixelUnits.PositionRad(position),
            voltage * DynamixelUnits.VoltsPerUnit,
            temperature
        );
        return true;
    }

    private static int At(ReadOnlySpan<byte> block, DynamixelRegister register) =>
        register.Decode(block[(register.Address - FirstAddress)..]);
}
