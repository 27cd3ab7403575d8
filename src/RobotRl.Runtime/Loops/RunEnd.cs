namespace RobotRl.Runtime.Loops;

/// <summary>How a session ended.</summary>
public enum RunEnd
{
    /// <summary>It did what was asked.</summary>
    Done,

    /// <summary>The operator or a signal ended it, under control.</summary>
    Stopped,

    /// <summary>It failed while running.</summary>
    Failed,

    /// <summary>A failsafe stopped the robot.</summary>
    Failsafe,
}
