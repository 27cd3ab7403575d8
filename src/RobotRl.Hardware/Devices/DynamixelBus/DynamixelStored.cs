using RobotRl.Hardware.Protocols.Dynamixel;

namespace RobotRl.Hardware.Devices.DynamixelBus;

/// <summary>
/// What a servo keeps without power and what can alter, turn round, cut or delay its motion: registers 10 to 63. None of these is
/// ever written.
/// </summary>
/// <param name="DriveMode">Register 10.</param>
/// <param name="SecondaryId">Register 12.</param>
/// <param name="HomingOffset">Register 20, ticks.</param>
/// <param name="PwmLimit">Register 36.</param>
/// <param name="CurrentLimit">Register 38.</param>
/// <param name="VelocityLimit">Register 44.</param>
/// <param name="MaxPosition">Register 48, ticks.</param>
/// <param name="MinPosition">Register 52, ticks.</param>
/// <param name="Startup">Register 60.</param>
internal readonly record struct DynamixelStored(
    DynamixelDriveModes DriveMode,
    int SecondaryId,
    int HomingOffset,
    int PwmLimit,
    int CurrentLimit,
    int VelocityLimit,
    int MaxPosition,
    int MinPosition,
    int Startup
)
{
    /// <summary>First register of the block: return delay.</summary>
    public const ushort First = 9;

    /// <summary>Bytes of the block, which ends with the gains: one request tells all that matters before power.</summary>
    public const ushort Length = DynamixelGains.First + DynamixelGains.Length - First;

    private const int TorqueOnAtStart = 1;

    /// <summary>A new servo's.</summary>
    public static DynamixelStored Factory { get; } =
        new(
            DynamixelDriveModes.None,
            byte.MaxValue,
            0,
            DynamixelUnits.MaxPwm,
            int.MaxValue,
            int.MaxValue,
            DynamixelUnits.TicksPerTurn - 1,
            0,
            0
        );

    /// <summary>Whether positions grow clockwise.</summary>
    public bool IsReversed => (DriveMode & DynamixelDriveModes.Reverse) != 0;

    /// <summary>Whether it switches its torque on by itself when it starts.</summary>
    public bool StartsUnderTorque => (Startup & TorqueOnAtStart) != 0;

    /// <summary>Whether positions have limits narrower than a turn.</summary>
    public bool HasPositionLimits => MinPosition > 0 || MaxPosition < DynamixelUnits.TicksPerTurn - 1;

    /// <summary>Reads the block.</summary>
    public static DynamixelStored Decode(ReadOnlySpan<byte> block) =>
        new(
            (DynamixelDriveModes)At(block, DynamixelTable.DriveMode),
            At(block, DynamixelTable.SecondaryId),
            At(block, DynamixelTable.HomingOffset),
            At(block, DynamixelTable.PwmLimit),
            At(block, DynamixelTable.CurrentLimit),
            At(block, DynamixelTable.VelocityLimit),
            At(block, DynamixelTable.MaxPosition),
            At(block, DynamixelTable.MinPosition),
            At(block, DynamixelTable.StartupConfiguration)
        );

    /// <summary>
    /// The first register in which <paramref name="other"/> differs, and what it held in this one; null if all is the same.
    /// </summary>
    public (DynamixelRegister Register, int Before, int Now)? DifferenceTo(in DynamixelStored other)
    {
        (DynamixelRegister Register, int Before, int Now)[] all =
        [
            (DynamixelTable.DriveMode, (int)DriveMode, (int)other.DriveMode),
            (DynamixelTable.SecondaryId, SecondaryId, other.SecondaryId),
            (DynamixelTable.HomingOffset, HomingOffset, other.HomingOffset),
            (DynamixelTable.PwmLimit, PwmLimit, other.PwmLimit),
            (DynamixelTable.CurrentLimit, CurrentLimit, other.CurrentLimit),
            (DynamixelTable.VelocityLimit, VelocityLimit, other.VelocityLimit),
            (DynamixelTable.MaxPosition, MaxPosition, other.MaxPosition),
            (DynamixelTable.MinPosition, MinPosition, other.MinPosition),
            (DynamixelTable.StartupConfiguration, Startup, other.Startup),
        ];
        int at = Array.FindIndex(all, r => r.Before != r.Now);
        return at < 0 ? null : all[at];
    }

    /// <summary>A register of the block.</summary>
    public static int At(ReadOnlySpan<byte> block, DynamixelRegister register) => register.Decode(block[(register.Address - First)..]);
}
