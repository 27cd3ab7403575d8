using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Journal;

/// <summary>Whose experience a journal holds.</summary>
/// <param name="Run">The run.</param>
/// <param name="Robot">Name of the robot.</param>
public sealed record JournalOrigin(RunId Run, string Robot)
{
    /// <summary>Refuses a segment of another run or robot. Segments of format version 1 name neither.</summary>
    /// <exception cref="JournalException">It is one.</exception>
    internal void Require(SegmentHeader segment, string path)
    {
        if (segment.Run is { } run && run != Run)
        {
            throw new JournalException(
                path,
                $"{path}: this segment of the journal belongs to run {run}; this is run {Run}. Move the file out of this directory."
            );
        }

        if (segment.Robot is { } robot && robot != Robot)
        {
            throw new JournalException(
                path,
                $"{path}: Robot:Name was {robot} and is now {Robot}. Resume with Robot:Name={robot}, or start a new run."
            );
        }
    }
}
