using RobotRl.Algorithms;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Spaces;
using RobotRl.Runtime.Experience;

namespace RobotRl.Runtime.Admission;

/// <summary>
/// Judges a learner's snapshots before they may act: finite numbers, frozen actions on recent observations near those of the
/// last offered policy, sane value estimates, few changes by the safety gate. It also keeps the champion and says when to roll
/// back to it.
/// </summary>
/// <remarks>
/// Learner's thread only. Distances are to the last policy offered, admitted or not: a healthy learner that moved fast is
/// refused once, not for ever.
/// </remarks>
public sealed class AdmissionGate : IDisposable
{
    private const string Path = "admission";

    private readonly AdmissionOptions _options;
    private readonly IShield? _shield;
    private readonly bool _discrete;
    private readonly int _actionSize;
    private readonly ProbeSet _probes;
    private readonly PolicyBlock _offeredBlock,
        _admitted;
    private readonly float[] _offeredActions,
        _actions,
        _values;
    private readonly bool[] _known;
    private readonly long[] _refusals = new long[Enum.GetValues<RefusalReason>().Length];
    private PackedPolicy _candidate,
        _offered;
    private bool _hasOffered,
        _hasAdmitted;
    private int _refusedInRow;

    /// <summary>
    /// Starts with nothing admitted. <paramref name="shield"/> null: shield rates are not judged.
    /// </summary>
    /// <exception cref="ArgumentException">The options are wrong; the message holds every problem.</exception>
    public AdmissionGate(PolicySpec spec, ActionSpace actions, IShield? shield, AdmissionOptions options)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(options);
        string[] problems = [.. options.Validate("Admission")];
        if (problems.Length > 0)
        {
            throw new ArgumentException(string.Join(Environment.NewLine, problems), nameof(options));
        }

