using System.Globalization;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Learning;
using RobotRl.Runtime.Safety;

namespace RobotRl.Runtime.Loops;

/// <summary>What is known of a cause of the failsafe: which thing it is, what was measured, what is allowed, what to do.</summary>
/// <remarks>The supervisor's thread. It allocates, and so is asked only where something is told.</remarks>
internal sealed class CauseDetail(IRobot robot, ControlLoop loop, SafetyGate gate, RangeWatch? ranges, LearnerStatus? learner)
{
    private const string Cut =
        "no load says that it meets anything. The servo is limited, slowed or without power by itself: compare its stored "
        + "limits, profile, torque and supply";

    /// <summary>Why nothing more can be written to the run; null where unknown. Any thread sets it.</summary>
    public string? DiskProblem { get; set; }

    /// <summary>Bytes left of the allocation budget; negative where unknown. Any thread sets it.</summary>
    public long BudgetLeft { get; set; } = -1;

    /// <summary>Who asked for an emergency stop, and who for a controlled one.</summary>
    public required Func<FailsafeCause, string?> AskedBy { get; init; }

    private string Name => robot.Description.Name;

    private double PeriodMs => robot.Description.ControlPeriod.TotalMilliseconds;

    /// <summary>What is known of <paramref name="cause"/>, in one phrase.</summary>
    public string Of(FailsafeCause cause) =>
        cause switch
        {
            FailsafeCause.SensorStale => robot.FaultReason
                ?? $"robot {Name} gives no fresh reading (the newest read says {loop.Status.LastRead}). Check its cable and "
                    + $"supply, and the machine's load",
            FailsafeCause.DeviceError => robot.FaultReason ?? DeviceError(),
            FailsafeCause.LinkLost => robot.FaultReason ?? $"the link to robot {Name} is lost. Check its cable, supply and adapter",
            FailsafeCause.DeadlineMissed => string.Create(
                CultureInfo.InvariantCulture,
                $"the control loop came too late for its period of {PeriodMs:0.###} ms. Take load off the machine, permit "
                    + $"SCHED_FIFO (robotrl doctor), or lower Loop:RateHz"
            ),
            FailsafeCause.ControlStalled => string.Create(
                CultureInfo.InvariantCulture,
                $"the control thread has not ended its tick of {PeriodMs:0.###} ms. See what the driver of robot {Name} and "
                    + $"the task wait for"
            ),
            FailsafeCause.NonFiniteAction => NonFinite(),
            FailsafeCause.LimitViolated =>
                $"{gate.DescribeViolation(loop.ViolatingState) ?? $"a joint of robot {Name} is beyond its limit"}. See what "
                    + $"moves it in spite of the gate, or correct the limit",
            FailsafeCause.LearnerStalled => learner?.Failure is { } failure
                ? $"the learner ended: {failure}"
                : "the learner has work and gives no sign of life. Take load off the machine, or make its batches or networks smaller",
            FailsafeCause.LearnerDiverged =>
                $"the admission gate refuses every policy ({learner?.LastRefusal ?? "no reason was given"}). Lower the "
                    + $"learning rate, or see the limits in Admission",
            FailsafeCause.DiskFull => $"{DiskProblem ?? "the run's journal cannot be written"}. Make room",
            FailsafeCause.EmergencyStop or FailsafeCause.OperatorStop => AskedBy(cause) ?? "a program asked for it",
            FailsafeCause.OperatorHeartbeatLost => "the operator gives no sign of life. Start robotrl operator",
            FailsafeCause.ShutdownRequested => "the run is to end",
            FailsafeCause.AllocationBudgetLow => BudgetLeft < 0
                ? "the budget of memory is used up to a twentieth (Loop:AllocationBudgetMiB). Raise it where this happens often"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{BudgetLeft >> 20} MiB are left of the budget of memory, less than a twentieth "
                        + $"(Loop:AllocationBudgetMiB). Raise it where this happens often"
                ),
            FailsafeCause.StopUnconfirmed => $"robot {Name} does not confirm its stop by "
                + $"read-back{(robot.FaultReason is { } why ? $" ({why.TrimEnd('.')})" : "")}; look at the robot, and remove "
                + $"its power by hand",
            FailsafeCause.TemperatureOutOfRange or FailsafeCause.VoltageOutOfRange or FailsafeCause.CurrentOutOfRange => ranges?.Describe(
                cause
            ) ?? $"a state of robot {Name} was out of its range (Safety:Ranges) and is within it again",
            FailsafeCause.RecorderStalled => "the recorder gives no sign of life, and experience is lost. See what the disk waits for",
            FailsafeCause.ResetTimedOut => Reset(),
            FailsafeCause.CommandNotFollowed => loop.Follow?.Cut() is { Count: > 0 } cut
                ? $"{string.Join("; ", cut)}; {Cut}"
                : $"a joint of robot {Name} did not follow its command; {Cut}",
            FailsafeCause.ExperienceRefused or FailsafeCause.UpdatesRefused =>
                $"{LearningReport.Describe(cause, learner) ?? "the learner cannot learn from what comes"}. Check the task's "
                    + $"rewards and the readings for numbers that are not finite",
            _ => $"robot {Name}: {cause}",
        };

    private string DeviceError() =>
        loop.Status.LastRead == IoStatus.DeviceFault ? $"robot {Name} reports a fault and does not say which. Look at the robot"
        : robot.State is DeviceState.Powered
            ? $"robot {Name} does not accept what is written ({loop.Status.FailedWritesInRow} commands in a row). Look at the "
                + $"robot, and at its driver's log"
        : $"robot {Name} has fallen to {robot.State} by itself and does not say why. Look at the robot";

    private string NonFinite()
    {
        ReadOnlySpan<double> state = loop.State;
        for (int i = 0; i < state.Length; i++)
        {
            if (!double.IsFinite(state[i]))
            {
                StateInterface broken = robot.Description.States[i];
                return FormattableString.Invariant(
                    $"{broken.Name} reads {state[i]} {broken.Unit}, which is no finite number. Check its sensor"
                );
            }
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"the policy proposed actions that are no finite numbers (version {loop.PolicyVersion}). See the learner's "
                + $"figures; the champion acts, or the robot is held"
        );
    }

    private string Reset()
    {
        string advice = "Give it more time where it needs that (Failsafe:ResetTimedOut:Threshold)";
        return loop.DescribeReset() is { } why ? $"{why}. {advice}" : $"robot {Name} does not come to where an episode may start. {advice}";
    }
}
