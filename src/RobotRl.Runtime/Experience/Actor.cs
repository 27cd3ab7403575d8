namespace RobotRl.Runtime.Experience;

/// <summary>Who chose an action. The numbers are part of the journal's format.</summary>
public enum Actor : byte
{
    /// <summary>The policy.</summary>
    Policy = 0,

    /// <summary>A person: a takeover or a demonstration.</summary>
    Human = 1,

    /// <summary>A program that is no policy, such as a scripted demonstration or a reset.</summary>
    Script = 2,
}
