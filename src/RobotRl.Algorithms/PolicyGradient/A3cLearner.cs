using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Spaces;

namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>
/// Asynchronous advantage actor-critic: one worker of several, each with its own stream of experience, all on one flat parameter
/// block. A worker
/// copies the block, makes a short rollout, and adds its gradient to whatever the others have made of the block meanwhile.
/// </summary>
/// <remarks>
/// <para>
/// Source: the course's asynchronous parallel actor-critic; arXiv 1602.01783 algorithm S3 and section 4; the optimiser: its
/// supplement, section 7.
/// </para>
/// <code>
/// symbol            identifier                shape
/// theta, theta_v    _shared.Parameters        flat block: policy, then V (or a shared trunk)
/// theta', theta_v'  _state.Parameters         the worker's copy, same layout
/// d theta           _state.Gradient           same layout
/// R - V             _advantages               [steps]
/// </code>
/// <para>
/// A worker is an ordinary learner with its own swap rule, so that it serves a simulator or a robot of its own. Each worker is
/// used by one thread at a time;
/// workers may run side by side, in one process or several (a robot's fault or crash is then no other's), or in turn on one
/// thread, which is deterministic.
/// </para>
/// <para>Deviations, each with its reason:</para>
/// <list type="bullet">
/// <item>The learning rate is constant; the paper anneals it over a number of steps known beforehand, which a robot's life is not.</item>
/// <item>A time limit, a fault or a gap bootstraps from V(s'); only a termination does not.</item>
/// <item>Where a rollout holds the ends of several episodes they are learned from together instead of one by one.</item>
/// </list>
/// </remarks>
public sealed class A3cLearner : ILearner
{
    private readonly A3cShared _shared;
    private readonly bool _disposeShared;
    private readonly OnPolicyState _state;
    private readonly LearnerMetric[] _metrics = new LearnerMetric[6];
    private float[] _advantages = [];

    /// <summary>Makes a worker.</summary>
    /// <param name="shared">What it shares with the others.</param>
    /// <param name="disposeShared">Whether <see cref="Dispose"/> disposes of <paramref name="shared"/> too: for the worker that
    /// is disposed of last.</param>
    public A3cLearner(A3cShared shared, bool disposeShared = false)
    {
        ArgumentNullException.ThrowIfNull(shared);
        (_shared, _disposeShared) = (shared, disposeShared);
        _state = new OnPolicyState(
            shared.ObservationSize,
            shared.Actions,
            shared.Options.Network,
            shared.Options.StepsPerUpdate,
            SwapRule,
            shared.Options.Discount,
            seed: 0
        );
        Synchronise();
        Report(default, default, default);
    }

    /// <inheritdoc/>
    public PolicySpec Policy => _state.Policy;

    /// <inheritdoc/>
    public SwapRule SwapRule => SwapRule.RolloutEnd;

    /// <inheritdoc/>
    public long Updates => _state.Updates;

    /// <inheritdoc/>
    public long RefusedUpdates => _state.RefusedUpdates;

    /// <inheritdoc/>
    public bool CanUpdate => _state.IsReady;

    /// <inheritdoc/>
    public double UpdatesPerTransition => _state.UpdatesPerTransition;

    /// <inheritdoc/>
    public long RestoreLength => 0;

    /// <inheritdoc/>
    public ReadOnlySpan<LearnerMetric> Metrics => _metrics;

    /// <inheritdoc/>
    public void Observe(in Transition transition) => _state.Observe(in transition);

    /// <inheritdoc/>
    public void Restore(in Transition transition) { }

    /// <inheritdoc/>
    public void Update()
    {
        _state.RequireReady();
        _state.Prepare();
        int steps = _state.Rollout.Count;
        if (_advantages.Length < steps)
        {
            _advantages = new float[steps];
        }

        // From the end of the rollout back: R <- r_i + gamma R, with R = V(s_t; theta_v') at its end, or 0 at a termination.
        // [arXiv 1602.01783 algorithm S3]
        Span<float> advantages = _advantages.AsSpan(0, steps);
        Advantages.Generalised(
            _state.Rewards,
            _state.Values,
            _state.NextValues,
            _state.Bootstraps,
            _state.Continues,
            _shared.Options.Discount,
            1,
            advantages
        );
        (float entropyWeight, float valueWeight) = ((float)_shared.Options.EntropyCoefficient, (float)_shared.Options.ValueCoefficient);
        Array.Clear(_state.Gradient);
        (float entropies, float losses) = (0, 0);
        for (int t = 0; t < steps; t++)
        {
            _state.Network.Forward(_state.Parameters, _state.Input(t));
            (_, float entropy) = _state.Score.Evaluate(_state.Network.Output, _state.Rollout.Action(t));

            // d theta <- d theta + grad log pi(a_i|s_i; theta') (R - V(s_i; theta_v')) + beta grad H. [algorithm S3 and section 4]
            for (int i = 0; i < _state.OutputGradient.Length; i++)
            {
                _state.OutputGradient[i] =
                    (advantages[t] * _state.Score.ScoreGradient[i]) + (entropyWeight * _state.Score.EntropyGradient[i]);
            }

            // d theta_v <- d theta_v + d(R - V)^2 / d theta_v', descended.
            _state.Network.Accumulate(_state.Parameters, _state.OutputGradient, valueWeight * advantages[t], _state.Gradient);
            entropies += entropy;
            losses += 0.5f * advantages[t] * advantages[t];
        }

        if (_state.BoundGradient(_shared.Options.MaxGradientNorm, policy: true))
        {
            _shared.Ascend(_state.Gradient);
        }

        // theta' = theta, theta_v' = theta_v: the next rollout's.
        Synchronise();
        Report(entropies / steps, losses / steps, advantages[0]);
        _state.Finish();
    }

    private void Synchronise() => _shared.Parameters.CopyTo(_state.Parameters);

    /// <inheritdoc/>
    public void CopyPolicy(PolicyBlock destination) => _state.CopyPolicy(destination);

    /// <inheritdoc/>
    public void RevertPolicy(PolicyBlock source)
    {
        _state.RevertPolicy(source);
        _shared.Take(_state.Parameters.AsSpan(0, _state.Network.ActorCount));
    }

    /// <inheritdoc/>
    public void EstimateValues(ReadOnlySpan<float> observations, Span<float> values) => _state.EstimateValues(observations, values);

    /// <inheritdoc/>
    public void Save(IStateWriter writer)
    {
        _state.Save(writer);
        _shared.Save(writer);
    }

    /// <inheritdoc/>
    public void Load(IStateReader reader)
    {
        _state.Load(reader);
        _shared.Load(reader);
        if (_shared.Joined)
        {
            // Others have gone on: the next gradient is at their parameters.
            Synchronise();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposeShared)
        {
            _shared.Dispose();
        }
    }

    private void Report(float entropy, float valueLoss, float advantage)
    {
        _metrics[0] = new("policy/entropy", entropy);
        _metrics[1] = new("loss/critic", valueLoss);
        _metrics[2] = new("value/advantage", advantage);
        _metrics[3] = new("rollout/steps", _state.Rollout.Count);
        _metrics[4] = new("rollout/refused", _state.Refused);
        _metrics[5] = new("shared/updates", _shared.Updates);
    }
}
