namespace RobotRl.Runtime.Safety;

/// <summary>
/// Per cause: from when on, what is done, and when it ends. All defaults are our choice, on the mild side in time (so that a
/// busy machine without real-time scheduling raises none) and on the hard side in action.
/// </summary>
public sealed record FailsafeOptions
{
    // A heavy robot brakes for some seconds; nobody waits longer beside one that does not say that it stands.
    private const int MaxUnconfirmedPeriods = 100;
    private static readonly TimeSpan s_unconfirmedLimit = TimeSpan.FromSeconds(30);

    /// <summary><see cref="FailsafeCause.SensorStale"/>. Default: 250 ms or 5 control periods.</summary>
    public AgeRule SensorStale { get; set; } = Age(250, FailsafeAction.ControlledStop, ClearRule.OnRearm, periods: 5);

    /// <summary><see cref="FailsafeCause.DeviceError"/>. Default: the first.</summary>
    public CountRule DeviceError { get; set; } = Count(1, FailsafeAction.ControlledStop, ClearRule.OnRearm);

    /// <summary>
    /// <see cref="FailsafeCause.DeadlineMissed"/>. Default: 50 in a row: one collection of 26 ms (measured) misses 26 at 1 kHz.
    /// </summary>
    public CountRule DeadlineMissed { get; set; } = Count(50, FailsafeAction.ControlledStop, ClearRule.OnRearm);

    /// <summary>
    /// <see cref="FailsafeCause.ControlStalled"/>. Default: 500 ms or 5 control periods; the driver executes, for the loop
    /// cannot.
    /// </summary>
    public AgeRule ControlStalled { get; set; } = Age(500, FailsafeAction.PowerOff, ClearRule.OnRearm, periods: 5);

    /// <summary><see cref="FailsafeCause.NonFiniteAction"/>. Default: 3 in a row; the gate holds meanwhile.</summary>
    public CountRule NonFiniteAction { get; set; } = Count(3, FailsafeAction.FallbackPolicy, ClearRule.OnRearm);

    /// <summary><see cref="FailsafeCause.LimitViolated"/>. Default: 3 in a row, so that a single noisy reading is none.</summary>
    public CountRule LimitViolated { get; set; } = Count(3, FailsafeAction.ControlledStop, ClearRule.OnRearm);

    /// <summary><see cref="FailsafeCause.LearnerStalled"/>. Default: 10 s.</summary>
    public AgeRule LearnerStalled { get; set; } = Age(10_000, FailsafeAction.FreezeLearning, ClearRule.WhenConditionClears);

    /// <summary>
    /// <see cref="FailsafeCause.LearnerDiverged"/>. Default: 50 refusals in a row, that is after reverting to the champion has
    /// not helped.
    /// </summary>
    public CountRule LearnerDiverged { get; set; } = Count(50, FailsafeAction.FallbackPolicy, ClearRule.OnRearm);

    /// <summary><see cref="FailsafeCause.DiskFull"/>. Default: at once; learning pauses, control goes on.</summary>
    public AgeRule DiskFull { get; set; } = Age(0, FailsafeAction.FreezeLearning, ClearRule.WhenConditionClears);

    /// <summary><see cref="FailsafeCause.EmergencyStop"/>. Default: at once.</summary>
    public AgeRule EmergencyStop { get; set; } = Age(0, FailsafeAction.PowerOff, ClearRule.OnRearm);

    /// <summary><see cref="FailsafeCause.OperatorHeartbeatLost"/>. Default: 1 s.</summary>
    public AgeRule OperatorHeartbeatLost { get; set; } = Age(1000, FailsafeAction.ControlledStop, ClearRule.OnRearm);

    /// <summary><see cref="FailsafeCause.OperatorStop"/>. Default: at once.</summary>
    public AgeRule OperatorStop { get; set; } = Age(0, FailsafeAction.ControlledStop, ClearRule.OnRearm);

    /// <summary><see cref="FailsafeCause.ShutdownRequested"/>. Default: at once.</summary>
    public AgeRule ShutdownRequested { get; set; } = Age(0, FailsafeAction.ControlledStop, ClearRule.Never);

    /// <summary><see cref="FailsafeCause.AllocationBudgetLow"/>. Default: at once; a planned pause in which memory is collected.</summary>
    public AgeRule AllocationBudgetLow { get; set; } = Age(0, FailsafeAction.Hold, ClearRule.WhenConditionClears);

    /// <summary>
    /// <see cref="FailsafeCause.StopUnconfirmed"/>. Default: 3 s or 5 control periods: a simulated robot takes 2 s at most to
    /// decelerate.
    /// </summary>
    public AgeRule StopUnconfirmed { get; set; } = Age(3000, FailsafeAction.PowerOff, ClearRule.OnRearm, periods: 5);

    /// <summary><see cref="FailsafeCause.LinkLost"/>. Default: at once, for the driver has waited already before it says so.</summary>
    public AgeRule LinkLost { get; set; } = Age(0, FailsafeAction.ControlledStop, ClearRule.OnRearm);

