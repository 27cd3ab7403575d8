namespace RobotRl.Runtime.Commands.Doctor;

/// <summary>How a check went.</summary>
internal enum CheckState
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>It runs without, but not as well as it could.</summary>
    Advice,

    /// <summary>What was asked for does not run without it.</summary>
    Missing,
}
