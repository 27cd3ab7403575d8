namespace RobotRl.Algorithms.Soft;

/// <summary>
/// A Markov decision process with finitely many states and actions whose model is known: P(s'|s,a), r(s,a) and gamma.
/// Tables that algorithms keep over it are flat and row-major: [states, actions] at <c>s * Actions + a</c>.
/// </summary>
/// <remarks>Immutable: any thread may read it. There is no terminal flag; a state that only leads to itself with reward 0 is one.</remarks>
public sealed class FiniteMdp
{
    /// <summary>How far the sum of a distribution may lie from 1: rounding of some thousand summands, not a mistake.</summary>
    internal const double SumTolerance = 1e-9;

    private readonly double[] _transitions,
        _rewards;

    /// <summary>Copies and checks a model.</summary>
    /// <param name="states">Number of states, at least 1.</param>
    /// <param name="actions">Number of actions in every state, at least 1.</param>
    /// <param name="transitions">P(s'|s,a), [states, actions, states]; every row over s' is a distribution.</param>
    /// <param name="rewards">r(s,a), [states, actions], finite: the expectation where rewards are random.</param>
    /// <param name="discount">gamma, in [0, 1): below 1, or the operators are no contractions.</param>
    /// <exception cref="ArgumentException">Something is outside its range; the message names the first such entry.</exception>
    public FiniteMdp(int states, int actions, ReadOnlySpan<double> transitions, ReadOnlySpan<double> rewards, double discount)
    {
        if (states < 1 || actions < 1)
        {
            throw new ArgumentException($"MDP: {states} states and {actions} actions; both must be at least 1.");
        }

        if (!(discount >= 0 && discount < 1))
        {
            throw new ArgumentException(FormattableString.Invariant($"MDP: discount {discount} is outside [0, 1)."), nameof(discount));
        }

        long pairs = (long)states * actions;
        if (rewards.Length != pairs)
        {
            throw new ArgumentException(
                $"MDP: {rewards.Length} rewards for {states} states and {actions} actions; give {pairs}, [states, actions].",
                nameof(rewards)
            );
        }

        if (transitions.Length != pairs * states)
        {
            throw new ArgumentException(
                $"MDP: {transitions.Length} transition probabilities for {states} states and {actions} actions; give "
                    + $"{pairs * states}, [states, actions, states].",
                nameof(transitions)
            );
        }

        for (int row = 0; row < rewards.Length; row++)
        {
            string? fault = double.IsFinite(rewards[row])
                ? Distributions.Fault(transitions.Slice(row * states, states), "to state")
                : FormattableString.Invariant($"reward {rewards[row]} is not finite.");
            if (fault is not null)
            {
                throw new ArgumentException($"MDP: state {row / actions}, action {row % actions}: {fault}");
            }
        }

        (States, Actions, Discount) = (states, actions, discount);
        (_transitions, _rewards) = (transitions.ToArray(), rewards.ToArray());
    }

    /// <summary>Number of states.</summary>
    public int States { get; }

    /// <summary>Number of actions in every state.</summary>
    public int Actions { get; }

    /// <summary>gamma, in [0, 1).</summary>
    public double Discount { get; }

    /// <summary>Length of a table over state and action: <see cref="States"/> * <see cref="Actions"/>.</summary>
    public int Pairs => _rewards.Length;

    /// <summary>r(s,a), [states, actions].</summary>
    public ReadOnlySpan<double> Rewards => _rewards;

    /// <summary>P(.|s,a), [states].</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such state or action.</exception>
    public ReadOnlySpan<double> Next(int state, int action)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(state);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(state, States);
        ArgumentOutOfRangeException.ThrowIfNegative(action);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(action, Actions);
        return _transitions.AsSpan(((state * Actions) + action) * States, States);
    }

    /// <summary>Q(s,a) = r(s,a) + gamma sum_s' P(s'|s,a) V(s') [arXiv 1801.01290 eq. 2].</summary>
    /// <param name="values">V, [states].</param>
    /// <param name="q">Receives Q, [states, actions].</param>
    /// <returns>The largest change |Q - Q before| that it made.</returns>
    internal double Backup(ReadOnlySpan<double> values, Span<double> q)
    {
        double largest = 0;
        for (int row = 0; row < _rewards.Length; row++)
        {
            double expected = 0;
            ReadOnlySpan<double> next = _transitions.AsSpan(row * States, States);
            for (int s = 0; s < next.Length; s++)
            {
                expected += next[s] * values[s];
            }

            double updated = _rewards[row] + (Discount * expected);
            largest = Math.Max(largest, Math.Abs(updated - q[row]));
            q[row] = updated;
        }

        return largest;
    }

    /// <summary>
    /// How far <paramref name="q"/> may be from the fixed point in the maximum norm: (gamma * change + u max |Q|) / (1 - gamma). The first
    /// term is a contraction's; the second is one rounding a sweep, u = 2^-52, without which a sweep that changes nothing would look exact.
    /// </summary>
    internal double ErrorBound(double change, ReadOnlySpan<double> q)
    {
        double largest = 0;
        foreach (double value in q)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        return ((Discount * change) + ((double.BitIncrement(1) - 1) * largest)) / (1 - Discount);
    }

    /// <summary>Throws where <paramref name="length"/> is not that of a table over state and action.</summary>
    internal void RequireTable(int length, string what)
    {
        if (length != Pairs)
        {
            throw new ArgumentException($"{what} has {length} entries; the MDP needs {Pairs}, [{States} states, {Actions} actions].");
        }
    }

    /// <summary>Throws where <paramref name="q"/> is no table of finite numbers.</summary>
    internal void RequireQ(ReadOnlySpan<double> q)
    {
        RequireTable(q.Length, "Q");
        for (int row = 0; row < q.Length; row++)
        {
            if (!double.IsFinite(q[row]))
            {
                throw new ArgumentException(
                    FormattableString.Invariant($"Q: state {row / Actions}, action {row % Actions}: {q[row]} is not finite.")
                );
            }
        }
    }
}