        _options = options;
        _shield = shield;
        _discrete = actions is DiscreteActionSpace;
        _actionSize = spec.ActionSize;
        _probes = new(options.ProbeCapacity, options.ProbeStride, spec.ObservationSize, shield?.ContextSize ?? 0);
        (_offeredBlock, _admitted) = (new(spec), new(spec));
        (_candidate, _offered) = (new(spec), new(spec));
        _offeredActions = new float[options.ProbeCapacity * _actionSize];
        _actions = new float[_offeredActions.Length];
        _values = new float[options.ProbeCapacity];
        _known = new bool[options.ProbeCapacity];
        Champion = new(spec, options.Champion);
    }

    /// <summary>The best admitted policy.</summary>
    public Champion Champion { get; }

    /// <summary>Snapshots admitted.</summary>
    public long AdmittedCount => _refusals[(int)RefusalReason.None];

    /// <summary>Refusals since the last admission.</summary>
    public int RefusedInRow => _refusedInRow;

    /// <summary>Times the learner was put back, for refusals or by <see cref="Rollback"/>.</summary>
    public long Reverts { get; private set; }

    /// <summary>How many snapshots were refused for <paramref name="reason"/>.</summary>
    public long RefusedCount(RefusalReason reason) => reason == RefusalReason.None ? 0 : _refusals[(int)reason];

    /// <summary>
    /// Takes note of one transition, in order: a probe now and then, returns, gate events. Says whether to roll back now; the
    /// caller then calls <see cref="Rollback"/>.
    /// </summary>
    /// <param name="transition">The transition.</param>
    /// <param name="context">What the shield needs to judge an action there, [<see cref="IShield.ContextSize"/>]; empty without a
    /// shield.</param>
    /// <param name="ownAction">Whether an offered policy took the action: not the champion in its place, nor chance.</param>
    /// <param name="ended">The episode that ended with it; null where none did. Its return counts only where all of it was seen,
    /// and where no other policy had part in it.</param>
    public RollbackReason Observe(in Transition transition, ReadOnlySpan<double> context, bool ownAction, in EpisodeResult? ended)
    {
        int slot = _probes.Offer(transition.Observation, context);
        if (slot >= 0)
        {
            _known[slot] = false;
        }

        // A version above that of the policy that was let on: made before a rollback, and still on its way.
        if (!_hasAdmitted || _admitted.UniformActions || !ownAction || transition.PolicyVersion > _admitted.Version)
        {
            return RollbackReason.None;
        }

        bool spike = Champion.Observe(transition.Gated),
            dropped = false;
        if (ended is { Counts: true, ByNewestPolicies: true } episode && episode.FirstPolicy <= _admitted.Version)
        {
            dropped = Champion.EpisodeFinished(episode.Return, _admitted, transition.Sequence + 1);
        }

        return spike ? RollbackReason.GateSpike
            : dropped ? RollbackReason.ReturnDrop
            : RollbackReason.None;
    }

    /// <summary>
    /// Judges <paramref name="offer"/>, just filled by <paramref name="learner"/>; after too many refusals in a row puts the
    /// learner back to the champion, or where there is none to the last admitted policy.
    /// </summary>
    public AdmissionVerdict Judge(PolicyBlock offer, ILearner learner)
    {
        ArgumentNullException.ThrowIfNull(offer);
        ArgumentNullException.ThrowIfNull(learner);
        RefusalReason reason = Check(offer, learner, out double distance, out double shieldRate);
        _refusals[(int)reason]++;
        if (reason == RefusalReason.None)
        {
            _admitted.CopyFrom(offer);
            (_hasAdmitted, _refusedInRow) = (true, 0);
            return new(reason, distance, shieldRate, false);
        }

        _refusedInRow++;
        bool revert = _refusedInRow % _options.RefusalsToRevert == 0 && (Champion.Exists || _hasAdmitted);
        if (revert)
        {
            learner.RevertPolicy(Champion.Exists ? Champion.Block : _admitted);
            Reverts++;
        }

        return new(reason, distance, shieldRate, revert);
    }

    /// <summary>
    /// Puts the learner back to the champion and fills <paramref name="acting"/> with it, to be swapped in. False, and nothing is
    /// done, where there is no champion.
    /// </summary>
    public bool Rollback(ILearner learner, PolicyBlock acting)
    {
        ArgumentNullException.ThrowIfNull(learner);
        ArgumentNullException.ThrowIfNull(acting);
        if (!Champion.Exists)
        {
            return false;
        }

        learner.RevertPolicy(Champion.Block);
        acting.CopyFrom(Champion.Block);
        _admitted.CopyFrom(Champion.Block);
        Champion.RolledBack();
        Reverts++;
        return true;
    }

    /// <summary>Copies the last admitted policy; false, and nothing is done, where there is none.</summary>
    public bool CopyAdmitted(PolicyBlock destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (_hasAdmitted)
        {
            destination.CopyFrom(_admitted);
        }

        return _hasAdmitted;
    }

    /// <summary>Writes everything: champion, probe set, counters, the policies compared with.</summary>
    public void Save(IStateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Champion.Save(writer, $"{Path}/champion");
        _probes.Save(writer, $"{Path}/probes");
        BlockState.Save(writer, $"{Path}/offered", _offeredBlock);
        BlockState.Save(writer, $"{Path}/admitted", _admitted);
        writer.Write($"{Path}/refusals", _refusals);
        writer.Write($"{Path}/counters", (ReadOnlySpan<long>)[_hasOffered ? 1 : 0, _hasAdmitted ? 1 : 0, _refusedInRow, Reverts]);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="StateMismatchException">It was saved with other sizes.</exception>
    public void Load(IStateReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        long[] counters = new long[4];
        Champion.Load(reader, $"{Path}/champion");
        _probes.Load(reader, $"{Path}/probes");
        BlockState.Load(reader, $"{Path}/offered", _offeredBlock);
        BlockState.Load(reader, $"{Path}/admitted", _admitted);
        reader.Read($"{Path}/refusals", _refusals);
        reader.Read($"{Path}/counters", counters);
        (_hasOffered, _hasAdmitted, _refusedInRow, Reverts) = (counters[0] != 0, counters[1] != 0, (int)counters[2], counters[3]);

        // Actions follow from block and probes bit for bit.
        _offered.Pack(_offeredBlock);
        Array.Clear(_known);
    }

    /// <summary>Frees the packed policies.</summary>
    public void Dispose()
    {
        _candidate.Dispose();
        _offered.Dispose();
    }

    private RefusalReason Check(PolicyBlock offer, ILearner learner, out double distance, out double shieldRate)
    {
        (distance, shieldRate) = (0, 0);
        _candidate.Pack(offer);
        if (!_candidate.WeightsAreFinite)
        {
            return RefusalReason.NonFiniteWeights;
        }

        int count = _probes.Count;
        Span<float> actions = _actions.AsSpan(0, count * _actionSize);
        _candidate.ActFrozenBatch(_probes.Observations, actions);
        foreach (float action in actions)
        {
            if (!float.IsFinite(action))
            {
                return RefusalReason.NonFiniteActions;
            }
        }

        bool judged = count >= _options.MinProbes && !offer.UniformActions;
        bool compared = judged && _hasOffered && !_offeredBlock.UniformActions;
        distance = compared ? Distance(actions, count) : 0;
        BecomeOffered(offer, count);
        if (distance > _options.MaxActionDistance)
        {
            return RefusalReason.ActionJump;
        }

        if (!judged)
        {
            return RefusalReason.None;
        }

        if (!ValuesAreSane(learner, count))
        {
            return RefusalReason.InsaneValues;
        }

        shieldRate = ShieldRate(count);
        return shieldRate > _options.MaxShieldRate ? RefusalReason.Shielded : RefusalReason.None;
    }

    private double Distance(ReadOnlySpan<float> actions, int count)
    {
        double sum = 0;
        for (int p = 0; p < count; p++)
        {
            Span<float> before = _offeredActions.AsSpan(p * _actionSize, _actionSize);
            if (!_known[p])
            {
                _offered.ActFrozen(_probes.Observation(p), before);
                _known[p] = true;
            }

            for (int a = 0; a < _actionSize; a++)
            {
                float now = actions[(p * _actionSize) + a];
                sum += _discrete ? (now == before[a] ? 0 : 1) : Math.Abs((double)now - before[a]);
            }
        }

        return sum / (count * _actionSize);
    }

    private void BecomeOffered(PolicyBlock offer, int count)
    {
        _offeredBlock.CopyFrom(offer);
        (_candidate, _offered) = (_offered, _candidate);
        _actions.AsSpan(0, count * _actionSize).CopyTo(_offeredActions);
        _known.AsSpan(0, count).Fill(true);
        _hasOffered = true;
    }

    private bool ValuesAreSane(ILearner learner, int count)
    {
        Span<float> values = _values.AsSpan(0, count);
        learner.EstimateValues(_probes.Observations, values);
        foreach (float value in values)
        {
            if (!(Math.Abs(value) <= _options.MaxValue))
            {
                return false;
            }
        }

        return true;
    }

    private double ShieldRate(int count)
    {
        if (_shield is null)
        {
            return 0;
        }

        int changed = 0;
        for (int p = 0; p < count; p++)
        {
            // After BecomeOffered the candidate's actions are the offered ones.
            changed += _shield.WouldChange(_offeredActions.AsSpan(p * _actionSize, _actionSize), _probes.Context(p)) ? 1 : 0;
        }

        return (double)changed / count;
    }
}
