using System.Globalization;
using RobotRl.Hardware.Devices.Calibration;
using RobotRl.Hardware.Protocols.Feetech;

namespace RobotRl.Hardware.Devices.FeetechBus;

/// <summary>
/// What a servo keeps that decides how its position counts, what goals it takes, and how much it may give. Read at connection;
/// never written.
/// </summary>
/// <param name="MinAngle">Register 9, ticks.</param>
/// <param name="MaxAngle">Register 11, ticks.</param>
/// <param name="MaxTorque">Register 16, 0.1%.</param>
/// <param name="Phase">Register 18.</param>
/// <param name="AngleResolution">Register 30.</param>
/// <param name="Offset">Register 31, ticks.</param>
/// <param name="Mode">Register 33, as it was found.</param>
/// <param name="Gain">Register 21 for a joint commanded by position, else the sum of 37 and 39.</param>
/// <param name="MaxVelocity">Register 84, 50 ticks/s; 0 if it is not told or not limited.</param>
internal sealed record FeetechKept(
    int MinAngle,
    int MaxAngle,
    int MaxTorque,
    FeetechPhase Phase,
    int AngleResolution,
    int Offset,
    FeetechMode Mode,
    int Gain,
    int MaxVelocity
)
{
    // The maker: seven turns either way, the most of absolute control over turns.
    private const int MultiTurnTicks = 7 * FeetechUnits.TicksPerTurn;

    /// <summary>Whether the position counts on over turns; otherwise it wraps at the end of one.</summary>
    public bool CountsTurns => (Phase & FeetechPhase.FullAngle) != 0;

    /// <summary>Whether goals are held to <see cref="MinAngle"/> and <see cref="MaxAngle"/>.</summary>
    public bool IsLimited => MinAngle != 0 || MaxAngle != 0;

    /// <summary>Least goal that the servo goes to, ticks.</summary>
    public int LeastGoal =>
        IsLimited ? MinAngle
        : CountsTurns ? -MultiTurnTicks
        : 0;

    /// <summary>Greatest goal that the servo goes to, ticks.</summary>
    public int GreatestGoal =>
        IsLimited ? MaxAngle
        : CountsTurns ? MultiTurnTicks
        : FeetechUnits.TicksPerTurn - 1;

    /// <summary>
    /// What was changed since the joint was calibrated and moves or turns its positions: register, then, now, what to do. Null if
    /// nothing was, or it was not recorded.
    /// </summary>
    public string? ChangeSince(JointCalibration calibration)
    {
        const FeetechPhase Matters = FeetechPhase.FullAngle | FeetechPhase.FeedbackReversed;
        (FeetechRegister register, string name, int then, int now)? change =
            calibration.KeptOffset is { } offset && offset != Offset ? (FeetechTable.PositionOffset, "offset", offset, Offset)
            : calibration.KeptPhase is { } phase && (((FeetechPhase)phase ^ Phase) & Matters) != 0
                ? (FeetechTable.Phase, "phase", phase, (int)Phase)
            : null;
        return change is var (at, called, before, after)
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"keeps {after} in register {at.Address} ({called}); it kept {before} when it was calibrated, so its zero has "
                    + $"moved. Put {before} back with the maker's software, or calibrate the joint again with robotrl calibrate"
            )
            : null;
    }

    /// <summary>
    /// What is wrong with it for a joint commanded by velocity or by position: register, value, what is allowed, what to do. Null if it can
    /// be driven. Without <paramref name="forWork"/> only what makes its positions useless.
    /// </summary>
    public string? Problem(bool velocity, bool forWork)
    {
        const string By = "with the maker's software";
        if (AngleResolution != 1)
        {
            return $"counts positions in units of {AngleResolution} ticks (register {FeetechTable.AngleResolution.Address}, angle "
                + $"resolution, is {AngleResolution}); allowed: 1. Set it to 1 {By}.";
        }

        if (!forWork)
        {
            return null;
        }

        string phase = $"register {FeetechTable.Phase.Address}, phase, is {(byte)Phase}";
        if (Phase.HasFlag(FeetechPhase.DriveReversed) != Phase.HasFlag(FeetechPhase.FeedbackReversed))
        {
            return $"would run away, because its motor turns against its encoder ({phase}); allowed: bits 0 and 7 both set or both "
                + $"clear. Correct it {By}.";
        }

        if (!Phase.HasFlag(FeetechPhase.FineVelocity))
        {
            return $"counts velocities in units of 50 ticks/s ({phase}); allowed: bit 2 set, ticks/s. Set it to "
                + $"{(byte)(Phase | FeetechPhase.FineVelocity)} {By}.";
        }

        if (velocity && CountsTurns)
        {
            return $"counts its position over turns ({phase}), which ends after eight turns of a joint that turns without end; "
                + $"allowed for one commanded by velocity: bit 4 clear. Set it to {(byte)(Phase & ~FeetechPhase.FullAngle)} {By}.";
        }

        if (!velocity && IsLimited && MinAngle >= MaxAngle)
        {
            return $"has position limits that leave nothing (register {FeetechTable.MinAngle.Address} is {MinAngle}, register "
                + $"{FeetechTable.MaxAngle.Address} is {MaxAngle}); allowed: the first below the second, or both 0 for none. "
                + $"Correct them {By}.";
        }

        if (MaxTorque == 0)
        {
            return $"may give no torque (register {FeetechTable.MaxTorque.Address}, greatest torque, is 0); allowed: 1 to "
                + $"{FeetechUnits.MaxTorque}. Set it {By}.";
        }

        return Gain > 0 ? null
            : velocity
                ? $"does not move, because registers {FeetechTable.VelocityP.Address} and {FeetechTable.VelocityI.Address}, "
                    + $"gains of its velocity loop, are 0; allowed: one above 0. Set 10 each {By}."
            : $"does not move, because register {FeetechTable.PositionP.Address}, gain of its position loop, is 0; allowed: "
                + $"above 0. Set 32 {By}.";
    }
}
