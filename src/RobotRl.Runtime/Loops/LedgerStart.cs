namespace RobotRl.Runtime.Loops;

/// <summary>Where a resumed run goes on, as its figures must say it.</summary>
/// <param name="Step">Steps that the run has done.</param>
/// <param name="CheckpointStep">Steps of the checkpoint that the learner goes on from.</param>
/// <param name="KeepsLines">
/// Whether lines beyond the checkpoint stay, with a mark: in real time they happened. In lockstep they go, for they are written again.
/// </param>
public sealed record LedgerStart(long Step, long CheckpointStep, bool KeepsLines);
