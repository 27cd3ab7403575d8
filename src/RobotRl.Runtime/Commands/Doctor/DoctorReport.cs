namespace RobotRl.Runtime.Commands.Doctor;

/// <summary>The document of <c>robotrl doctor --json</c>.</summary>
/// <param name="Ready">Whether nothing that is needed is missing.</param>
/// <param name="Checks">Every check, in the order in which it was made.</param>
/// <param name="Robots">Robots that Robot:Name may be.</param>
/// <param name="Tasks">Tasks that Task:Name may be.</param>
internal sealed record DoctorReport(
    bool Ready,
    IReadOnlyList<CheckResult> Checks,
    IReadOnlyCollection<string> Robots,
    IReadOnlyCollection<string> Tasks
);
