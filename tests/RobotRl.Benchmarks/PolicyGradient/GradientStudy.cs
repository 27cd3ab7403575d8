using RobotRl.Algorithms;
using RobotRl.Algorithms.Experience;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.PolicyGradient;
using RobotRl.Algorithms.Randomness;
using RobotRl.Algorithms.Spaces;

namespace RobotRl.Benchmarks.PolicyGradient;

/// <summary>
/// Estimates of a policy gradient on a small Markov decision process whose objective, values and gradient are known exactly:
/// three states, two actions, noisy
/// rewards, an end with probability 0.15 after each step. The policy is a network of fixed weights; nothing learns.
/// </summary>
/// <remarks>The estimates are those of the product: ReinforceGradient and Advantages, on rollouts of whole episodes.</remarks>
internal sealed class GradientStudy
{
    public const double Discount = 0.9,
        EndProbability = 0.15,
        RewardDeviation = 1;
    public const int EpisodesPerRollout = 10;

    private const int States = 3,
        Actions = 2;

    /// <summary>r(s, a), mean.</summary>
    private static readonly double[,] s_rewards =
    {
        { 3, 1 },
        { 0.5, 4 },
        { 1, 2 },
    };

    /// <summary>P(s' | s, a) where the episode goes on.</summary>
    private static readonly double[,,] s_transitions =
    {
        {
            { 0.7, 0.2, 0.1 },
            { 0.1, 0.6, 0.3 },
        },
        {
            { 0.3, 0.3, 0.4 },
            { 0.2, 0.1, 0.7 },
        },
        {
            { 0.5, 0.4, 0.1 },
            { 0.1, 0.1, 0.8 },
        },
    };

    private readonly OnPolicyState _state;
    private readonly CounterRandom _random;
    private readonly MlpShape _shape;
    private readonly List<int> _visited = [],
        _next = [];
    private long _sequence;

    public GradientStudy(ulong seed)
    {
        var options = new OnPolicyNetworkOptions { HiddenWidth = 4, HiddenLayers = 1 };
        _state = new OnPolicyState(States, new DiscreteActionSpace(Actions), options, 1, SwapRule.EpisodeEnd, Discount, seed);
        _random = new CounterRandom(seed, RandomPurpose.Simulation);
        _shape = _state.Policy.Network;
        _random.FillGaussian(_state.Parameters.AsSpan(0, _shape.ParameterCount));
        double[] at = [.. _state.Parameters.Take(_shape.ParameterCount).Select(p => (double)p)];
        (Value, Objective) = (Values(at), Expected(at));
        Gradient = new double[at.Length];
        for (int i = 0; i < at.Length; i++)
        {
            double centre = at[i];
            at[i] = centre + 1e-6;
            double above = Expected(at);
            at[i] = centre - 1e-6;
            Gradient[i] = (above - Expected(at)) / 2e-6;
            at[i] = centre;
        }
    }

    /// <summary>J: the mean discounted return of an episode, over even starts.</summary>
    public double Objective { get; }

    /// <summary>dJ/d theta, by central differences of the exact objective.</summary>
    public double[] Gradient { get; }

    /// <summary>V of the policy, by state.</summary>
    public double[] Value { get; }

    /// <summary>A critic that is wrong in a known way, by state: too flat, and too low.</summary>
    public double[] WrongValue => [.. Value.Select(v => (0.4 * (v - Value.Average())) + (0.8 * Value.Average()))];

    /// <summary>What is estimated how.</summary>
    /// <param name="Name">For the table.</param>
    /// <param name="Return">Full return or reward-to-go.</param>
    /// <param name="Placement">Of the discount.</param>
    /// <param name="Baseline">What is taken off.</param>
    /// <param name="Critic">V by state, for the state-value baseline and for lambda.</param>
    /// <param name="Lambda">Of generalised advantages; NaN for returns.</param>
    public sealed record Estimator(
        string Name,
        ReturnKind Return = ReturnKind.RewardToGo,
        DiscountPlacement Placement = DiscountPlacement.FromStart,
        BaselineKind Baseline = BaselineKind.None,
        double[]? Critic = null,
        double Lambda = double.NaN
    );

