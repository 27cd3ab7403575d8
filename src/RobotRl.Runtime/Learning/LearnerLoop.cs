using RobotRl.Algorithms;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Policies;
using RobotRl.Runtime.Admission;
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
    private readonly AdmissionGate _admission;
    private readonly PolicyMailbox _policies,
        _fallback;
    private readonly UpdateGovernor _governor;
    private readonly PolicyBlock _offer;
    private readonly int _offerEvery;
    private readonly bool _onPolicy;
    private readonly EpisodeTracker _episodes = new();
    private readonly RefusalWatch _refusals;
    private int _sinceOffer;
    private long? _expected;
    private double _championReturn = double.NaN;

    /// <summary>Joins the parts.</summary>
    /// <param name="learner">The learner; its owner disposes it.</param>
    /// <param name="layout">Layout of the frames.</param>
    /// <param name="admission">Judges every offer; its owner disposes it.</param>
    /// <param name="policies">Takes admitted policies to the control thread.</param>
    /// <param name="fallback">Takes the champion there.</param>
    /// <param name="options">Scheduling.</param>
    /// <param name="realTime">Whether updates may be given up when the learner cannot keep pace.</param>
    /// <param name="transitionWindow">Newest transitions of which the share that cannot be learned from is taken.</param>
    /// <param name="updateWindow">Newest updates of which the share that was refused is taken.</param>
    public LearnerLoop(
        ILearner learner,
        FrameLayout layout,
        AdmissionGate admission,
        PolicyMailbox policies,
        PolicyMailbox fallback,
        LearnerOptions options,
        bool realTime,
        int transitionWindow = 200,
        int updateWindow = 10
    )
    {
        ArgumentNullException.ThrowIfNull(learner);
        ArgumentNullException.ThrowIfNull(options);
        (_learner, _layout, _admission, _policies, _fallback) = (learner, layout, admission, policies, fallback);
        _governor = new UpdateGovernor(
            realTime ? Math.Max(1, options.MaxBacklogSteps * learner.UpdatesPerTransition) : double.PositiveInfinity
        );
        _offer = new PolicyBlock(learner.Policy);

        // An on-policy learner waits for experience of the policy that its update made.
        _onPolicy = learner.SwapRule != SwapRule.AnyTick;
        _offerEvery = _onPolicy ? 1 : options.OfferEveryUpdates;
        _refusals = new RefusalWatch(transitionWindow, updateWindow);
        Status = new LearnerStatus(learner.Metrics.Length) { Updates = learner.Updates };
    }

    /// <summary>Figures for others.</summary>
    public LearnerStatus Status { get; }

    /// <summary>Sequence of the newest transition that the learner observed; -1 before the first.</summary>
    public long LastSequence { get; private set; } = -1;

    /// <summary>
    /// Whether the learner has no memory: it learns from a transition before the next one comes, or never. Known after the first.
    /// </summary>
    public bool KeepsNothing => _learner.RestoreLength == 0;

    /// <summary>Whether an update is due and possible now.</summary>
    public bool IsDue => _governor.IsDue && _learner.CanUpdate && !Status.Frozen;

    /// <summary>Takes one transition: the learner observes it, and its episode counts for the policy that drove it.</summary>
    public bool Take(ReadOnlySpan<byte> frame)
    {
        Transition transition = _layout.View(frame);
        ref readonly FrameHeader header = ref FrameLayout.Header(frame);
        EpisodeResult? ended = _episodes.Add(frame, out EpisodeResult episode) ? episode : null;
        _refusals.Count(transition.End, transition.Learnable);
        if (_onPolicy && _expected is { } expected && transition.PolicyVersion != expected)
        {
            // Made before the swap (or by a champion that the failsafe asked for): its row ends, and nobody learns from it.
            Status.StaleSteps++;
            transition = transition with { Learnable = false };
        }

        _learner.Observe(in transition);
        LastSequence = transition.Sequence;
        if (_learner.CanUpdate && !Status.Frozen)
        {
            _governor.Add(_learner.UpdatesPerTransition);
        }

        bool own = header is { Fallback: 0, Uniform: 0 };
        if (
            _admission.Observe(in transition, _layout.Context(frame), own, ended) != RollbackReason.None
            && _admission.Rollback(_learner, _offer)
        )
        {
            Hand();
            _episodes.Spoil();
            Status.Rollbacks = _admission.Reverts;
        }

        Champion champion = _admission.Champion;
        if (champion.Exists && champion.MeanReturn != _championReturn)
        {
            Status.ChampionReturn = _championReturn = champion.MeanReturn;
            _fallback.Offer(champion.Block);
        }

        Status.GivenUpUpdates = _governor.GivenUp;
        Status.SetRefusals(_refusals);
        return true;
    }

    /// <summary>Does one update if one is due, and offers the policy when it is time to; false where nothing was due.</summary>
    public bool Step()
    {
        if (Status.TakeForgetting())
        {
            _refusals.ForgetUpdates();
        }

        if (!IsDue)
        {
            return false;
        }

        long refused = _learner.RefusedUpdates;
        _learner.Update();
        _governor.Done();
        _refusals.CountUpdate(_learner.RefusedUpdates > refused);
        Status.SetRefusals(_refusals);
        Status.Updates = _learner.Updates;
        Status.AchievedUpdatesPerStep = _governor.Achieved;
        Status.SetMetrics(_learner.Metrics);
        if (++_sinceOffer >= _offerEvery)
        {
            Offer();
        }

        return true;
    }

    /// <summary>Has the learner's present policy judged and, where it passes, offered to the robot.</summary>
    public AdmissionVerdict Offer()
    {
        _sinceOffer = 0;
        _learner.CopyPolicy(_offer);
        AdmissionVerdict verdict = _admission.Judge(_offer, _learner);
        Status.Admitted = _admission.AdmittedCount;
        if (verdict.Admitted)
        {
            Hand();
            Status.RefusedInRow = 0;
        }
        else
        {
            Status.Refused++;
            Status.RefusedInRow = _admission.RefusedInRow;
            Status.LastRefusal = verdict.Reason.ToString();
            Status.Rollbacks = _admission.Reverts;
            if (_admission.RefusedInRow == 1 && !_admission.Champion.Exists && _admission.CopyAdmitted(_offer))
            {
                // No episode has made a champion yet: what acts now is the best there is to go on with.
                _fallback.Offer(_offer);
            }
        }

        return verdict;
    }

    /// <summary>
    /// Copies the policy that a run leaves behind: the learner's newest where the admission gate lets it pass, else the last admitted
    /// one. It counts as an offer: once, after the last checkpoint.
    /// </summary>
    public void CopyFinalPolicy(PolicyBlock destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        _learner.CopyPolicy(destination);
        if (!_admission.Judge(destination, _learner).Admitted)
        {
            _admission.CopyAdmitted(destination);
        }
    }

    /// <summary>The best admitted policy. The learner's thread only.</summary>
    public Champion Champion => _admission.Champion;

    /// <summary>Copies the newest policy that was let on the robot; false before the first.</summary>
    public bool CopyAdmittedPolicy(PolicyBlock destination) => _admission.CopyAdmitted(destination);

    /// <summary>
    /// Offers the last admitted policy and the champion again, after a load that brought back the learner alone: whatever is
    /// judged of the next offer, there is a policy to act.
    /// </summary>
    public void OfferAgain()
    {
        if (_admission.CopyAdmitted(_offer))
        {
            Hand();
        }

        if (_admission.Champion.Exists)
        {
            _fallback.Offer(_admission.Champion.Block);
        }
    }

    /// <summary>The policy in <c>_offer</c> goes to the robot; an on-policy learner's next experience is to be its own.</summary>
    private void Hand()
    {
        _policies.Offer(_offer);
        _expected = _offer.Version;
    }

    /// <summary>Shows the learner a transition again after a load, to refill its memory.</summary>
    public void Restore(ReadOnlySpan<byte> frame) => _learner.Restore(_layout.View(frame));

    /// <summary>Writes the learner and everything around it.</summary>
    public void Save(IStateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        _learner.Save(writer);
        _admission.Save(writer);
        _governor.Save(writer);
        _refusals.Save(writer);
        _episodes.Save("learner-loop/episode", writer);
        writer.Write("learner-loop/counters", [_sinceOffer, Status.Refused, LastSequence]);
        writer.Write("learner-loop/champion-return", _championReturn);
    }

    /// <summary>Reads the learner and everything around it.</summary>
    public void Load(IStateReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _learner.Load(reader);
        _admission.Load(reader);
        _governor.Load(reader);
        _refusals.Load(reader);
        _episodes.Load("learner-loop/episode", reader);
        Span<long> counters = stackalloc long[3];
        reader.Read("learner-loop/counters", counters);
        (_sinceOffer, Status.Refused, LastSequence) = ((int)counters[0], counters[1], counters[2]);
        Status.ChampionReturn = _championReturn = reader.ReadDouble("learner-loop/champion-return");
        _expected = _admission.CopyAdmitted(_offer) ? _offer.Version : null;
        (Status.Updates, Status.RefusedInRow, Status.Rollbacks) = (_learner.Updates, _admission.RefusedInRow, _admission.Reverts);
        Status.AchievedUpdatesPerStep = _governor.Achieved;
        Status.Admitted = _admission.AdmittedCount;

        // Arming comes before a load; what it made forgotten was of nobody.
        Status.TakeForgetting();
        Status.SetRefusals(_refusals);
    }
}
