namespace RobotRl.Runtime.Loops;

/// <summary>What a session is doing.</summary>
public enum RunPhase
{
    /// <summary>Opening, loading, warming up.</summary>
    Starting,

    /// <summary>Learning.</summary>
    Training,

    /// <summary>Running a frozen policy over set starts.</summary>
    Evaluating,

    /// <summary>Measuring this machine (<c>robotrl bench</c>).</summary>
    Measuring,

    /// <summary>Running a frozen policy on a robot.</summary>
    Deployed,

    /// <summary>At rest for a planned pause (collection, disk, operator).</summary>
    Paused,

    /// <summary>Stopping, saving, closing.</summary>
    Stopping,

    /// <summary>Over.</summary>
    Ended,
}
