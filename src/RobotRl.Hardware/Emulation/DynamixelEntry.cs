using RobotRl.Hardware.Protocols.Dynamixel;

namespace RobotRl.Hardware.Emulation;

/// <summary>A register of an emulated servo.</summary>
/// <param name="Register">Where it is.</param>
/// <param name="Initial">What it holds at first: when the servo is new (EEPROM), or starts (RAM).</param>
/// <param name="Minimum">Least value that may be written.</param>
/// <param name="Maximum">Greatest value that may be written.</param>
internal sealed record DynamixelEntry(DynamixelRegister Register, int Initial, int Minimum, int Maximum)
{
    /// <summary>Whether it can only be read.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Bits that may be set; the rest is always 0.</summary>
    public int Mask { get; init; } = -1;

    /// <summary>The register that holds the greatest value that may be written, either way; null if no other register limits it.</summary>
    public DynamixelRegister? Limit { get; init; }
}
