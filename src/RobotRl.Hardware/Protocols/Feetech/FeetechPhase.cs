namespace RobotRl.Hardware.Protocols.Feetech;

/// <summary>Bits of the register "Phase" (18) of STS servos (Feetech, STS memory table, special bytes).</summary>
[Flags]
public enum FeetechPhase : byte
{
    /// <summary>None is set.</summary>
    None = 0,

    /// <summary>The motor turns the other way round for the same command.</summary>
    DriveReversed = 1,

    /// <summary>The bridge is set for a motor with brushes.</summary>
    Brushed = 2,

    /// <summary>Velocities are in units of one tick/s (0.0146 rev/min); otherwise of 50 ticks/s (0.732 rev/min).</summary>
    FineVelocity = 4,

    /// <summary>A speed of 0 means as fast as it can in position mode; otherwise it means no motion.</summary>
    ZeroIsFastest = 8,

    /// <summary>The position counts on over turns and does not wrap, an offset included; otherwise it is that of one turn.</summary>
    FullAngle = 16,

    /// <summary>How the supply's voltage is measured.</summary>
    VoltageSampling = 32,

    /// <summary>16 kHz on the motor instead of 24 kHz.</summary>
    SlowPwm = 64,

    /// <summary>The encoder counts the other way round.</summary>
    FeedbackReversed = 128,
}
