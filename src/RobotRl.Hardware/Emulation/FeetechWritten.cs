using RobotRl.Hardware.Protocols.Feetech;

namespace RobotRl.Hardware.Emulation;

/// <summary>Addresses that a write changed, <paramref name="From"/> up to and without <paramref name="To"/>.</summary>
internal readonly record struct FeetechWritten(int From, int To)
{
    /// <summary>Whether <paramref name="register"/> took a value.</summary>
    public bool Holds(FeetechRegister register) => register.Address < To && register.End > From;
}
