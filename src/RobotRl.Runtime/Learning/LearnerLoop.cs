using RobotRl.Algorithms;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Policies;
using RobotRl.Runtime.Experience;
using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Learning;

/// <summary>
/// The learner's side of the hand-off: shows a learner its experience, does the updates that are due, and offers policies that
/// pass the admission gate. It never touches a robot.
/// </summary>
/// <remarks>One thread at a time: the learner's, or the only one in lockstep. <see cref="Status"/>: any thread.</remarks>
public sealed class LearnerLoop : IFrameSink
{
    private readonly ILearner _learner;
    private readonly FrameLayout _layout;
    private readonly PolicyMailbox _policies;
    private readonly UpdateGovernor _governor;
    private readonly PolicyBlock _offer;
    private readonly EpisodeTracker _episodes = new();
    private readonly int _offerEvery;
    private int _sinceOffer;

    /// <summary>Joins the parts.</summary>
    /// <param name="learner">The learner; its owner disposes it.</param>
    /// <param name="layout">Layout of the frames.</param>
    /// <param name="policies">Takes admitted policies to the control thread.</param>
    /// <param name="options">Scheduling.</param>
    /// <param name="realTime">Whether updates may be given up when the learner cannot keep pace.</param>
    public LearnerLoop(ILearner learner, FrameLayout layout, PolicyMailbox policies, LearnerOptions options, bool realTime)
    {
        ArgumentNullException.ThrowIfNull(learner);
        ArgumentNullException.ThrowIfNull(options);
        (_learner, _layout, _policies) = (learner, layout, policies);
        _governor = new UpdateGovernor(realTime ? Math.Max(1, options.MaxBacklogSteps * learner.UpdatesPerTransition) : double.PositiveInfinity);
        _offer = new PolicyBlock(learner.Policy);
        _offerEvery = options.OfferEveryUpdates;
        Status = new LearnerStatus(learner.Metrics.Length) { Updates = learner.Updates };
    }

    /// <summary>Figures for others.</summary>
    public LearnerStatus Status { get; }

    /// <summary>Whether an update is due and possible now.</summary>
    public bool IsDue => _governor.IsDue && _learner.CanUpdate && !Status.Frozen;

    /// <summary>Takes one transition: the learner observes it, and its episode counts for the policy that drove it.</summary>
    public bool Take(ReadOnlySpan<byte> frame)
    {
        _learner.Observe(_layout.View(frame));
        if (_learner.CanUpdate && !Status.Frozen)
        {
            _governor.Add(_learner.UpdatesPerTransition);
        }

        Status.GivenUpUpdates = _governor.GivenUp;
        return true;
    }

    /// <summary>Does one update if one is due, and offers the policy when it is time to; false where nothing was due.</summary>
    public bool Step()
    {
        if (!IsDue)
        {
            return false;
        }

        _learner.Update();
        _governor.Done();
        Status.Updates = _learner.Updates;
        Status.AchievedUpdatesPerStep = _governor.Achieved;
        Status.SetMetrics(_learner.Metrics);
        if (++_sinceOffer >= _offerEvery)
        {
            Offer();
        }

        return true;
    }

    /// <summary>Offers the learner's present policy.</summary>
    public void Offer()
    {
        _sinceOffer = 0;
        _learner.CopyPolicy(_offer);
        _policies.Offer(_offer);
    }

    /// <summary>Writes the learner and the schedule around it.</summary>
    public void Save(IStateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        _learner.Save(writer);
        _governor.Save(writer);
        _episodes.Save("learner/episode", writer);
        writer.Write("learner/since-offer", (long)_sinceOffer);
    }

    /// <summary>Reads the learner and the schedule around it.</summary>
    public void Load(IStateReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _learner.Load(reader);
        _governor.Load(reader);
        _episodes.Load("learner/episode", reader);
        _sinceOffer = (int)reader.ReadInt64("learner/since-offer");
        Status.Updates = _learner.Updates;
    }
}
