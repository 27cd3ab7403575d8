namespace RobotRl.Hardware.Safety;

/// <summary>Why the gate changed a command; several may hold at once.</summary>
[Flags]
public enum GateReasons
{
    /// <summary>It did not.</summary>
    None = 0,

    /// <summary>The proposed vector holds a number that is not finite: rejected whole.</summary>
    NonFiniteAction = 1,

    /// <summary>The measured state holds a number that is not finite: rejected whole.</summary>
    NonFiniteState = 2,

    /// <summary>The reading is older than <see cref="SafetyOptions.MaxSensorAge"/>: rejected whole.</summary>
    SensorStale = 4,

    /// <summary>Beyond a position limit.</summary>
    Position = 8,

    /// <summary>Faster than the velocity limit.</summary>
    Velocity = 16,

    /// <summary>Changes the velocity faster than the acceleration limit.</summary>
    Acceleration = 32,

    /// <summary>Changes the acceleration faster than the jerk limit.</summary>
    Jerk = 64,

    /// <summary>Changes the command faster than the command rate limit.</summary>
    CommandRate = 128,

    /// <summary>Beyond the effort limit.</summary>
    Effort = 256,

    /// <summary>Would not stop before a position limit.</summary>
    BrakingEnvelope = 512,

    /// <summary>Beyond what the hardware accepts.</summary>
    Interface = 1024,

    /// <summary>A hold was asked for.</summary>
    Hold = 2048,
}
