using RobotRl.Algorithms.Checkpoints;

namespace RobotRl.Runtime.Loops;

/// <summary>Brings a robot to where an episode may start, while the control loop holds it.</summary>
/// <remarks>Called by the session's own thread, never the control thread.</remarks>
public interface IEpisodeReset
{
    /// <summary>Goes on with the reset; true once the robot is ready to start. Called again and again until then.</summary>
    bool TryReset();

    /// <summary>What the operator is asked to do, while the reset waits for them; null where it does not. Any thread.</summary>
    string? Prompt => null;

    /// <summary>The operator says that what <see cref="Prompt"/> asks for is done. Any thread; harmless where nothing was asked.</summary>
    void ReportReady() { }

    /// <summary>The robot was stopped, held or armed anew: what was prepared for the next start may be so no more. Any thread.</summary>
    void Interrupt() { }

    /// <summary>Writes the state of its generator.</summary>
    void Save(IStateWriter writer);

    /// <summary>Reads the state of its generator.</summary>
    void Load(IStateReader reader);
}
