namespace RobotRl.Conformance.Loopback;

/// <summary>What is wrong with a <see cref="LoopbackRobot"/>; each is something that a real driver once did.</summary>
public enum LoopbackDefect
{
    None,
    ClampsInsteadOfRefusing,
    ClampsNaN,
    TakesPartOfARefusedCommand,
    WritesWhileReadable,
    OpenThrowsTheSecondTime,
    PowerOnKeepsTheOldCommand,
    PowerOnFromClosed,
    StopReportsSuccessButDoesNothing,
    MilderStopWeakensHarder,
    FaultClearsItself,
    ForgetsTheReason,
    SameReadingAlwaysFresh,
    ReadChangesVectorWhileClosed,
    AllocatesInRead,
    NoConfirmation,
    TakesCommandsDuringStop,
    RefusesItsOwnMaximum,
    StateSharedAcrossRobots,
    TeleportTakesNoReading,
    LosesCommandInCopy,
    LeavesPowerOnWhenDisposed,
}
