using RobotRl.Hardware.Protocols.Feetech;

namespace RobotRl.Hardware.Devices.FeetechBus;

/// <summary>What a servo is told and where it is, read in one block of registers, so that one vouches for the other.</summary>
/// <param name="Torque">Register 40: whether the motor carries power.</param>
/// <param name="Acceleration">Register 41.</param>
/// <param name="Goal">Register 42, ticks.</param>
/// <param name="Velocity">Register 46: speed of a move, or the goal of velocity mode, ticks/s.</param>
/// <param name="TorqueLimit">Register 48, 0.1%.</param>
/// <param name="Position">Register 56, ticks.</param>
internal readonly record struct FeetechControlBlock(bool Torque, int Acceleration, int Goal, int Velocity, int TorqueLimit, int Position)
{
    /// <summary>First register of the block: torque enable.</summary>
    public const byte FirstAddress = 40;

    /// <summary>Bytes of the block; the last is the high byte of the position.</summary>
    public const byte Length = 18;

    /// <summary>Reads the block. False if a value is one that no servo can have: then it is no such block, or a damaged one.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> block, out FeetechControlBlock read)
    {
        int torque = At(block, FeetechTable.TorqueEnable),
            locked = At(block, FeetechTable.Lock);
        read = new(
            torque == 1,
            At(block, FeetechTable.Acceleration),
            At(block, FeetechTable.GoalPosition),
            At(block, FeetechTable.GoalVelocity),
            At(block, FeetechTable.TorqueLimit),
            At(block, FeetechTable.PresentPosition)
        );
        return torque <= 1 && locked <= 1 && read.TorqueLimit <= FeetechUnits.MaxTorque;
    }

    private static int At(ReadOnlySpan<byte> block, FeetechRegister register) =>
        register.Decode(block[(register.Address - FirstAddress)..]);
}
