using RobotRl.Algorithms;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Randomness;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Safety;
using RobotRl.Runtime.Admission;
using RobotRl.Runtime.Checkpoints;
using RobotRl.Runtime.Experience;
using RobotRl.Runtime.Journal;
using RobotRl.Runtime.Learning;
using RobotRl.Runtime.Safety;
using RobotRl.Runtime.Tasks;

namespace RobotRl.Runtime.Loops;

/// <summary>The parts that a session joins; both clocks use the same.</summary>
public sealed class RunParts : IDisposable
{
    private readonly AdmissionGate _admission;

    /// <summary>Builds them; nothing is opened, nothing moves.</summary>
    /// <param name="robot">The robot; stays the caller's.</param>
    /// <param name="task">Its task.</param>
    /// <param name="learner">The learner; stays the caller's. Null for a frozen policy.</param>
    /// <param name="policy">What the acting policy looks like.</param>
    /// <param name="settings">The options.</param>
    /// <param name="journal">Where transitions are kept; stays the caller's. Null for runs that keep nothing.</param>
    /// <param name="episodeEnded">Told of finished episodes on the recorder's side; may be null.</param>
    public RunParts(
        IRobot robot,
        IControlTask task,
        ILearner? learner,
        Algorithms.Policies.PolicySpec policy,
        RunSettings settings,
        JournalWriter? journal,
        Action<EpisodeResult>? episodeEnded
    )
    {
        ArgumentNullException.ThrowIfNull(robot);
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(settings);
        (Robot, Task) = (robot, task);
        bool realTime = RealTime = settings.Loop.IsRealTime(robot.Description);
        Period = settings.Loop.PeriodOn(robot.Description);
        Gate = new SafetyGate(robot.Description, settings.Safety, Period);
        Layout = FrameLayout.For(task, robot, Gate);
        Ring = new ExperienceRing(Layout.Size, settings.Loop.RingFrames);
        Policies = new PolicyMailbox(policy);
        Fallback = new PolicyMailbox(policy);
        Loop = new ControlLoop(
            robot,
            task,
            Gate,
            Ring,
            Policies,
            Fallback,
            new CounterRandom(settings.Seed, RandomPurpose.Acting),
            new ControlLoopSettings(settings.Loop.PolicyDivisor, learner?.SwapRule ?? SwapRule.AnyTick, Frozen: learner is null)
            {
                Follow = new FollowWatch(robot.Description, settings.Safety, Period),
                Move = settings.Task.Reset == ResetKind.MoveToStart ? new StartMove(robot.Description, settings.Task, Period) : null,
            }
        );
        _admission = new AdmissionGate(
            policy,
            task.Actions,
            new GateShield(robot.Description, settings.Safety, Period, task),
            settings.Admission
        );
        Learner = learner is null
            ? null
            : new LearnerLoop(
                learner,
                Layout,
                _admission,
                Policies,
                Fallback,
                settings.Learner,
                realTime,
                settings.Failsafe.ExperienceRefused.Window,
                settings.Failsafe.UpdatesRefused.Window
            );
        Inbox = realTime && Learner is not null ? new ExperienceRing(Layout.Size, settings.Loop.RingFrames) : null;
        Recorder = new ExperienceRecorder(Ring, journal, (IFrameSink?)Inbox ?? Learner, episodeEnded);
        Supervisor = new Supervisor(
            new Failsafe(settings.Failsafe, Period),
            Loop,
            Gate,
            robot,
            Learner?.Status,
            realTime,
            new RangeWatch(robot.Description, settings.Safety),
            realTime && settings.Operator.Heartbeat
        );
        Reset = settings.Task.Reset switch
        {
            ResetKind.Auto when robot is ITeleport teleport && robot.Description.IsSimulated => new TeleportReset(
                teleport,
                task,
                new CounterRandom(settings.Seed, RandomPurpose.Reset)
            ),
            ResetKind.None => new ContinueReset(),
            ResetKind.MoveToStart => new MoveToStartReset(Loop),
            ResetKind.AskOperator => new AskOperatorReset(() => Gate.AtRest(Loop.State)),
            _ => new HoldStillReset(() => Gate.AtRest(Loop.State)),
        };
    }

    /// <summary>The robot.</summary>
    public IRobot Robot { get; }

    /// <summary>The task.</summary>
    public IControlTask Task { get; }

    /// <summary>Whether the run goes by wall time.</summary>
    public bool RealTime { get; }

    /// <summary>Control period.</summary>
    public TimeSpan Period { get; }

    /// <summary>Layout of the frames.</summary>
    public FrameLayout Layout { get; }

    /// <summary>Control thread to recorder.</summary>
    public ExperienceRing Ring { get; }

    /// <summary>Recorder to learner (real time); null where the recorder calls the learner itself.</summary>
    public ExperienceRing? Inbox { get; }

    /// <summary>The gate; control thread.</summary>
    public SafetyGate Gate { get; }

    /// <summary>Learner to control thread: the newest policy.</summary>
    public PolicyMailbox Policies { get; }

    /// <summary>Learner to control thread: the champion.</summary>
    public PolicyMailbox Fallback { get; }

    /// <summary>The control loop.</summary>
    public ControlLoop Loop { get; }

    /// <summary>The learner's side; null where nothing learns.</summary>
    public LearnerLoop? Learner { get; }

    /// <summary>The recorder.</summary>
    public ExperienceRecorder Recorder { get; }

    /// <summary>The supervisor.</summary>
    public Supervisor Supervisor { get; }

    /// <summary>
    /// The parts of further simulated robots that a lockstep run steps in turn after this one (the workers of A3C); saved, loaded
    /// and freed with it.
    /// </summary>
    public IReadOnlyList<RunParts> Companions { get; init; } = [];

    /// <summary>How episodes start.</summary>
    public IEpisodeReset Reset { get; }

    /// <summary>Writes everything that the next lockstep step depends on.</summary>
    public void Save(IStateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Loop.Save(writer);
        Policies.Save("policies", writer);
        Fallback.Save("fallback", writer);
        Learner?.Save(writer);
        Recorder.Episodes.Save("recorder/episode", writer);
        Supervisor.Save(writer);
        Reset.Save(writer);
        if (Robot is ILockstepRobot robot)
        {
            RobotState.Save(robot, writer);
        }

        for (int i = 0; i < Companions.Count; i++)
        {
            Companions[i].Save(writer.Below($"companion-{i}/"));
        }
    }

    /// <summary>Continues exactly where <see cref="Save"/> was called; the robot must be powered (lockstep).</summary>
    public void Load(IStateReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        Loop.Load(reader);
        Policies.Load("policies", reader);
        Fallback.Load("fallback", reader);
        Learner?.Load(reader);
        Recorder.Episodes.Load("recorder/episode", reader);
        Supervisor.Load(reader);
        Reset.Load(reader);
        if (Robot is ILockstepRobot robot)
        {
            RobotState.Load(robot, reader);
        }

        for (int i = 0; i < Companions.Count; i++)
        {
            Companions[i].Load(reader.Below($"companion-{i}/"));
        }
    }

    /// <summary>Frees the packed policies; robot, learner and journal stay their owner's.</summary>
    public void Dispose()
    {
        _admission.Dispose();
        Policies.Dispose();
        Fallback.Dispose();
        foreach (RunParts companion in Companions)
        {
            companion.Dispose();
        }
    }
}
