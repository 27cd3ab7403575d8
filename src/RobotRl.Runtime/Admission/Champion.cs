using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Policies;

namespace RobotRl.Runtime.Admission;

/// <summary>
/// The best admitted policy by evaluated return. Episodes are taken in evaluations of <see cref="ChampionOptions.Episodes"/>
/// that do not overlap; one with a higher mean than the champion's crowns the policy that acts at its end. One that is lower
/// by the stated test asks for a rollback. After <see cref="ChampionOptions.RollbacksToReset"/> rollbacks without a better policy
/// the next evaluation crowns whatever acts: then not the learner but the world has changed.
/// </summary>
/// <remarks>Learner's side only. Allocates at evaluations and nowhere else.</remarks>
public sealed class Champion
{
    private readonly ChampionOptions _options;
    private readonly double[] _returns,
        _best;
    private readonly bool[] _window;
    private int _count,
        _windowCount,
        _windowNext,
        _windowGated,
        _rollbacks;
    private long _ticks,
        _gated;

    /// <summary>Starts without a champion.</summary>
    public Champion(PolicySpec spec, ChampionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        Block = new(spec);
        _returns = new double[options.Episodes];
        _best = new double[options.Episodes];
        _window = new bool[options.GateWindow];
    }

    /// <summary>Whether there is one.</summary>
    public bool Exists { get; private set; }

    /// <summary>Whether its return is trusted: no longer after too many rollbacks, until the next evaluation.</summary>
    public bool Evaluated { get; private set; }

    /// <summary>The champion; meaningless while none exists.</summary>
    public PolicyBlock Block { get; }

    /// <summary>Mean return of its evaluation.</summary>
    public double MeanReturn { get; private set; }

    /// <summary>Transitions of the run when it was crowned.</summary>
    public long CrownedAt { get; private set; }

    /// <summary>Share of its transitions that the safety gate changed.</summary>
    public double GateRate { get; private set; }

    /// <summary>Counts one transition; true where the rate of gate events spikes.</summary>
    public bool Observe(bool gated)
    {
        _ticks++;
        _gated += gated ? 1 : 0;
        if (_windowCount == _window.Length)
        {
            _windowGated -= _window[_windowNext] ? 1 : 0;
        }
        else
        {
            _windowCount++;
        }

        _windowGated += gated ? 1 : 0;
        _window[_windowNext] = gated;
        _windowNext = (_windowNext + 1) % _window.Length;
        return Exists
            && Evaluated
            && _windowCount == _window.Length
            && _windowGated > _options.MaxGateRate * _window.Length
            && GateRate < 0.5 * _options.MaxGateRate;
    }

    /// <summary>Counts one whole episode under <paramref name="acting"/>; true where returns dropped against the champion's.</summary>
    /// <param name="totalReward">Its return; one that is no number is the worst there can be.</param>
    /// <param name="acting">The policy that acts at its end.</param>
    /// <param name="step">Transitions of the run so far.</param>
    public bool EpisodeFinished(double totalReward, PolicyBlock acting, long step = 0)
    {
        _returns[_count++] = double.IsFinite(totalReward) ? totalReward : double.MinValue;
        if (_count < _returns.Length)
        {
            return false;
        }

        _count = 0;
        double mean = _returns.Average(),
            rate = _ticks > 0 ? (double)_gated / _ticks : 0;
        (_ticks, _gated) = (0, 0);
        if (!Exists || !Evaluated || mean > MeanReturn)
        {
            Block.CopyFrom(acting);
            _returns.CopyTo(_best, 0);
            (Exists, Evaluated, MeanReturn, GateRate, CrownedAt) = (true, true, mean, rate, step);
            _rollbacks = 0;
            return false;
        }

        return RankTest.LowerProbability(_returns, _best) < _options.Significance;
    }

    /// <summary>Forgets the episodes and gate events counted since the last evaluation: another policy acts.</summary>
    public void Restart() => (_count, _ticks, _gated, _windowCount, _windowNext, _windowGated) = (0, 0, 0, 0, 0, 0);

    /// <summary>The champion acts again.</summary>
    public void RolledBack()
    {
        Restart();
        _rollbacks++;
        Evaluated &= _rollbacks < _options.RollbacksToReset;
    }

    /// <summary>Writes everything.</summary>
    public void Save(IStateWriter writer, string path)
    {
        ArgumentNullException.ThrowIfNull(writer);
        BlockState.Save(writer, $"{path}/block", Block);
        writer.Write($"{path}/returns", _returns);
        writer.Write($"{path}/best", _best);
        writer.Write($"{path}/window", (ReadOnlySpan<long>)[.. _window.Select(w => w ? 1L : 0)]);
        writer.Write($"{path}/figures", (ReadOnlySpan<double>)[MeanReturn, GateRate]);
        writer.Write(
            $"{path}/counters",
            (ReadOnlySpan<long>)
                [Exists ? 1 : 0, Evaluated ? 1 : 0, _count, _windowCount, _windowNext, _windowGated, _ticks, _gated, _rollbacks, CrownedAt]
        );
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Load(IStateReader reader, string path)
    {
        ArgumentNullException.ThrowIfNull(reader);
        BlockState.Load(reader, $"{path}/block", Block);
        reader.Read($"{path}/returns", _returns);
        reader.Read($"{path}/best", _best);
        long[] window = new long[_window.Length],
            counters = new long[10];
        double[] figures = new double[2];
        reader.Read($"{path}/window", window);
        reader.Read($"{path}/figures", figures);
        reader.Read($"{path}/counters", counters);
        for (int i = 0; i < window.Length; i++)
        {
            _window[i] = window[i] != 0;
        }

        (MeanReturn, GateRate) = (figures[0], figures[1]);
        (Exists, Evaluated) = (counters[0] != 0, counters[1] != 0);
        (_count, _windowCount, _windowNext, _windowGated) = ((int)counters[2], (int)counters[3], (int)counters[4], (int)counters[5]);
        (_ticks, _gated, _rollbacks, CrownedAt) = (counters[6], counters[7], (int)counters[8], counters[9]);
    }
}
