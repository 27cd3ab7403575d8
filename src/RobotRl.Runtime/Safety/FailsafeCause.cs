namespace RobotRl.Runtime.Safety;

/// <summary>What can go wrong. Not every robot can report every cause; what nobody reports never acts.</summary>
public enum FailsafeCause : byte
{
    /// <summary>The newest reading is too old. Age of the reading.</summary>
    SensorStale,

    /// <summary>The device reports a fault of its own. Count of cycles in a row.</summary>
    DeviceError,

    /// <summary>The control loop missed its deadline. Count in a row.</summary>
    DeadlineMissed,

    /// <summary>The control thread gives no sign of life. Age of the last one.</summary>
    ControlStalled,

    /// <summary>The policy proposed numbers that are not finite. Count of ticks in a row.</summary>
    NonFiniteAction,

    /// <summary>The robot was measured beyond a limit in spite of the gate. Count of ticks in a row.</summary>
    LimitViolated,

    /// <summary>The learner gives no sign of life. Age of the last one.</summary>
    LearnerStalled,

    /// <summary>The admission gate refused snapshots. Count in a row.</summary>
    LearnerDiverged,

    /// <summary>Nothing more can be written to the run directory. How long so.</summary>
    DiskFull,

    /// <summary>The emergency stop is pressed. How long so.</summary>
    EmergencyStop,

    /// <summary>The operator gives no sign of life. Age of the last one.</summary>
    OperatorHeartbeatLost,

    /// <summary>The operator asked for a stop. How long so.</summary>
    OperatorStop,

    /// <summary>The process is to end (SIGTERM, Ctrl-C). How long so.</summary>
    ShutdownRequested,

    /// <summary>The budget of allocation before the next garbage collection runs out. How long so.</summary>
    AllocationBudgetLow,

    /// <summary>A stop was asked for and read-back does not confirm it. How long so.</summary>
    StopUnconfirmed,

    /// <summary>The connection to the device is lost. How long so.</summary>
    LinkLost,

    /// <summary>A temperature is out of range. How long so.</summary>
    TemperatureOutOfRange,

    /// <summary>A supply voltage is out of range. How long so.</summary>
    VoltageOutOfRange,

    /// <summary>A motor current is out of range. How long so.</summary>
    CurrentOutOfRange,

    /// <summary>The recorder gives no sign of life: experience is being lost. Age of the last one.</summary>
    RecorderStalled,

    /// <summary>The robot does not come to where an episode may start. How long it has been trying.</summary>
    ResetTimedOut,

    /// <summary>
    /// What the robot does cannot be learned from: numbers that are not finite, stale readings. Share of the newest transitions,
    /// or of the newest ends of episodes.
    /// </summary>
    ExperienceRefused,

    /// <summary>The learner's updates are refused, for a number in them is not finite. Share of the newest updates.</summary>
    UpdatesRefused,

    /// <summary>
    /// A joint does not do what it is commanded, without load: limited, slowed or without power at the servo. How long so, beyond
    /// the joint's own time.
    /// </summary>
    CommandNotFollowed,
}
