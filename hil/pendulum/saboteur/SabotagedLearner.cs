using RobotRl.Algorithms;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Policies;
using RobotRl.Hardware.Timing;

namespace RobotRl.Hil.Saboteur;

/// <summary>A learner as it is, until the sabotage strikes on its thread.</summary>
internal sealed class SabotagedLearner(ILearner inner, Sabotage sabotage) : ILearner
{
    private const long ForeverNs = 3_600_000_000_000;

    private float _growth = 1;

    public PolicySpec Policy => inner.Policy;

    public SwapRule SwapRule => inner.SwapRule;

    public long Updates => inner.Updates;

    public bool CanUpdate => inner.CanUpdate;

    public double UpdatesPerTransition => inner.UpdatesPerTransition;

    public long RestoreLength => inner.RestoreLength;

    public ReadOnlySpan<LearnerMetric> Metrics => inner.Metrics;

    public void Observe(in Transition transition) => inner.Observe(in transition);

    public void Restore(in Transition transition) => inner.Restore(in transition);

    public void Update()
    {
        if (sabotage.Strikes(SabotageKind.LearnerThrows, inner.Updates))
        {
            throw new InvalidOperationException("The learner was sabotaged.");
        }

        while (sabotage.Strikes(SabotageKind.LearnerBlocks, inner.Updates))
        {
            MonotonicClock.SleepUntil(MonotonicClock.NowNs + ForeverNs);
        }

        inner.Update();
    }

    public void CopyPolicy(PolicyBlock destination)
    {
        inner.CopyPolicy(destination);
        if (sabotage.Strikes(SabotageKind.LearnerDiverges, inner.Updates))
        {
            _growth *= 1000;
            foreach (ref float parameter in destination.Parameters.AsSpan())
            {
                parameter *= _growth;
            }
        }
    }

    public void RevertPolicy(PolicyBlock source) => inner.RevertPolicy(source);

    public void EstimateValues(ReadOnlySpan<float> observations, Span<float> values) => inner.EstimateValues(observations, values);

    public void Save(IStateWriter writer) => inner.Save(writer);

    public void Load(IStateReader reader) => inner.Load(reader);

    public void Dispose() => inner.Dispose();
}
