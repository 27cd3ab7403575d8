using Microsoft.Extensions.Logging;
using RobotRl.Algorithms;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Checkpoints;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Experience;
using RobotRl.Runtime.Journal;
using RobotRl.Runtime.Loops;
using RobotRl.Runtime.Runs;
using RobotRl.Runtime.Storage;
using RobotRl.Runtime.Tasks;
using RobotRl.Runtime.Tests.Storage;
using RobotRl.Sim;

namespace RobotRl.Runtime.Tests.Composition;

/// <summary>Sessions in directories of their own, made as the program makes them.</summary>
internal sealed class SessionRig : IDisposable, ILoggerFactory, ILogger
{
    private readonly TemporaryDirectory _directory = new();
    private readonly List<string> _log = [];

    public IReadOnlyList<string> Log
    {
        get
        {
            lock (_log)
            {
                return [.. _log];
            }
        }
    }

    /// <summary>SAC small enough to learn a few hundred steps in no time.</summary>
    public static RobotRlOptions Sac(Action<RobotRlOptions>? change = null) =>
        Options(o =>
        {
            (o.Learner.Sac.HiddenWidth, o.Learner.Sac.BatchSize, o.Learner.Sac.LearningStarts) = (16, 32, 60);
            o.Learner.Device = "cpu";
            change?.Invoke(o);
        });

    /// <summary>Streaming actor-critic on the cart-pole, which asks for no libtorch.</summary>
    public static RobotRlOptions Stream(Action<RobotRlOptions>? change = null) =>
        Options(o =>
        {
            (o.Robot.Name, o.Learner.Algorithm, o.Learner.StreamActorCritic.HiddenWidth) = ("cart-pole", "stream-actor-critic", 16);
            change?.Invoke(o);
        });

    /// <summary>The pendulum at its 20 Hz, for a test's own learner or the streaming one.</summary>
    public static RobotRlOptions RealTime(long steps, Action<RobotRlOptions>? change = null) =>
        Options(o =>
        {
            (o.Learner.Algorithm, o.Learner.StreamActorCritic.HiddenWidth) = ("stream-actor-critic", 16);
            (o.Loop.Clock, o.Run.Steps, o.Run.EvaluationEpisodes) = (LoopClock.RealTime, steps, 0);

            // A loaded machine is no fault here.
            o.Failsafe.DeadlineMissed.Threshold = 1000;
            o.Failsafe.SensorStale.Threshold = o.Failsafe.ControlStalled.Threshold = TimeSpan.FromSeconds(5);
            change?.Invoke(o);
        });

    private static RobotRlOptions Options(Action<RobotRlOptions> change)
    {
        var options = new RobotRlOptions();
        (options.Run.Steps, options.Run.EvaluationEpisodes) = (450, 5);
        (options.Checkpoint.EverySteps, options.Loop.AllocationBudgetMiB, options.Loop.FifoPriority) = (100, 0, 0);
        options.Admission.MinProbes = 4;
        change(options);
        Assert.Empty(options.Validate());
        return options;
    }

    public string In(string name) => _directory.File(name);

    public SessionPlan Plan(
        RobotRlOptions options,
        string run,
        bool resume = false,
        string? policy = null,
        int abandonAt = 0,
        Func<IRobot>? robot = null
    )
    {
        IControlTask task = ControlTasks.Create(ControlTasks.DefaultFor(options.Robot.Name)!);
        return new SessionPlan(
            options,
            robot ?? (() => SimulatedRobots.Create(options.Robot.Name)),
            abandonAt > 0 ? new AbandoningTask(task, abandonAt) : task,
            In(run),
            resume,
            policy
        )
        {
            CreateTask = () => ControlTasks.Create(ControlTasks.DefaultFor(options.Robot.Name)!),
        };
    }

    public IRunSession Open(SessionPlan plan) => new RunSessionFactory(TimeProvider.System).Create(plan, this);

    /// <summary>A session with a learner of the test's own.</summary>
    public RunSession Open(RobotRlOptions options, string run, ILearner learner, bool resume = false, Func<ILockstepRobot>? robot = null)
    {
        RunDirectory directory = resume ? RunDirectory.Open(In(run)) : RunDirectory.CreateAt(In(run));
        ILockstepRobot simulator = (robot ?? (() => SimulatedRobots.Create(options.Robot.Name)))();
        IRobot made = options.Loop.Clock == LoopClock.RealTime ? new RealTimeSimulation(simulator, TimeProvider.System) : simulator;
        return new RunSession(
            Plan(options, run, resume),
            directory,
            directory.Lock(),
            made,
            learner,
            null,
            TimeProvider.System,
            this,
            new RobotRl.Runtime.Telemetry.EventLog(directory.LogPath, TimeProvider.System)
        );
    }

    public RunOutcome Run(
        RobotRlOptions options,
        string run,
        bool resume = false,
        IProgress<RunProgress>? progress = null,
        Func<IRobot>? robot = null
    )
    {
        using IRunSession session = Open(Plan(options, run, resume, robot: robot));
        return session.Run(progress ?? new Silent());
    }

    /// <summary>Runs until the task's <paramref name="at"/>th reward, and drops everything there and then.</summary>
    public void Abandon(RobotRlOptions options, string run, int at, bool resume = false)
    {
        using IRunSession session = Open(Plan(options, run, resume, abandonAt: at));
        Assert.Throws<AbandonedException>(() => session.Run(new Silent()));
    }

    public string Refused(RobotRlOptions options, string run, bool resume = false, string? policy = null) =>
        Assert.Throws<BadInputException>(() => Open(Plan(options, run, resume, policy)).Dispose()).Message;

    /// <summary>The newest good checkpoint.</summary>
    public Checkpoint Newest(string run) =>
        RunDirectory.Open(In(run)).Checkpoints(TimeProvider.System).LoadNewest().Newest
        ?? throw new InvalidOperationException($"{run} has no checkpoint");

    public (long Step, string Hash) State(string run)
    {
        Checkpoint newest = Newest(run);
        return (newest.Header.Step, StateHash.Of(newest.File, ""));
    }

    /// <summary>Headers of all frames in the journal.</summary>
    public IReadOnlyList<FrameHeader> Headers(string run)
    {
        JournalReader reader = JournalReader.Open(RunDirectory.Open(In(run)).JournalPath);
        var headers = new List<FrameHeader>();
        while (reader.TryRead(out _, out ReadOnlySpan<byte> frame))
        {
            headers.Add(FrameLayout.Header(frame));
        }

        return headers;
    }

    public string[] Checkpoints(string run) =>
        [.. Directory.GetFiles(RunDirectory.Open(In(run)).CheckpointsPath).Order(StringComparer.Ordinal)];

    public void Dispose() => _directory.Dispose();

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) { }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    private void Add(string line)
    {
        lock (_log)
        {
            _log.Add(line);
        }
    }

    void ILogger.Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    ) => Add($"{logLevel}: {formatter(state, exception)}");

    /// <summary>Takes every report.</summary>
    internal sealed class Silent : IProgress<RunProgress>
    {
        public void Report(RunProgress value) { }
    }

    /// <summary>Takes every report to a delegate, on the thread that makes it.</summary>
    internal sealed class Told(Action<RunProgress> told) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => told(value);
    }
}
