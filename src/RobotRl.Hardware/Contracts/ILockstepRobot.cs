namespace RobotRl.Hardware.Contracts;

/// <summary>A robot whose time moves only when told: every simulator. One thread uses it.</summary>
public interface ILockstepRobot : IRobot, ITeleport
{
    /// <summary>Advances the robot's time by one control period under the last command, and takes a reading at its end.</summary>
    void Advance();

    /// <summary>The robot's own time since it was made.</summary>
    TimeSpan Time { get; }

    /// <summary>Copies the exact physical state, [<see cref="ITeleport.PhysicalStateSize"/>].</summary>
    void CopyPhysicalState(Span<double> state);

    /// <summary>Everything that <see cref="CopyPhysicalState"/> does not hold (time, noise generators, counters), for checkpoints.</summary>
    ReadOnlySpan<long> InternalState { get; set; }
}