    /// <summary><see cref="FailsafeCause.TemperatureOutOfRange"/>. Default: 2 s, for heat is slow and its readings are noisy.</summary>
    public AgeRule TemperatureOutOfRange { get; set; } = Age(2000, FailsafeAction.ControlledStop, ClearRule.OnRearm);

    /// <summary><see cref="FailsafeCause.VoltageOutOfRange"/>. Default: 500 ms, for a start of several motors dips the supply.</summary>
    public AgeRule VoltageOutOfRange { get; set; } = Age(500, FailsafeAction.ControlledStop, ClearRule.OnRearm);

    /// <summary>
    /// <see cref="FailsafeCause.CurrentOutOfRange"/>. Default: 200 ms, for a start draws several times the current of a steady
    /// motion.
    /// </summary>
    public AgeRule CurrentOutOfRange { get; set; } = Age(200, FailsafeAction.ControlledStop, ClearRule.OnRearm);

    /// <summary>
    /// <see cref="FailsafeCause.RecorderStalled"/>. Default: 10 s, for a disk may take seconds to sync; the robot goes on with
    /// the policy that it has.
    /// </summary>
    public AgeRule RecorderStalled { get; set; } = Age(10_000, FailsafeAction.FreezeLearning, ClearRule.WhenConditionClears);

    /// <summary><see cref="FailsafeCause.ResetTimedOut"/>. Default: 60 s, for a pendulum swings long before it rests.</summary>
    public AgeRule ResetTimedOut { get; set; } = Age(60_000, FailsafeAction.ControlledStop, ClearRule.OnRearm);

    /// <summary>
    /// <see cref="FailsafeCause.ExperienceRefused"/>. Default: half of the newest 200 transitions, or of the newest 20 ends of
    /// episodes (a tenth of the window): what a
    /// task's last reward does to learning shows at the ends alone. Learning pauses, for it would learn something else than the task.
    /// </summary>
    public ShareRule ExperienceRefused { get; set; } = Share(0.5, 200, FailsafeAction.FreezeLearning, ClearRule.WhenConditionClears);

    /// <summary>
    /// <see cref="FailsafeCause.UpdatesRefused"/>. Default: half of the newest 10 updates; the robot goes on with the policy that
    /// it has.
    /// </summary>
    public ShareRule UpdatesRefused { get; set; } = Share(0.5, 10, FailsafeAction.FreezeLearning, ClearRule.OnRearm);

    /// <summary>
    /// <see cref="FailsafeCause.CommandNotFollowed"/>. Default: at once, for the watch has waited for the joint's own time
    /// (<c>Safety:Joints:NAME:FollowTime</c>, 1 s).
    /// </summary>
    public AgeRule CommandNotFollowed { get; set; } = Age(0, FailsafeAction.ControlledStop, ClearRule.OnRearm);

    /// <summary>All problems, one sentence each.</summary>
    public IEnumerable<string> Validate(string path)
    {
        foreach (FailsafeCause cause in Enum.GetValues<FailsafeCause>())
        {
            (AgeRule? age, CountRule? count, ShareRule? share) = Rule(cause);
            IEnumerable<string> problems = age?.Validate($"{path}:{cause}")
                ?? count?.Validate($"{path}:{cause}")
                ?? share?.Validate($"{path}:{cause}")
                ?? [$"{path}:{cause} is null; allowed: a rule with Threshold, Action and Clears. Remove the key for the default."];
            foreach (string problem in problems)
            {
                yield return problem;
            }

            foreach (string problem in age is null ? [] : PostponementProblems($"{path}:{cause}", cause, age))
            {
                yield return problem;
            }

            FailsafeAction least = LeastAction(cause);
            if ((age?.Action ?? count?.Action ?? share?.Action) is { } action && Enum.IsDefined(action) && action < least)
            {
                yield return $"{path}:{cause}:Action is {action}; allowed: "
                    + $"{(least == FailsafeAction.PowerOff ? "" : $"{least} or ")}{FailsafeAction.PowerOff}, for it is an order to "
                    + $"stop, or the last resort. Remove the key for the default.";
            }
        }
    }

    /// <summary>What may not be softened: orders to stop, and what follows where a stop is not confirmed.</summary>
    internal static FailsafeAction LeastAction(FailsafeCause cause) =>
        cause switch
        {
            FailsafeCause.EmergencyStop or FailsafeCause.StopUnconfirmed => FailsafeAction.PowerOff,
            FailsafeCause.OperatorStop or FailsafeCause.ShutdownRequested => FailsafeAction.ControlledStop,
            _ => FailsafeAction.None,
        };

    /// <summary>Orders to stop: they are carried out at once, and stand until the robot is armed again.</summary>
    internal static bool IsOrder(FailsafeCause cause) =>
        cause is FailsafeCause.EmergencyStop or FailsafeCause.OperatorStop or FailsafeCause.ShutdownRequested;

