using Microsoft.Extensions.Logging;
using RobotRl.Runtime.Safety;

namespace RobotRl.Runtime.Loops;

/// <summary>Tells the failsafe how long a reset lasts, and the operator what it waits for. The session's own thread.</summary>
internal sealed class ResetWatch(RunParts parts, ILogger log)
{
    private long _sinceNs = -1;
    private string? _prompt;

    /// <summary>Looks, at <paramref name="nowNs"/>, with the failsafe asking for <paramref name="action"/>.</summary>
    public void Step(FailsafeAction action, long nowNs)
    {
        bool resetting = parts.Loop.Status.Stage is LoopStage.AwaitingStart or LoopStage.Moving && action < FailsafeAction.Hold;
        string? prompt = resetting ? parts.Reset.Prompt : null;
        if (prompt is not null && _prompt is null)
        {
            log.LogWarning("{Prompt}", prompt);
        }

        _prompt = prompt;
        // People may take their time.
        _sinceNs =
            !resetting || prompt is not null ? -1
            : _sinceNs < 0 ? nowNs
            : _sinceNs;
        parts.Supervisor.ReportReset(_sinceNs);
    }
}
