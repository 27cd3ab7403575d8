using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Spaces;

namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>
/// Proximal policy optimisation with the clipped surrogate: several epochs of minibatch ascent on one rollout, with the probability
/// ratio's gain cut off outside [1 - epsilon, 1 + epsilon].
/// </summary>
/// <remarks>
/// <para>
/// Source: the course's PPO-Clip, Algorithm 1 (rewards-to-go, advantages, clipped objective, value regression); arXiv 1707.06347 eq. 7
/// and Algorithm 1. Advantages: arXiv 1506.02438 eq. 16; with <see cref="PpoOptions.Lambda"/> 1 they are reward-to-go minus V.
/// </para>
/// <code>
/// symbol       identifier                    shape
/// theta, phi   _state.Parameters             flat block: policy, then V (or a shared trunk)
/// a            _state.Rollout.Action(t)      [action] before clipping, or the index
/// log pi_old   _state.Rollout.LogProbabilities   [steps]
/// A            _advantages                   [steps]
/// R            _targets                      [steps]
/// rho          ratio
/// </code>
/// <para>Deviations, each with its reason:</para>
/// <list type="bullet">
/// <item>Advantages standardised per rollout and the gradient's norm bounded, as SB3 does it; both can be turned off.</item>
/// <item>One optimiser for policy and V, as with a shared trunk it must be.</item>
/// <item>gSDE (<see cref="OnPolicyNetworkOptions.StateDependentExploration"/>, arXiv 2005.05719) squashes actions by tanh, the
/// one head that SAC has too; SB3's PPO clips them.</item>
/// <item>The step may decay with what was learned from (<see cref="PpoOptions.StepDecay"/>), the clip does not.</item>
/// </list>
/// </remarks>
public sealed class PpoLearner : ILearner
{
    private readonly PpoOptions _options;
    private readonly OnPolicyState _state;
    private readonly FlatOptimiser _optimiser;
    private readonly LearnerMetric[] _metrics = new LearnerMetric[6];
    private float[] _advantages = [],
        _targets = [];
    private int[] _order = [];

    /// <summary>Makes a learner with freshly drawn weights.</summary>
    /// <param name="observationSize">Size of a raw observation.</param>
    /// <param name="actions">What to choose from, discrete or continuous.</param>
    /// <param name="options">Settings.</param>
    /// <param name="seed">Seed of the initial weights and of the minibatches.</param>
    /// <exception cref="ArgumentException">A setting is out of range; the message names all of them.</exception>
    public PpoLearner(int observationSize, ActionSpace actions, PpoOptions options, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(options);
        Numbers.ThrowIfAny(options.Validate("Learner:Ppo"));
        _options = options;
        _state = new OnPolicyState(observationSize, actions, options.Network, options.StepsPerUpdate, SwapRule, options.Discount, seed);
        _optimiser = new FlatOptimiser(OptimiserKind.Adam, options.LearningRate, _state.Parameters.Length);
        Report(default, default, default, default);
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
        _optimiser.Scale = _options.StepDecay.Factor(_state.Learned);
        Ensure(steps);
        Span<float> advantages = _advantages.AsSpan(0, steps),
            targets = _targets.AsSpan(0, steps);

        // A_t by GAE, R_t = A_t + V(s_t).
        Advantages.Generalised(
            _state.Rewards,
            _state.Values,
            _state.NextValues,
            _state.Bootstraps,
            _state.Continues,
            _options.Discount,
            _options.Lambda,
            advantages
        );
        for (int t = 0; t < steps; t++)
        {
            targets[t] = advantages[t] + _state.Values[t];
        }

        if (_options.StandardiseAdvantages)
        {
            Advantages.Standardise(advantages);
        }

        Sums sums = default;
        for (int epoch = 0; epoch < _options.Epochs && !sums.Stopped; epoch++)
        {
            _state.Random.Shuffle(_order.AsSpan(0, steps));
            sums = default;
            for (int start = 0; start < steps; start += _options.BatchSize)
            {
                Step(_order.AsSpan(start, Math.Min(_options.BatchSize, steps - start)), ref sums);
            }

            // KL(pi_old, pi) by its low-variance estimate E[(rho - 1) - log rho] (J. Schulman, "Approximating KL divergence").
            sums.Stopped = _options.TargetKl > 0 && sums.Kl / steps > _options.TargetKl;
        }

        Report(sums.Kl / steps, sums.Clipped / steps, sums.Entropy / steps, sums.ValueLoss / steps);
        _state.Finish();
    }

