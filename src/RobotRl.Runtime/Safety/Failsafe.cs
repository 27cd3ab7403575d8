using System.Globalization;
using System.Text;

namespace RobotRl.Runtime.Safety;

/// <summary>
/// From how things stand, what is latched, and the time, to the hardest action that any cause asks for. It keeps nothing
/// itself: the same arguments give the same answer.
/// </summary>
/// <remarks>Any thread. <see cref="Decide"/> neither allocates nor throws; run <see cref="WarmUp"/> before power is switched on.</remarks>
public sealed class Failsafe
{
    private const int Causes = FailsafeConditions.CauseCount;

    private readonly long[] _thresholds = new long[Causes];
    private readonly bool[] _counted = new bool[Causes];
    private readonly int[] _windows = new int[Causes]; // of shares; 0 for the others
    private readonly FailsafeAction[] _actions = new FailsafeAction[Causes];
    private readonly ClearRule[] _clears = new ClearRule[Causes];

    /// <summary>Takes over the rules for a robot of <paramref name="controlPeriod"/>.</summary>
    /// <exception cref="ArgumentException">The options are wrong; the message holds every problem.</exception>
    public Failsafe(FailsafeOptions options, TimeSpan controlPeriod = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        string[] problems = [.. options.Validate("Failsafe", controlPeriod)];
        if (problems.Length > 0)
        {
            throw new ArgumentException(string.Join(Environment.NewLine, problems), nameof(options));
        }

        for (int i = 0; i < Causes; i++)
        {
            (AgeRule? age, CountRule? count, ShareRule? share) = options.Rule((FailsafeCause)i);
            _counted[i] = age is null;
            _windows[i] = share?.Window ?? 0;
            _thresholds[i] = count?.Threshold
                ?? age?.Effective(controlPeriod).Ticks
                ?? Math.Max(1, (long)Math.Round(share!.Threshold * FailsafeConditions.WholeShare));
            _actions[i] = count?.Action ?? age?.Action ?? share!.Action;
            _clears[i] = count?.Clears ?? age?.Clears ?? share!.Clears;
        }
    }

    /// <summary>What <paramref name="cause"/> asks for where it is met.</summary>
    public FailsafeAction ActionOf(FailsafeCause cause) => _actions[(int)cause];

    /// <summary>When <paramref name="cause"/> ends.</summary>
    public ClearRule ClearsOf(FailsafeCause cause) => _clears[(int)cause];

    /// <summary>
    /// When <paramref name="cause"/>, whose age is being counted, reached or reaches its threshold; null where it is counted in a
    /// row, which has no time.
    /// </summary>
    public TimeSpan? CrossedAt(in FailsafeConditions conditions, FailsafeCause cause) =>
        _counted[(int)cause] || !conditions.IsActive(cause)
            ? null
            : TimeSpan.FromTicks(_thresholds[(int)cause]) - conditions.Age(cause, TimeSpan.Zero);

