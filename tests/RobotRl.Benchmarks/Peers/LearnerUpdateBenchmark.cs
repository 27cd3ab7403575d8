using RobotRl.Algorithms;
using RobotRl.Algorithms.CrossQ;
using RobotRl.Algorithms.Deterministic;
using RobotRl.Algorithms.PolicyGradient;
using RobotRl.Algorithms.Spaces;
using RobotRl.Benchmarks.Managed;
using RobotRl.Benchmarks.Sac;

namespace RobotRl.Benchmarks.Peers;

/// <summary>
/// Updates per second of one of our learners, as <c>Learner:Backend=auto</c> picks it on a CPU, against eager PyTorch, one thread
/// each, in turns, by processor time.
/// </summary>
internal sealed class LearnerUpdateBenchmark : IPeerBenchmark
{
    private const int Rounds = 9,
        WarmUpTurns = 3;
    private const double Floor = 1.5;
    private readonly string _unit,
        _script;
    private readonly int _updatesPerTurn,
        _callsPerTurn;
    private readonly Func<ILearner> _create;
    private readonly Action<ILearner> _prepare;

    private LearnerUpdateBenchmark(
        string name,
        string summary,
        string script,
        string unit,
        int updatesPerTurn,
        int callsPerTurn,
        Func<ILearner> create,
        Action<ILearner>? prepare = null
    )
    {
        (Name, Summary, _script, _unit, _updatesPerTurn, _callsPerTurn) = (name, summary, script, unit, updatesPerTurn, callsPerTurn);
        (_create, _prepare) = (create, prepare ?? (_ => { }));
    }

    public string Name { get; }

    public string Summary { get; }

    /// <summary>
    /// PPO: a rollout of 2048 steps, ten passes in minibatches of 64, two networks of 2x64 tanh; ours evaluates V and estimates
    /// the advantages too.
    /// </summary>
    public static LearnerUpdateBenchmark Ppo()
    {
        var options = new PpoOptions();
        int updates = options.Epochs * options.StepsPerUpdate / options.BatchSize;
        var rollout = new PpoRollout(options.StepsPerUpdate);
        return new(
            "ppo-update",
            "PPO minibatches/s against eager PyTorch, 17/6, two networks of 2x64 tanh, minibatch 64, one thread each",
            "ppo_update.py",
            "minibatches/s",
            updates,
            1,
            () => new PpoLearner(SacWork.Observations, new ContinuousActionSpace(SacWork.Actions), options, 1),
            rollout.Show
        );
    }

    /// <summary>TD3 with its delayed policy update.</summary>
    public static LearnerUpdateBenchmark Td3() =>
        new(
            "td3-update",
            "TD3 updates/s against eager PyTorch, 17/6/2x256/256, one thread each",
            "td3_update.py",
            "updates/s",
            60,
            60,
            () =>
                ManagedSacWork.Filled(
                    new ManagedTd3Learner(new Td3Options { ReplayCapacity = 100_000 }, SacWork.Observations, SacWork.Actions, 1)
                )
        );

    /// <summary>CrossQ past the warm-up of its renormalisation, where the most is to be done.</summary>
    public static LearnerUpdateBenchmark CrossQ() =>
        new(
            "crossq-update",
            "CrossQ updates/s against eager PyTorch, 17/6/2x256/256, policy every third, one thread each",
            "crossq_update.py",
            "updates/s",
            30,
            30,
            () =>
                ManagedSacWork.Filled(
                    new ManagedCrossQLearner(
                        new CrossQOptions { ReplayCapacity = 100_000, RenormWarmUp = 0 },
                        SacWork.Observations,
                        SacWork.Actions,
                        1
                    )
                )
        );

    public BenchmarkResult Run(IReadOnlyList<string> arguments, TextWriter log) => Compare(log)[0];

    public IReadOnlyList<BenchmarkResult> Compare(TextWriter log)
    {
        using ILearner ours = _create();
        using var python = PythonPeer.StartFastest(_script, _updatesPerTurn, log);
        for (int i = 0; i < WarmUpTurns; i++)
        {
            Turn(ours);
        }

        var rates = new List<(double Ours, double PyTorch)>();
        for (int round = 0; round < Rounds; round++)
        {
            rates.Add((Turn(ours), _updatesPerTurn / python.Run(_updatesPerTurn)));
            log.WriteLine($"{Name}, round {round + 1}: ours {rates[^1].Ours:F1}/s, PyTorch {rates[^1].PyTorch:F1}/s");
        }

        double value = SacWork.Median(rates.Select(r => r.Ours)),
            pytorch = SacWork.Median(rates.Select(r => r.PyTorch)),
            ratio = SacWork.Median(rates.Select(r => r.Ours / r.PyTorch));
        return [new(Name, value, _unit, $"eager PyTorch ({python.Greeting})", pytorch, ratio, $"{Floor}x PyTorch", ratio >= Floor)];
    }

    private double Turn(ILearner learner)
    {
        _prepare(learner);
        TimeSpan start = Environment.CpuUsage.TotalTime;
        for (int i = 0; i < _callsPerTurn; i++)
        {
            learner.Update();
        }

        return _updatesPerTurn / (Environment.CpuUsage.TotalTime - start).TotalSeconds;
    }
}
