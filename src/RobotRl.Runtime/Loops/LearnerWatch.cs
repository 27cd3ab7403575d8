using RobotRl.Runtime.Learning;
using RobotRl.Runtime.Safety;

namespace RobotRl.Runtime.Loops;

/// <summary>
/// What the failsafe has to know of a learner: whether it stands still or has ended, and how often it was refused. One thread at
/// a time.
/// </summary>
/// <param name="learner">The learner.</param>
/// <param name="realTime">Whether it may be too slow; one that ended is watched for in lockstep too.</param>
internal sealed class LearnerWatch(LearnerStatus learner, bool realTime)
{
    /// <summary>Makes conditions of its state.</summary>
    public void Report(ref FailsafeConditions conditions, TimeSpan now)
    {
        conditions.SetCount(FailsafeCause.LearnerDiverged, learner.RefusedInRow);
        conditions.SetShare(FailsafeCause.ExperienceRefused, learner.RefusedStepShare);
        conditions.SetShare(FailsafeCause.UpdatesRefused, learner.RefusedUpdateShare);
        if (learner.Failure is not null)
        {
            // A learner that ended will never give a sign of life again: as stale as can be.
            conditions.SetLastSeen(FailsafeCause.LearnerStalled, now - TimeSpan.FromDays(1));
        }
        else if (realTime && learner.Busy)
        {
            conditions.SetLastSeen(FailsafeCause.LearnerStalled, Supervisor.Time(learner.HeartbeatNs));
        }
        else
        {
            conditions.Clear(FailsafeCause.LearnerStalled);
        }
    }
}
