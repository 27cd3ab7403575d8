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

    /// <summary>
    /// Everything that <see cref="CopyPhysicalState"/> does not hold (time, noise generators, counters), for checkpoints.
    /// </summary>
    ReadOnlySpan<long> InternalState { get; set; }

    /// <summary>
    /// Writes what neither <see cref="CopyPhysicalState"/> nor <see cref="InternalState"/> holds and the next reading depends on
    /// all the same: delay lines,
    /// filters, what hangs on the robot. Default: nothing. The conformance suite finds a robot whose three parts are not all of it.
    /// </summary>
    void SaveExtra(IRobotStateWriter writer) { }

    /// <summary>Reads what <see cref="SaveExtra"/> wrote, after the physical and the internal state were set.</summary>
    void LoadExtra(IRobotStateReader reader) { }
}
