using RobotRl.Runtime.Storage;

namespace RobotRl.Runtime.Journal;

/// <summary>A sound header of a segment.</summary>
/// <param name="Version">Format version.</param>
/// <param name="Layout">What its frames look like.</param>
/// <param name="Run">The run that it belongs to; null in format version 1.</param>
/// <param name="Robot">Name of the robot; null in format version 1.</param>
/// <param name="First">Sequence of its first frame.</param>
/// <param name="Bytes">Length of the header.</param>
internal sealed record SegmentHeader(int Version, JournalLayout Layout, RunId? Run, string? Robot, long First, int Bytes);
