using RobotRl.Algorithms;
using RobotRl.Runtime.Experience;
using RobotRl.Runtime.Learning;
using RobotRl.Runtime.Runs;
using RobotRl.Runtime.Storage;
using RobotRl.Runtime.Telemetry;

namespace RobotRl.Runtime.Loops;

/// <summary>
/// Keeps the figures of a run: returns, rates, learner metrics; into the metrics log, the TensorBoard events, the progress view
/// and, at the end, the learning curve.
/// </summary>
/// <remarks>The recorder's thread (the only one in lockstep). <see cref="Newest"/>: any thread.</remarks>
public sealed class RunLedger : IDisposable
{
    /// <summary>Finished episodes that the mean return of the progress line is taken over.</summary>
    public const int MeanOver = 20;

    private const int MaxCurvePoints = 200_000;
    private static readonly TimeSpan s_progressInterval = TimeSpan.FromMilliseconds(200),
        s_metricsInterval = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly MetricsLog? _log;
    private readonly TensorBoardWriter? _events;
    private readonly IProgress<RunProgress> _progress;
    private readonly Func<RunProgress> _sessionFigures;
    private readonly Queue<double> _returns = new();
    private readonly Queue<bool> _reached = new();
    private readonly List<double> _curveSteps = [],
        _curveReturns = [];
    private readonly RateMeter _steps,
        _updates;
    private readonly long _started;
    private readonly LearnerMetric[] _episodeFigures = new LearnerMetric[3];
    private long _lastProgress,
        _lastMetrics;
    private double _lastReturn = double.NaN;
    private RunProgress _newest = new();

    /// <summary>Opens the files of <paramref name="run"/>.</summary>
    /// <param name="run">The run; null keeps no files.</param>
    /// <param name="start">Where the run goes on; null for a new one.</param>
    /// <param name="time">Clock of the rates and dates.</param>
    /// <param name="progress">Takes the figures a few times a second.</param>
    /// <param name="sessionFigures">What the session knows: phase, steps, missed ticks, failsafe.</param>
    /// <param name="id">Identity of the run, for its files; null for none.</param>
    public RunLedger(
        RunDirectory? run,
        LedgerStart? start,
        TimeProvider time,
        IProgress<RunProgress> progress,
        Func<RunProgress> sessionFigures,
        RunId? id = null
    )
    {
        ArgumentNullException.ThrowIfNull(time);
        (_time, _progress, _sessionFigures) = (time, progress, sessionFigures);
        if (run is not null)
        {
            bool cut = start is { KeepsLines: false };
            _log = MetricsLog.Open(run.MetricsPath, time, cut ? start!.Step + 1 : long.MaxValue, run: id);
            _events = TensorBoardWriter.Create(run.EventsPath, time, resumedAt: start?.Step + 1);
            if (start is not null)
            {
                CurveSeries before = MetricsLog.Read(run.MetricsPath, "episode/return");
                _curveSteps.AddRange(before.Steps);
                _curveReturns.AddRange(before.Values);
                ThinCurve();
            }

            if (start is { KeepsLines: true })
            {
                _log.MarkResumed(start.Step, start.CheckpointStep);
            }
        }

        _started = _lastProgress = _lastMetrics = time.GetTimestamp();
        (_steps, _updates) = (new RateMeter(time), new RateMeter(time));
    }

    /// <summary>What was found wrong with the figures that were there, each in one sentence.</summary>
    public IReadOnlyList<string> Damage => _log?.Damage ?? [];

    /// <summary>Brings all figures of <paramref name="run"/> to the medium at its end; says how many lines were lost, if any.</summary>
    public IEnumerable<string> SaveAll(RunDirectory run)
    {
        ArgumentNullException.ThrowIfNull(run);
        Save();
        return LostRecords == 0
            ? []
            : [FormattableString.Invariant($"{LostRecords} lines of figures were not written to {run.MetricsPath} or {run.EventsPath}.")];
    }

    /// <summary>Lines and events that a full or failing disk cost.</summary>
    public long LostRecords => (_log?.LostRecords ?? 0) + (_events?.LostRecords ?? 0);

    /// <summary>Brings all figures to the medium: a checkpoint that is saved afterwards has no episode that they lack.</summary>
    public void Save()
    {
        _log?.Sync();
        _events?.Sync();
    }

    /// <summary>Done at every <see cref="Pump"/>, on its thread; null for nothing.</summary>
    public Action? Before { get; init; }

    /// <summary>The newest figures.</summary>
    public RunProgress Newest
    {
        get
        {
            lock (_returns)
            {
                return _newest;
            }
        }
    }

