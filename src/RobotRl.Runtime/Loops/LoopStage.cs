namespace RobotRl.Runtime.Loops;

/// <summary>Where the control loop stands.</summary>
public enum LoopStage
{
    /// <summary>Reads only; nothing is commanded.</summary>
    Disarmed,

    /// <summary>Powered and holding between episodes, until the session has reset the robot.</summary>
    AwaitingStart,

    /// <summary>The policy acts.</summary>
    Running,

    /// <summary>The failsafe asked for a hold: powered, holding.</summary>
    Held,

    /// <summary>A stop is in force: the driver executes it, the loop commands nothing until armed again.</summary>
    Stopped,

    /// <summary>On its way to the start pose, through the gate.</summary>
    Moving,
}