    /// <summary>What would put off an order to stop, or the power off that follows where a stop is not confirmed.</summary>
    private static IEnumerable<string> PostponementProblems(string path, FailsafeCause cause, AgeRule rule)
    {
        if (cause == FailsafeCause.StopUnconfirmed && (rule.Threshold > s_unconfirmedLimit || rule.Periods > MaxUnconfirmedPeriods))
        {
            yield return $"{path}:Threshold is {rule.Threshold} with Periods {rule.Periods}; allowed: 00:00:00 to {s_unconfirmedLimit} and "
                + $"0 to {MaxUnconfirmedPeriods}, for power is removed only then. Set about 00:00:03.";
        }

        if (!IsOrder(cause))
        {
            yield break;
        }

        if (rule.Threshold != TimeSpan.Zero)
        {
            yield return $"{path}:Threshold is {rule.Threshold}; allowed: 00:00:00, for an order to stop is carried out at once. Remove "
                + $"the key.";
        }

        if (rule.Periods != 0)
        {
            yield return $"{path}:Periods is {rule.Periods}; allowed: 0, for an order to stop is carried out at once. Remove the key.";
        }

        if (rule.Clears == ClearRule.WhenConditionClears)
        {
            yield return $"{path}:Clears is WhenConditionClears; allowed: OnRearm or Never, for an order to stop stands until the robot is "
                + $"armed again. Remove the key for the default.";
        }
    }

    /// <summary>All problems, those with a robot's control period included.</summary>
    public IEnumerable<string> Validate(string path, TimeSpan controlPeriod)
    {
        foreach (string problem in Validate(path))
        {
            yield return problem;
        }

        foreach (FailsafeCause cause in (FailsafeCause[])[FailsafeCause.SensorStale, FailsafeCause.ControlStalled])
        {
            if (Rule(cause).Age is { } rule && rule.Effective(controlPeriod) < 2 * controlPeriod)
            {
                yield return $"{path}:{cause}:Threshold is {rule.Threshold} with Periods {rule.Periods}; allowed: at least "
                    + $"{2 * controlPeriod}, two control periods. Raise it, or set Periods to 2 or more.";
            }
        }
    }

    /// <summary>The rule for <paramref name="cause"/>: one of the three.</summary>
    public (AgeRule? Age, CountRule? Count, ShareRule? Share) Rule(FailsafeCause cause) =>
        cause switch
        {
            FailsafeCause.SensorStale => (SensorStale, null, null),
            FailsafeCause.DeviceError => (null, DeviceError, null),
            FailsafeCause.DeadlineMissed => (null, DeadlineMissed, null),
            FailsafeCause.ControlStalled => (ControlStalled, null, null),
            FailsafeCause.NonFiniteAction => (null, NonFiniteAction, null),
            FailsafeCause.LimitViolated => (null, LimitViolated, null),
            FailsafeCause.LearnerStalled => (LearnerStalled, null, null),
            FailsafeCause.LearnerDiverged => (null, LearnerDiverged, null),
            FailsafeCause.DiskFull => (DiskFull, null, null),
            FailsafeCause.EmergencyStop => (EmergencyStop, null, null),
            FailsafeCause.OperatorHeartbeatLost => (OperatorHeartbeatLost, null, null),
            FailsafeCause.OperatorStop => (OperatorStop, null, null),
            FailsafeCause.ShutdownRequested => (ShutdownRequested, null, null),
            FailsafeCause.AllocationBudgetLow => (AllocationBudgetLow, null, null),
            FailsafeCause.StopUnconfirmed => (StopUnconfirmed, null, null),
            FailsafeCause.LinkLost => (LinkLost, null, null),
            FailsafeCause.TemperatureOutOfRange => (TemperatureOutOfRange, null, null),
            FailsafeCause.VoltageOutOfRange => (VoltageOutOfRange, null, null),
            FailsafeCause.CurrentOutOfRange => (CurrentOutOfRange, null, null),
            FailsafeCause.RecorderStalled => (RecorderStalled, null, null),
            FailsafeCause.ResetTimedOut => (ResetTimedOut, null, null),
            FailsafeCause.ExperienceRefused => (null, null, ExperienceRefused),
            FailsafeCause.UpdatesRefused => (null, null, UpdatesRefused),
            FailsafeCause.CommandNotFollowed => (CommandNotFollowed, null, null),
            _ => throw new ArgumentOutOfRangeException(nameof(cause), cause, "FailsafeOptions: no such cause."),
        };

    private static AgeRule Age(int milliseconds, FailsafeAction action, ClearRule clears, int periods = 0) =>
        new()
        {
            Threshold = TimeSpan.FromMilliseconds(milliseconds),
            Periods = periods,
            Action = action,
            Clears = clears,
        };

    private static ShareRule Share(double share, int window, FailsafeAction action, ClearRule clears) =>
        new()
        {
            Threshold = share,
            Window = window,
            Action = action,
            Clears = clears,
        };

    private static CountRule Count(long count, FailsafeAction action, ClearRule clears) =>
        new()
        {
            Threshold = count,
            Action = action,
            Clears = clears,
        };
}
