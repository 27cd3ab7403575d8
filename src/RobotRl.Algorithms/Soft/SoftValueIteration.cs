namespace RobotRl.Algorithms.Soft;

/// <summary>
/// Soft value iteration: the optimal soft Q-function without a policy in between, Q &lt;- r + gamma E[V(s')] with
/// V(s) = alpha log sum_a exp(Q(s,a) / alpha) [arXiv 1702.08165 Theorem 3]; what soft policy iteration is compared with.
/// </summary>
/// <remarks>Not thread safe: one owner per instance.</remarks>
public sealed class SoftValueIteration
{
    private readonly FiniteMdp _mdp;
    private readonly double[] _values;

    /// <summary>Solves <paramref name="mdp"/>.</summary>
    /// <param name="mdp">The model.</param>
    /// <param name="temperature">alpha, the weight of a nat of entropy in units of reward; finite, above 0.</param>
    /// <exception cref="ArgumentException">The temperature is out of range.</exception>
    public SoftValueIteration(FiniteMdp mdp, double temperature)
    {
        ArgumentNullException.ThrowIfNull(mdp);
        (_mdp, Temperature, _values) = (mdp, Distributions.Temperature(temperature), new double[mdp.States]);
    }

    /// <summary>alpha.</summary>
    public double Temperature { get; }

    /// <summary>Q &lt;- T* Q, (T* Q)(s,a) = r(s,a) + gamma sum_s' P(s'|s,a) alpha log sum_b exp(Q(s',b) / alpha), once.</summary>
    /// <param name="q">Q, [states, actions]; overwritten.</param>
    /// <returns>max |T* Q - Q|.</returns>
    /// <exception cref="ArgumentException">Q has another length or is not finite.</exception>
    public double Sweep(Span<double> q)
    {
        _mdp.RequireQ(q);
        SoftMaximum.Values(q, _mdp.Actions, Temperature, _values);
        return _mdp.Backup(_values, q);
    }

    /// <summary>Sweeps until max |Q - Q*| is within <paramref name="tolerance"/>, by the last change and by rounding.</summary>
    /// <param name="q">Where to start, [states, actions]; receives Q*.</param>
    /// <param name="tolerance">Largest error in units of reward, above 0.</param>
    /// <returns>Sweeps made.</returns>
    /// <exception cref="ArgumentException">Q has another length or is not finite, or the tolerance is out of range.</exception>
    /// <exception cref="InvalidOperationException">The tolerance is below what rounding allows, or values overflowed.</exception>
    public int Solve(double[] q, double tolerance)
    {
        ArgumentNullException.ThrowIfNull(q);
        return FixedPoint.Run("Soft value iteration", _mdp.Discount, Distributions.Tolerance(tolerance), 1, () =>
            _mdp.ErrorBound(Sweep(q), q)
        );
    }
}