    /// <summary>Takes note of a finished episode.</summary>
    public void EpisodeEnded(EpisodeResult episode)
    {
        if (!episode.Counts)
        {
            return;
        }

        _lastReturn = episode.Return;
        _returns.Enqueue(episode.Return);
        if (_returns.Count > MeanOver)
        {
            _returns.Dequeue();
        }

        if (episode.AtGoal is { } reached)
        {
            _reached.Enqueue(reached);
            if (_reached.Count > MeanOver)
            {
                _reached.Dequeue();
            }
        }

        long step = episode.LastSequence + 1;
        _curveSteps.Add(step);
        _curveReturns.Add(episode.Return);
        ThinCurve();
        _episodeFigures[0] = new("episode/return", episode.Return);
        _episodeFigures[1] = new("episode/length", episode.Length);
        _episodeFigures[2] = new("episode/shield-rate", (double)episode.GatedSteps / episode.Length);
        LearnerMetric[] written = episode.AtGoal is { } there
            ? [.. _episodeFigures, new("episode/success", there ? 1 : 0)]
            : _episodeFigures;
        _log?.Write(step, written);
        _events?.Write(step, written);
    }

    /// <summary>Reports progress and writes learner metrics where it is time to.</summary>
    public void Pump(LearnerStatus? learner, bool force = false)
    {
        Before?.Invoke();
        long now = _time.GetTimestamp();
        if (!force && _time.GetElapsedTime(_lastProgress, now) < s_progressInterval)
        {
            return;
        }

        _lastProgress = now;
        RunProgress figures = _sessionFigures();
        LearnerMetric[] metrics = learner?.Updates > 0 ? learner.CopyMetrics() : [];
        figures = figures with
        {
            LastReturn = _lastReturn,
            MeanReturn = _returns.Count == 0 ? double.NaN : _returns.Average(),
            SuccessRate = _reached.Count == 0 ? double.NaN : (double)_reached.Count(r => r) / _reached.Count,
            RefusedTransitions = learner?.RefusedSteps ?? 0,
            RefusedUpdates = learner?.RefusedUpdates ?? 0,
            ChampionReturn = learner?.ChampionReturn ?? double.NaN,
            StepsPerSecond = _steps.Rate(figures.Step),
            UpdatesPerSecond = learner is null ? double.NaN : _updates.Rate(learner.Updates),
            UpdatesPerStep = learner?.AchievedUpdatesPerStep ?? double.NaN,
            RefusedPolicies = learner?.Refused ?? 0,
            Elapsed = _time.GetElapsedTime(_started, now),
            Metrics = metrics,
        };
        lock (_returns)
        {
            _newest = figures;
        }

        _progress.Report(figures);
        if (force || _time.GetElapsedTime(_lastMetrics, now) >= s_metricsInterval)
        {
            _lastMetrics = now;
            WriteMetrics(figures, metrics);
        }
    }

    /// <summary>Draws the learning curve; null, or why it could not be written.</summary>
    public string? DrawCurve(string path, string title)
    {
        if (_curveSteps.Count <= 1)
        {
            return null;
        }

        try
        {
            new LearningCurve { Title = title }.Save(path, [new CurveSeries("training", [.. _curveSteps], [.. _curveReturns])]);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"{path}: the learning curve was not written: {error.Message}";
        }
    }

    /// <summary>Keeps every second episode of a curve that has become too long for memory; the picture shows fewer anyway.</summary>
    private void ThinCurve()
    {
        while (_curveSteps.Count > MaxCurvePoints)
        {
            Halve(_curveSteps);
            Halve(_curveReturns);
        }

        static void Halve(List<double> values)
        {
            for (int i = 0; i < values.Count / 2; i++)
            {
                values[i] = values[(2 * i) + 1];
            }

            values.RemoveRange(values.Count / 2, values.Count - (values.Count / 2));
        }
    }

    private void WriteMetrics(RunProgress figures, LearnerMetric[] metrics)
    {
        if (figures.RefusedTransitions > 0 || figures.RefusedUpdates > 0)
        {
            metrics =
            [
                .. metrics,
                new("learning/refused-transitions", figures.RefusedTransitions),
                new("learning/refused-updates", figures.RefusedUpdates),
            ];
        }

        if (metrics.Length > 0)
        {
            _log?.Write(figures.Step, metrics);
            _events?.Write(figures.Step, metrics);
        }

        LearnerMetric[] rates =
        [
            new("rate/steps-per-second", figures.StepsPerSecond),
            new("rate/updates-per-second", figures.UpdatesPerSecond),
            new("rate/updates-per-step", figures.UpdatesPerStep),
            new("safety/shield-rate", figures.ShieldRate),
            new("safety/missed-ticks", figures.MissedTicks),
            new("episode/success-rate", figures.SuccessRate),
            new("safety/blocked-joints", figures.BlockedJoints),
            new("safety/unfollowed-steps", figures.UnfollowedSteps),
        ];
        rates = [.. rates.Where(r => double.IsFinite(r.Value))];
        _events?.Write(figures.Step, rates);
        _log?.Flush();
        _events?.Flush();
    }

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        _log?.Dispose();
        _events?.Dispose();
    }
}