    /// <summary>One minibatch.</summary>
    private void Step(ReadOnlySpan<int> batch, ref Sums sums)
    {
        Array.Clear(_state.Gradient);
        foreach (int t in batch)
        {
            _state.Network.Forward(_state.Parameters, _state.Input(t));
            (float logProbability, float entropy) = _state.Score.Evaluate(_state.Network.Output, _state.Rollout.Action(t));

            // L^CLIP = E[min(rho A, clip(rho, 1 - eps, 1 + eps) A)]: no gradient where the clip is the smaller. [arXiv 1707.06347 eq. 7]
            float logRatio = logProbability - _state.Rollout.LogProbabilities[t],
                ratio = MathF.Exp(logRatio),
                advantage = _advantages[t];
            float slope = ClippedSlope(ratio, advantage, (float)_options.Clip);

            // c1 (V - R)^2 / 2 is descended, c2 H ascended. [arXiv 1707.06347 eq. 9]
            float error = _state.Network.Value - _targets[t];
            for (int i = 0; i < _state.OutputGradient.Length; i++)
            {
                _state.OutputGradient[i] =
                    ((slope * _state.Score.ScoreGradient[i]) + ((float)_options.EntropyCoefficient * _state.Score.EntropyGradient[i]))
                    / batch.Length;
            }

            _state.Network.Accumulate(
                _state.Parameters,
                _state.OutputGradient,
                -(float)_options.ValueCoefficient * error / batch.Length,
                _state.Gradient
            );
            sums.Kl += ratio - 1 - logRatio;
            sums.Clipped += slope == 0 ? 1 : 0;
            sums.Entropy += entropy;
            sums.ValueLoss += 0.5f * error * error;
        }

        if (_state.BoundGradient(_options.MaxGradientNorm, policy: true))
        {
            _optimiser.Ascend(_state.Parameters, _state.Gradient);
        }
    }

    /// <summary>
    /// d min(rho A, clip(rho) A) / d log pi = rho A, or 0 where the ratio has left the clip in the direction that the advantage
    /// pushes.
    /// </summary>
    internal static float ClippedSlope(float ratio, float advantage, float clip) =>
        (advantage > 0 && ratio > 1 + clip) || (advantage < 0 && ratio < 1 - clip) ? 0 : ratio * advantage;

    /// <inheritdoc/>
    public void CopyPolicy(PolicyBlock destination) => _state.CopyPolicy(destination);

    /// <inheritdoc/>
    public void RevertPolicy(PolicyBlock source)
    {
        _state.RevertPolicy(source);
        _optimiser.Restart();
    }

    /// <inheritdoc/>
    public void EstimateValues(ReadOnlySpan<float> observations, Span<float> values) => _state.EstimateValues(observations, values);

    /// <inheritdoc/>
    public void Save(IStateWriter writer)
    {
        _state.Save(writer);
        _optimiser.Save(writer, "optimiser");
    }

    /// <inheritdoc/>
    public void Load(IStateReader reader)
    {
        _state.Load(reader);
        _optimiser.Load(reader, "optimiser");
    }

    /// <summary>Nothing to release: no native memory.</summary>
    public void Dispose() { }

    private void Ensure(int steps)
    {
        if (_advantages.Length < steps)
        {
            (_advantages, _targets, _order) = (new float[steps], new float[steps], new int[steps]);
        }

        for (int t = 0; t < steps; t++)
        {
            _order[t] = t;
        }
    }

    private void Report(float kl, float clipped, float entropy, float valueLoss)
    {
        _metrics[0] = new("policy/kl", kl);
        _metrics[1] = new("policy/clipped", clipped);
        _metrics[2] = new("policy/entropy", entropy);
        _metrics[3] = new("loss/critic", valueLoss);
        _metrics[4] = new("rollout/steps", _state.Rollout.Count);
        _metrics[5] = new("rollout/refused", _state.Refused);
    }

    private struct Sums
    {
        public float Kl,
            Clipped,
            Entropy,
            ValueLoss;
        public bool Stopped;
    }
}