    /// <summary>Mean and variance of an estimator over many rollouts.</summary>
    /// <param name="Mean">By parameter.</param>
    /// <param name="Variance">By parameter, of one rollout's estimate.</param>
    /// <param name="Rollouts">How many.</param>
    public sealed record Moments(double[] Mean, double[] Variance, int Rollouts)
    {
        /// <summary>Sum of the variances of all parameters.</summary>
        public double TotalVariance => Variance.Sum();

        /// <summary>|mean - exact|.</summary>
        public double Bias(double[] exact) => Math.Sqrt(Mean.Zip(exact, (m, e) => (m - e) * (m - e)).Sum());

        /// <summary>What <see cref="Bias"/> is of sampling alone: sqrt(sum of variances / rollouts).</summary>
        public double Noise => Math.Sqrt(TotalVariance / Rollouts);

        /// <summary>The largest |mean - exact| in standard errors.</summary>
        public double LargestDeviation(double[] exact) =>
            Mean.Select((m, i) => Math.Abs(m - exact[i]) / Math.Sqrt((Variance[i] / Rollouts) + 1e-18)).Max();
    }

    /// <summary>
    /// All estimators on the same rollouts; the last entry of each pair is the difference from the first estimator, rollout by
    /// rollout.
    /// </summary>
    public (Moments Own, Moments Difference)[] Measure(IReadOnlyList<Estimator> estimators, int rollouts)
    {
        int size = _shape.ParameterCount;
        double[][] sums = Make(),
            squares = Make(),
            differences = Make(),
            differenceSquares = Make();
        double[][] Make() => [.. estimators.Select(_ => new double[size])];
        ReinforceGradient[] gradients =
        [
            .. estimators.Select(e => new ReinforceGradient(
                _state,
                new ReinforceOptions
                {
                    Discount = Discount,
                    Return = e.Return,
                    Placement = e.Placement,
                    Baseline = e.Baseline,
                }
            )),
        ];
        float[] first = new float[size];
        for (int rollout = 0; rollout < rollouts; rollout++)
        {
            Sample();
            for (int k = 0; k < estimators.Count; k++)
            {
                Estimate(estimators[k], gradients[k]);
                if (k == 0)
                {
                    _state.Gradient.AsSpan(0, size).CopyTo(first);
                }

                for (int i = 0; i < size; i++)
                {
                    double g = _state.Gradient[i],
                        d = g - first[i];
                    sums[k][i] += g;
                    squares[k][i] += g * g;
                    differences[k][i] += d;
                    differenceSquares[k][i] += d * d;
                }
            }

            _state.Rollout.Clear();
        }

        return [.. estimators.Select((_, k) => (Summarise(sums[k], squares[k]), Summarise(differences[k], differenceSquares[k])))];

        Moments Summarise(double[] sum, double[] square) =>
            new([.. sum.Select(s => s / rollouts)], [.. sum.Zip(square, (s, q) => (q - (s * s / rollouts)) / (rollouts - 1))], rollouts);
    }

    /// <summary>Whole episodes by the policy.</summary>
    private void Sample()
    {
        _visited.Clear();
        _next.Clear();
        for (int episode = 0; episode < EpisodesPerRollout; episode++)
        {
            int state = _random.NextInt32(States);
            for (bool ended = false; !ended; )
            {
                float[] output = [.. _state.Network.OutputAt(_state.Parameters, OneHot(state))];
                int action = _random.NextSingle() < 1 / (1 + Math.Exp(output[1] - output[0])) ? 0 : 1;
                float reward = (float)(s_rewards[state, action] + (RewardDeviation * _random.NextGaussian()));
                ended = _random.NextSingle() < EndProbability;
                float draw = _random.NextSingle();
                int next =
                    draw < s_transitions[state, action, 0] ? 0
                    : draw < s_transitions[state, action, 0] + s_transitions[state, action, 1] ? 1
                    : 2;
                float[] choice = [action];
                _state.Rollout.Add(
                    new Transition
                    {
                        Observation = OneHot(state),
                        NextObservation = OneHot(next),
                        Proposed = choice,
                        PreSquash = choice,
                        Executed = choice,
                        Reward = reward,
                        End = ended ? EpisodeEnd.Terminated : EpisodeEnd.None,
                        Learnable = true,
                        Sequence = _sequence++,
                    },
                    choice
                );
                _visited.Add(state);
                _next.Add(next);
                state = next;
            }
        }

        _state.Prepare();
    }