    /// <summary>What was measured of <paramref name="cause"/> at <paramref name="now"/>, and its threshold.</summary>
    public string Measured(in FailsafeConditions conditions, FailsafeCause cause, TimeSpan now) =>
        _windows[(int)cause] > 0
            ? FormattableString.Invariant($"{Percent(conditions.Count(cause))} of the newest, threshold {Percent(_thresholds[(int)cause])}")
        : _counted[(int)cause] ? FormattableString.Invariant($"{conditions.Count(cause)} in a row, threshold {_thresholds[(int)cause]}")
        : string.Create(
            CultureInfo.InvariantCulture,
            $"for {conditions.Age(cause, now).TotalSeconds:0.####} s, threshold "
                + $"{(_thresholds[(int)cause] == 0 ? "none" : $"{TimeSpan.FromTicks(_thresholds[(int)cause]).TotalSeconds:0.####} s")}"
        );

    /// <summary>Whether <paramref name="cause"/> has reached its threshold at <paramref name="now"/>, latched or not.</summary>
    public bool IsMet(in FailsafeConditions conditions, FailsafeCause cause, TimeSpan now)
    {
        int i = (int)cause;
        return _counted[i]
            ? conditions.Count(cause) >= _thresholds[i]
            : conditions.IsActive(cause) && conditions.Age(cause, now).Ticks >= _thresholds[i];
    }

    /// <summary>
    /// Whether <paramref name="symptom"/> follows from <paramref name="cause"/>, so that the latter, the more specific one, is
    /// told.
    /// </summary>
    public static bool Explains(FailsafeCause cause, FailsafeCause symptom) =>
        symptom switch
        {
            FailsafeCause.SensorStale => cause is FailsafeCause.DeviceError or FailsafeCause.LinkLost,
            FailsafeCause.CommandNotFollowed => cause
                is FailsafeCause.DeviceError
                    or FailsafeCause.LinkLost
                    or FailsafeCause.VoltageOutOfRange,
            FailsafeCause.ResetTimedOut => cause
                is FailsafeCause.CommandNotFollowed
                    or FailsafeCause.SensorStale
                    or FailsafeCause.DeviceError
                    or FailsafeCause.LinkLost,
            FailsafeCause.RecorderStalled => cause is FailsafeCause.DiskFull,
            _ => false,
        };

    /// <summary>The hardest action asked for at <paramref name="now"/>, by which cause, and what is latched from now on.</summary>
    public FailsafeDecision Decide(in FailsafeConditions conditions, FailsafeLatch latch, TimeSpan now)
    {
        uint latched = latch.Mask;
        var hardest = FailsafeAction.None;
        FailsafeCause? deciding = null;
        for (int i = 0; i < Causes; i++)
        {
            uint bit = 1u << i;
            var cause = (FailsafeCause)i;
            bool met = IsMet(conditions, cause, now);
            if (met && _clears[i] != ClearRule.WhenConditionClears)
            {
                latched |= bit;
            }

            if (!met && (latched & bit) == 0)
            {
                continue;
            }

            // Of equally hard ones the cause that decided before stays, else the first of the table.
            if (_actions[i] > hardest || (_actions[i] == hardest && hardest != FailsafeAction.None && latch.Deciding == cause))
            {
                (hardest, deciding) = (_actions[i], cause);
            }
        }

        // But what another one explains is told as that one: a servo that restarted, and not that its readings are old.
        for (int i = 0; i < Causes && deciding is not null; i++)
        {
            var cause = (FailsafeCause)i;
            bool present = (latched & (1u << i)) != 0 || IsMet(conditions, cause, now);
            if (present && _actions[i] == hardest && Explains(cause, deciding.Value))
            {
                (deciding, i) = (cause, -1);
            }
        }

        return new(hardest, deciding, new(latched, deciding));
    }

    /// <summary>
    /// Clears what a rearm clears. Refused while any cause that holds or stops the robot is present or can never clear; milder
    /// ones do not stand in the way and stay latched while present.
    /// </summary>
    /// <param name="conditions">How things stand.</param>
    /// <param name="latch">What is latched; replaced only where true is returned.</param>
    /// <param name="now">The time.</param>
    /// <param name="refusal">One sentence that names each cause still present, and what is known of them; null where true is
    /// returned.</param>
    /// <param name="detail">What is known of a cause that is present: which servo, which port; null for nothing.</param>
    public bool TryArm(
        in FailsafeConditions conditions,
        ref FailsafeLatch latch,
        TimeSpan now,
        out string? refusal,
        Func<FailsafeCause, string?>? detail = null
    )
    {
        uint latched = 0;
        StringBuilder? sentence = null;
        List<string> details = [];
        for (int i = 0; i < Causes; i++)
        {
            uint bit = 1u << i;
            var cause = (FailsafeCause)i;
            bool met = IsMet(conditions, cause, now),
                never = _clears[i] == ClearRule.Never && (latch.Mask & bit) != 0;
            if (!met && !never)
            {
                continue;
            }

            if (_actions[i] >= FailsafeAction.Hold)
            {
                sentence = (sentence ?? new("Arming refused: "))
                    .Append(sentence is null ? "" : ", ")
                    .Append(Describe(conditions, cause, now, met));
                if (met && detail?.Invoke(cause)?.TrimEnd('.') is { } known && !details.Contains(known))
                {
                    details.Add(known);
                }
            }

            latched |= _clears[i] == ClearRule.WhenConditionClears ? 0 : bit;
        }

        if (details.Count > 0)
        {
            sentence!.Append(". ").AppendJoin(". ", details).Append(". Remove the cause, then arm again");
        }

        refusal = sentence?.Append('.').ToString();
        if (refusal is null)
        {
            latch = new(latched, latch.Deciding is { } kept && (latched & (1u << (int)kept)) != 0 ? kept : null);
        }

        return refusal is null;
    }

    /// <summary>
    /// Runs every branch once: the first call of cold code takes about 10 ms. Works on values of its own, so nothing changes.
    /// </summary>
    public void WarmUp()
    {
        for (int i = 0; i < Causes; i++)
        {
            var cause = (FailsafeCause)i;
            var conditions = default(FailsafeConditions);
            conditions.SetActive(cause, false, TimeSpan.Zero);
            conditions.SetActive(cause, true, TimeSpan.Zero);
            conditions.SetLastSeen(cause, TimeSpan.Zero);
            conditions.SetCount(cause, long.MaxValue);
            TimeSpan late = TimeSpan.FromDays(2);
            FailsafeDecision decision = Decide(conditions, default, late);
            decision = Decide(conditions, decision.Latch, late);
            FailsafeLatch latch = decision.Latch;
            TryArm(conditions, ref latch, late, out _);
            conditions.Clear(cause);
            decision = Decide(conditions, decision.Latch, late);
            latch = decision.Latch;
            TryArm(conditions, ref latch, late, out _);
        }
    }

    private string Describe(in FailsafeConditions conditions, FailsafeCause cause, TimeSpan now, bool met)
    {
        int i = (int)cause;
        if (!met)
        {
            return $"{cause} never clears (restart robotrl)";
        }

        if (_windows[i] > 0)
        {
            return FormattableString.Invariant(
                $"{cause} is present ({Percent(conditions.Count(cause))} of the newest, limit {Percent(_thresholds[i])})"
            );
        }

        return _counted[i]
            ? FormattableString.Invariant($"{cause} is present ({conditions.Count(cause)} in a row, limit {_thresholds[i]})")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{cause} is present (for {conditions.Age(cause, now).TotalSeconds:0.###} s, limit "
                    + $"{TimeSpan.FromTicks(_thresholds[i]).TotalSeconds:0.###} s)"
            );
    }

    private static string Percent(long share) => FormattableString.Invariant($"{100.0 * share / FailsafeConditions.WholeShare:0.#}%");
}
