namespace RobotRl.Algorithms.Soft;

/// <summary>
/// Soft policy evaluation: the soft Q-function of a fixed policy, by repeating the soft Bellman operator
/// [arXiv 1801.01290 section 4.1, Lemma 1]. Symbols: Q is a table [states, actions], V is [states], pi is [states, actions].
/// </summary>
/// <remarks>
/// <para>Deviation from the source: it writes alpha = 1 and leaves alpha to the reward's scale (section 3.2); here alpha stands.</para>
/// <para>V depends on Q before the sweep only, so that a sweep is T^pi exactly, though Q is overwritten in place.</para>
/// <para>Not thread safe: one owner per instance.</para>
/// </remarks>
public sealed class SoftPolicyEvaluation
{
    private readonly FiniteMdp _mdp;
    private readonly double[] _values;

    /// <summary>Evaluates policies of <paramref name="mdp"/>.</summary>
    /// <param name="mdp">The model.</param>
    /// <param name="temperature">alpha, the weight of a nat of entropy in units of reward; finite, above 0.</param>
    /// <exception cref="ArgumentException">The temperature is out of range.</exception>
    public SoftPolicyEvaluation(FiniteMdp mdp, double temperature)
    {
        ArgumentNullException.ThrowIfNull(mdp);
        (_mdp, Temperature, _values) = (mdp, Distributions.Temperature(temperature), new double[mdp.States]);
    }

    /// <summary>alpha.</summary>
    public double Temperature { get; }

    /// <summary>V(s) = sum_a pi(a|s) (Q(s,a) - alpha log pi(a|s)) [eq. 3]; an action of probability 0 counts nothing.</summary>
    /// <param name="policy">pi, [states, actions]; every row is a distribution.</param>
    /// <param name="q">Q, [states, actions].</param>
    /// <param name="values">Receives V, [states].</param>
    /// <exception cref="ArgumentException">A table has another length, Q is not finite or a row of pi is no distribution.</exception>
    public void StateValues(ReadOnlySpan<double> policy, ReadOnlySpan<double> q, Span<double> values)
    {
        Require(policy, q);
        if (values.Length != _mdp.States)
        {
            throw new ArgumentException($"V has {values.Length} entries; the MDP has {_mdp.States} states.", nameof(values));
        }

        Values(policy, q, values);
    }

    /// <summary>Q &lt;- T^pi Q, (T^pi Q)(s,a) = r(s,a) + gamma sum_s' P(s'|s,a) V(s') [eq. 2], once.</summary>
    /// <param name="policy">pi, [states, actions]; every row is a distribution.</param>
    /// <param name="q">Q, [states, actions]; overwritten.</param>
    /// <returns>max |T^pi Q - Q|.</returns>
    /// <exception cref="ArgumentException">A table has another length, Q is not finite or a row of pi is no distribution.</exception>
    public double Sweep(ReadOnlySpan<double> policy, Span<double> q)
    {
        Require(policy, q);
        Values(policy, q, _values);
        return _mdp.Backup(_values, q);
    }

    /// <summary>Sweeps until max |Q - Q^pi| is within <paramref name="tolerance"/>, by the last change and by rounding [Lemma 1].</summary>
    /// <param name="policy">pi, [states, actions]; every row is a distribution.</param>
    /// <param name="q">Where to start, [states, actions]; receives Q^pi.</param>
    /// <param name="tolerance">Largest error in units of reward, above 0.</param>
    /// <returns>Sweeps made.</returns>
    /// <exception cref="ArgumentException">A table has another length, Q is not finite, a row of pi is no distribution or the
    /// tolerance is out of range.</exception>
    /// <exception cref="InvalidOperationException">The tolerance is below what rounding allows, or values overflowed.</exception>
    public int Evaluate(ReadOnlySpan<double> policy, double[] q, double tolerance)
    {
        ArgumentNullException.ThrowIfNull(q);
        Require(policy, q);
        double[] pi = policy.ToArray();
        return FixedPoint.Run("Soft policy evaluation", _mdp.Discount, Distributions.Tolerance(tolerance), 1, () =>
        {
            Values(pi, q, _values);
            return _mdp.ErrorBound(_mdp.Backup(_values, q), q);
        });
    }

    private void Require(ReadOnlySpan<double> policy, ReadOnlySpan<double> q)
    {
        _mdp.RequireQ(q);
        _mdp.RequireTable(policy.Length, "Policy");
        for (int s = 0; s < _mdp.States; s++)
        {
            if (Distributions.Fault(policy.Slice(s * _mdp.Actions, _mdp.Actions), "of action") is { } fault)
            {
                throw new ArgumentException($"Policy: state {s}: {fault}", nameof(policy));
            }
        }
    }

    private void Values(ReadOnlySpan<double> policy, ReadOnlySpan<double> q, Span<double> values)
    {
        for (int s = 0, row = 0; s < values.Length; s++)
        {
            double value = 0;
            for (int a = 0; a < _mdp.Actions; a++, row++)
            {
                value += policy[row] > 0 ? policy[row] * (q[row] - (Temperature * Math.Log(policy[row]))) : 0;
            }

            values[s] = value;
        }
    }
}