    private void Estimate(Estimator estimator, ReinforceGradient gradient)
    {
        int steps = _visited.Count;
        for (int t = 0; t < steps; t++)
        {
            _state.Values[t] = estimator.Critic is { } critic ? (float)critic[_visited[t]] : 0;
            _state.NextValues[t] = estimator.Critic is { } next ? (float)next[_next[t]] : 0;
        }

        if (double.IsNaN(estimator.Lambda))
        {
            gradient.Compute();
            return;
        }

        // (1/N) sum of gamma^t grad log pi(a_t|s_t) A_t(lambda).
        float[] advantages = new float[steps],
            factors = new float[steps],
            outputs = new float[Actions];
        Advantages.Generalised(
            _state.Rollout.Rewards,
            _state.Values,
            _state.NextValues,
            _state.Bootstraps,
            _state.Continues,
            Discount,
            estimator.Lambda,
            advantages
        );
        Advantages.FromStart(_state.Continues, Discount, factors);
        Array.Clear(_state.Gradient);
        for (int t = 0; t < steps; t++)
        {
            _state.Score.Evaluate(_state.Network.OutputAt(_state.Parameters, _state.Input(t)), _state.Rollout.Action(t));
            for (int i = 0; i < Actions; i++)
            {
                outputs[i] = factors[t] * advantages[t] * _state.Score.ScoreGradient[i] / EpisodesPerRollout;
            }

            _state.Network.AccumulatePolicy(_state.Parameters, outputs, _state.Gradient);
        }
    }

    private double Expected(double[] parameters) => Values(parameters).Average();

    /// <summary>V = r + gamma (1 - end) P V, iterated to its fixed point.</summary>
    private double[] Values(double[] parameters)
    {
        double[][] policy = [.. Enumerable.Range(0, States).Select(s => Softmax(Forward(parameters, s)))];
        double[] values = new double[States];
        for (int sweep = 0; sweep < 400; sweep++)
        {
            values =
            [
                .. Enumerable
                    .Range(0, States)
                    .Select(s =>
                        Enumerable
                            .Range(0, Actions)
                            .Sum(a =>
                                policy[s][a]
                                * (
                                    s_rewards[s, a]
                                    + (
                                        Discount
                                        * (1 - EndProbability)
                                        * Enumerable.Range(0, States).Sum(n => s_transitions[s, a, n] * values[n])
                                    )
                                )
                            )
                    ),
            ];
        }

        return values;
    }

    /// <summary>The network in double precision: one hidden layer of tanh; a one-hot input picks a row.</summary>
    private double[] Forward(double[] p, int state)
    {
        int hidden = _shape.Hidden[0],
            bias = _shape.BiasOffset(0),
            weights = _shape.WeightOffset(1),
            outputBias = _shape.BiasOffset(1);
        double[] h = [.. Enumerable.Range(0, hidden).Select(j => Math.Tanh(p[(state * hidden) + j] + p[bias + j]))];
        return
        [
            .. Enumerable.Range(0, Actions).Select(a => p[outputBias + a] + h.Select((x, j) => x * p[weights + (j * Actions) + a]).Sum()),
        ];
    }

    private static double[] Softmax(double[] logits)
    {
        double total = logits.Sum(Math.Exp);
        return [.. logits.Select(l => Math.Exp(l) / total)];
    }

    private static float[] OneHot(int state)
    {
        float[] observation = new float[States];
        observation[state] = 1;
        return observation;
    }
}
