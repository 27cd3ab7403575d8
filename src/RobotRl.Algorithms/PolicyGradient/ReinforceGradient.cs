using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Kernels;

namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>
/// The policy gradient of a rollout of whole episodes, per episode:
/// (1/N) sum over episodes, sum over t of gamma^t' grad log pi(a_t|s_t) (Q_t - b).
/// </summary>
/// <remarks>Works on a prepared <see cref="OnPolicyState"/> and leaves the gradient there. Not thread safe.</remarks>
internal sealed class ReinforceGradient(OnPolicyState state, ReinforceOptions options)
{
    private float[] _returns = [],
        _targets = [],
        _factors = [];

    // Optimal baseline, [episodes][policy parameters]: sums over an episode's steps of g and of g Q, both with gamma^t.
    private float[][] _scores = [],
        _products = [];
    private int[] _starts = [];
    private int _episodes;

    /// <summary>Rewards-to-go of the steps, for the state-value baseline, [steps].</summary>
    public ReadOnlySpan<float> Targets => _targets.AsSpan(0, state.Rollout.Count);

    /// <summary>Norm of the newest gradient.</summary>
    public float Norm { get; private set; }

    /// <summary>Mean baseline of the newest gradient; 0 where it is per parameter.</summary>
    public float MeanBaseline { get; private set; }

    /// <summary>Computes the gradient; returns the episodes' mean return.</summary>
    public float Compute()
    {
        int steps = state.Rollout.Count,
            policy = state.Network.ActorCount;
        Ensure(steps);
        Span<float> returns = _returns.AsSpan(0, steps),
            targets = _targets.AsSpan(0, steps),
            factors = _factors.AsSpan(0, steps);
        if (options.Baseline != BaselineKind.StateValue)
        {
            // Nobody stands in for what a time limit cut off.
            state.NextValues.Clear();
        }

        Advantages.RewardToGo(state.Rewards, state.NextValues, state.Bootstraps, state.Continues, options.Discount, targets);
        if (options.Return == ReturnKind.Full)
        {
            Advantages.FullReturn(state.Rewards, state.Continues, options.Discount, returns);
        }
        else
        {
            targets.CopyTo(returns);
        }

        factors.Fill(1);
        if (options.Placement == DiscountPlacement.FromStart && options.Return == ReturnKind.RewardToGo)
        {
            Advantages.FromStart(state.Continues, options.Discount, factors);
        }

        float mean = Split(targets);
        Array.Clear(state.Gradient);
        MeanBaseline = 0;
        if (options.Baseline == BaselineKind.Optimal && _episodes > 1)
        {
            WithOptimalBaseline(returns, factors, policy);
        }
        else
        {
            WithBaselinePerStep(returns, factors);
        }

        Norm = MathF.Sqrt(SampleKernels.Dot(state.Gradient, state.Gradient));
        return mean;
    }

    private void WithBaselinePerStep(ReadOnlySpan<float> returns, ReadOnlySpan<float> factors)
    {
        for (int episode = 0; episode < _episodes; episode++)
        {
            for (int t = _starts[episode]; t < _starts[episode + 1]; t++)
            {
                float baseline = options.Baseline switch
                {
                    BaselineKind.StateValue => state.Values[t],
                    BaselineKind.Average => Others(returns, episode, t - _starts[episode]),
                    _ => 0,
                };
                Score(t, factors[t] * (returns[t] - baseline) / _episodes);
                state.Network.AccumulatePolicy(state.Parameters, state.OutputGradient, state.Gradient);
                MeanBaseline += baseline / state.Rollout.Count;
            }
        }
    }

    /// <summary>Mean return of the other episodes at the same time step (of those that lasted so long; 0 of none).</summary>
    private float Others(ReadOnlySpan<float> returns, int episode, int time)
    {
        (float sum, int count) = (0, 0);
        for (int other = 0; other < _episodes; other++)
        {
            int t = _starts[other] + time;
            if (other != episode && t < _starts[other + 1])
            {
                sum += returns[t];
                count++;
            }
        }

        return count == 0 ? 0 : sum / count;
    }

    /// <summary>
    /// One baseline b for each parameter, subtracted from every Q_t: an episode contributes P - b S, with S = sum_t g_t and P =
    /// sum_t g_t Q_t. Since E[S] = 0 its
    /// variance is least at b = E[S P] / E[S^2], which for the full return is the course's E[g^2 r] / E[g^2] with g = S. Both
    /// means are the other episodes'.
    /// </summary>
    private void WithOptimalBaseline(ReadOnlySpan<float> returns, ReadOnlySpan<float> factors, int policy)
    {
        float[] one = new float[state.Gradient.Length];
        for (int episode = 0; episode < _episodes; episode++)
        {
            (float[] scores, float[] products) = (_scores[episode], _products[episode]);
            Array.Clear(scores);
            Array.Clear(products);
            for (int t = _starts[episode]; t < _starts[episode + 1]; t++)
            {
                Array.Clear(one);
                Score(t, factors[t]);
                state.Network.AccumulatePolicy(state.Parameters, state.OutputGradient, one);
                for (int p = 0; p < policy; p++)
                {
                    scores[p] += one[p];
                    products[p] += one[p] * returns[t];
                }
            }
        }

        for (int p = 0; p < policy; p++)
        {
            (float squares, float products) = (0, 0);
            for (int episode = 0; episode < _episodes; episode++)
            {
                squares += _scores[episode][p] * _scores[episode][p];
                products += _scores[episode][p] * _products[episode][p];
            }

            for (int episode = 0; episode < _episodes; episode++)
            {
                (float score, float product) = (_scores[episode][p], _products[episode][p]);
                float others = squares - (score * score);
                float baseline = others > 0 ? (products - (score * product)) / others : 0;
                state.Gradient[p] += (product - (baseline * score)) / _episodes;
            }
        }
    }

    /// <summary>weight x grad log pi(a_t|s_t) at the outputs.</summary>
    private void Score(int t, float weight)
    {
        state.Score.Evaluate(state.Network.OutputAt(state.Parameters, state.Input(t)), state.Rollout.Action(t));
        for (int i = 0; i < state.OutputGradient.Length; i++)
        {
            state.OutputGradient[i] = weight * state.Score.ScoreGradient[i];
        }
    }

    private float Split(ReadOnlySpan<float> targets)
    {
        float sum = 0;
        _episodes = 0;
        for (int t = 0; t < targets.Length; t++)
        {
            if (t == 0 || state.Continues[t - 1] == 0)
            {
                if (_starts.Length <= _episodes + 1)
                {
                    Array.Resize(ref _starts, 2 * (_episodes + 8));
                }

                _starts[_episodes++] = t;
                sum += targets[t];
            }
        }

        _starts[_episodes] = targets.Length;
        while (options.Baseline == BaselineKind.Optimal && _scores.Length < _episodes)
        {
            int policy = state.Network.ActorCount;
            (_scores, _products) = ([.. _scores, new float[policy]], [.. _products, new float[policy]]);
        }

        return sum / _episodes / state.RewardScale;
    }

    private void Ensure(int steps)
    {
        if (_returns.Length < steps)
        {
            (_returns, _targets, _factors) = (new float[steps], new float[steps], new float[steps]);
        }
    }
}
