using Microsoft.Extensions.Logging;
using RobotRl.Algorithms;
using RobotRl.Algorithms.PolicyGradient;
using RobotRl.Algorithms.Torch;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Transports;
using RobotRl.Runtime.Learning;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Policies;
using RobotRl.Runtime.Runs;
using RobotRl.Runtime.Tasks;
using RobotRl.Runtime.Telemetry;
using RobotRl.Sim;

namespace RobotRl.Runtime.Composition;

/// <summary>Makes training and deployment sessions.</summary>
public sealed class RunSessionFactory : ISessionFactory
{
    private readonly TimeProvider _time;
    private readonly Func<ILearner, ILearner> _wrap;

    /// <summary>
    /// Uses <paramref name="time"/> for rates, dates and syncs; <paramref name="wrap"/>, where given, puts something around every
    /// learner.
    /// </summary>
    public RunSessionFactory(TimeProvider time, Func<ILearner, ILearner>? wrap = null) =>
        (_time, _wrap) = (time, wrap ?? (learner => learner));

    /// <inheritdoc/>
    public IRunSession Create(SessionPlan plan, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(loggers);
        LearnerOptions learning = plan.Options.Learner;
        int workers = learning.Algorithm == "a3c" && plan.Policy is null ? learning.A3c.Workers : 1;
        if (workers > 1 && (plan.RealTime || plan.CreateTask is null))
        {
            throw new BadInputException(
                $"Learner:A3c:Workers is {workers}; allowed with "
                    + $"Loop:Clock={(plan.RealTime ? LoopClock.RealTime : LoopClock.Lockstep)}: 1. A run in real time has one "
                    + $"robot: set it to 1 and start a run for each robot with the same Learner:A3c:SharedFile, or set "
                    + $"Loop:Clock=Lockstep for simulated ones."
            );
        }

        ILogger log = loggers.CreateLogger("robotrl");
        LoopOptions options = plan.Options.Loop;
        IRobot robot = MakeRobot(plan);
        var companions = new List<Companion>();
        ILearner? learner = null;
        RunLock? runLock = null;
        RunDirectory? run = null;
        bool wasThere = plan.RunDirectory is { } named && Directory.Exists(named);
        try
        {
            if (options.IsRealTime(robot.Description))
            {
                // A robot that cannot be opened must not leave a run behind. Nothing is powered by it.
                RobotDescription described = robot.Description;
                robot.Open();
                if (plan.TaskFor is { } taskFor && !ReferenceEquals(robot.Description, described))
                {
                    // Limits kept in the device have made ranges narrower: task and options must fit those.
                    plan = plan with { Task = taskFor(robot.Description) };
                }
            }

            // The plan was made with another object of this kind; this is the one that will move.
            string[] problems = [.. options.Validate("Loop", robot.Description)];
            if (problems.Length > 0)
            {
                throw new BadInputException(string.Join(Environment.NewLine, problems));
            }

            PolicyFile? frozen = plan.Policy is null ? null : LoadPolicy(plan, robot);
            learner = frozen is null ? MakeLearner(plan, workers, companions, log) : null;
            run = OpenRun(plan);
            runLock = run.Lock();
            var session = new RunSession(
                plan,
                run,
                runLock,
                robot,
                learner,
                frozen,
                _time,
                log,
                new EventLog(run.LogPath, _time),
                companions
            );
            // Only now: a resume that is refused must not cost the options that the run was made with.
            run.WriteOptions(Configuration.OptionsWriter.ToJson(plan.Options), session.Id);
            return session;
        }
        catch (Exception exception)
        {
            runLock?.Dispose();
            if (runLock is not null && !plan.Resume)
            {
                // What is refused leaves nothing behind.
                run!.RemoveUnbegun(whole: !wasThere);
            }

            learner?.Dispose();
            companions.ForEach(c => c.Dispose());
            robot.Dispose();
            if (
                exception
                is Configuration.OptionsException
                    or RunException
                    or PolicyFileException
                    or TorchLibraryException
                    or Journal.JournalException
                    or ArgumentException
                    or RobotException
                    or TransportException
                    or Hardware.Devices.Calibration.CalibrationException
            )
            {
                throw new BadInputException(Plain(exception), exception);
            }

            if (exception is OutOfMemoryException && plan.Policy is null)
            {
                throw new BadInputException(
                    LearnerMemory.RanOut(learning, plan.Task.ObservationNames.Length, plan.Task.Actions),
                    exception
                );
            }

            throw;
        }
    }

    /// <summary>What an exception says, without the name of a parameter that nobody who reads options knows.</summary>
    private static string Plain(Exception exception) =>
        exception is ArgumentException { ParamName: { } name }
            ? exception.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal)
            : exception.Message;

    private RunDirectory OpenRun(SessionPlan plan) =>
        plan.RunDirectory is null
            ? RunDirectory.Create(RunDirectory.DefaultRoot, plan.Options.Robot.Name, plan.Options.Learner.Algorithm, _time)
        : plan.Resume ? RunDirectory.Open(plan.RunDirectory, write: true)
        : RunDirectory.CreateAt(plan.RunDirectory);

    private IRobot MakeRobot(SessionPlan plan)
    {
        IRobot robot = plan.CreateRobot();
        bool realTime = plan.Options.Loop.IsRealTime(robot.Description);
        if (realTime && robot is ILockstepRobot simulator)
        {
            return new RealTimeSimulation(simulator, _time);
        }

        if (!realTime && robot is not ILockstepRobot)
        {
            robot.Dispose();
            throw new BadInputException(
                $"Loop:Clock is Lockstep, but robot {robot.Description.Name} has its own time; allowed: RealTime. Set Loop:Clock=RealTime."
            );
        }

        return robot;
    }

    private ILearner MakeLearner(SessionPlan plan, int workers, List<Companion> companions, ILogger log)
    {
        LearnerOptions options = plan.Options.Learner;
        (IControlTask task, ulong seed) = (plan.Task, plan.Options.Run.Seed);
        if (options.Algorithm != "a3c")
        {
            return _wrap(LearnerFactory.Create(options, task.ObservationNames.Length, task.Actions, seed));
        }

        A3cShared shared =
            options.A3c.SharedFile.Length > 0
                ? A3cShared.Open(task.Name, task.ObservationNames.Length, task.Actions, options.A3c, seed)
                : new A3cShared(task.ObservationNames.Length, task.Actions, options.A3c, seed);
        if (shared.Joined)
        {
            log.LogInformation(
                "Learner:A3c:SharedFile {File} was there already, with {Updates} updates: this run goes on from it; its "
                    + "seed's weights and a checkpoint's are not used.",
                options.A3c.SharedFile,
                shared.Updates
            );
        }

        for (int i = 1; i < workers; i++)
        {
            companions.Add(new Companion(plan.CreateRobot(), plan.CreateTask!(), new A3cLearner(shared)));
        }

        return _wrap(new A3cLearner(shared, disposeShared: true));
    }

    private static PolicyFile LoadPolicy(SessionPlan plan, IRobot robot)
    {
        PolicyFile policy = PolicyFile.Load(plan.Policy!);
        IReadOnlyList<string> problems = policy.Manifest.CheckFits(
            robot.Description,
            plan.Task,
            plan.Options.Loop.PeriodOn(robot.Description),
            plan.Options.Loop.PolicyDivisor
        );
        return problems.Count == 0
            ? policy
            : throw new BadInputException(string.Join(Environment.NewLine, problems.Select(p => $"{plan.Policy}: {p}")));
    }
}
