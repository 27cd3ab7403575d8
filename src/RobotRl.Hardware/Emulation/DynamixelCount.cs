using RobotRl.Hardware.Protocols.Dynamixel;

namespace RobotRl.Hardware.Emulation;

/// <summary>
/// How an emulated servo counts its position: over turns, from a turn that begins anew where the manual says so, turned round by the
/// drive mode, shifted by the homing offset. (ROBOTIS e-manual, "Homing Offset(20)", "Drive Mode(10)", "Present Position(132)".)
/// </summary>
internal sealed class DynamixelCount(EmulatedJoint joint)
{
    private const int Turn = DynamixelUnits.TicksPerTurn;

    private long _turns;

    /// <summary>Whether the direction is turned round.</summary>
    public bool IsReversed { get; set; }

    /// <summary>Ticks that are added: what counts of the homing offset in the present mode.</summary>
    public int Offset { get; set; }

    /// <summary>What the position register holds.</summary>
    public int Ticks => (int)(Actual - (_turns * Turn) + Offset);

    private long Actual
    {
        get
        {
            long encoder = (long)Math.Round(joint.PositionRad / DynamixelUnits.RadPerTick) + DynamixelUnits.ZeroTicks;
            return IsReversed ? Turn - 1 - encoder : encoder;
        }
    }

    /// <summary>The count begins anew: it is within one turn, but for the offset.</summary>
    public void BeginTurn() => _turns = (long)Math.Floor(Actual / (double)Turn);

    /// <summary>Where the joint is, rad, if the register holds <paramref name="ticks"/>.</summary>
    public double PositionRad(int ticks)
    {
        long actual = ticks - Offset + (_turns * Turn);
        return ((IsReversed ? Turn - 1 - actual : actual) - DynamixelUnits.ZeroTicks) * DynamixelUnits.RadPerTick;
    }
}
