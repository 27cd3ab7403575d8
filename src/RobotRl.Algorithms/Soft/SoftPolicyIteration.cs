namespace RobotRl.Algorithms.Soft;

/// <summary>
/// Soft policy iteration: evaluate pi, set pi to the softmax of its Q, repeat [arXiv 1801.01290 section 4.1, Theorem 1]. This is
/// what SAC approximates, with the model known and no network. Symbols: Q (<see cref="Q"/>) and pi (<see cref="Policy"/>) are
/// tables [states, actions].
/// </summary>
/// <remarks>
/// <para>Deviations from the source: alpha stands in the formulas (there it is 1, section 3.2), and the policies to choose from are
/// all distributions, so that the projection of eq. 4 is the softmax itself.</para>
/// <para>Not thread safe: one owner per instance.</para>
/// </remarks>
public sealed class SoftPolicyIteration
{
    private readonly FiniteMdp _mdp;
    private readonly SoftPolicyEvaluation _evaluation;
    private readonly double[] _policy,
        _q,
        _values,
        _optimal;
    private readonly double _tolerance;

    /// <summary>Starts at the uniform policy.</summary>
    /// <param name="mdp">The model.</param>
    /// <param name="temperature">alpha, the weight of a nat of entropy in units of reward; finite, above 0.</param>
    /// <param name="tolerance">
    /// Largest error of the Q that <see cref="Run"/> ends with, in units of reward, above 0. Evaluations are held to (1 - gamma) / 4 of it,
    /// and refuse where rounding keeps them above that: at gamma = 0.99 and Q near 500, a tolerance of 1e-7 passes and 1e-8 does not.
    /// </param>
    /// <exception cref="ArgumentException">The temperature or the tolerance is out of range.</exception>
    public SoftPolicyIteration(FiniteMdp mdp, double temperature, double tolerance)
    {
        _evaluation = new SoftPolicyEvaluation(mdp, temperature);
        (_mdp, _tolerance) = (mdp, Distributions.Tolerance(tolerance));
        (_policy, _q, _values, _optimal) = (new double[mdp.Pairs], new double[mdp.Pairs], new double[mdp.States], new double[mdp.Pairs]);
        Array.Fill(_policy, 1.0 / mdp.Actions);
    }

    /// <summary>pi, [states, actions].</summary>
    public ReadOnlySpan<double> Policy => _policy;

    /// <summary>Q of the policy before the newest improvement, [states, actions]; zeros before the first step.</summary>
    public ReadOnlySpan<double> Q => _q;

    /// <summary>
    /// One evaluation and one improvement; Q is nowhere below that of the step before, but for the evaluation's error [Lemma 2].
    /// </summary>
    /// <returns>A bound on max |Q - Q*|: the residual of the optimal soft operator, max |T* Q - Q| / (1 - gamma).</returns>
    /// <exception cref="InvalidOperationException">The tolerance is below what rounding allows, or values overflowed.</exception>
    public double Step()
    {
        // A quarter of (1 - gamma): an error e of Q adds up to (1 + gamma) e / (1 - gamma) to the bound, so half of the tolerance is left.
        _evaluation.Evaluate(_policy, _q, 0.25 * (1 - _mdp.Discount) * _tolerance);

        // pi_new(.|s) = argmin KL(pi'(.|s) || exp(Q(s,.) / alpha) / Z(s)) [eq. 4]
        SoftMaximum.Policy(_q, _mdp.Actions, _evaluation.Temperature, _policy);

        SoftMaximum.Values(_q, _mdp.Actions, _evaluation.Temperature, _values);
        _q.CopyTo(_optimal, 0);
        return _mdp.Backup(_values, _optimal) / (1 - _mdp.Discount);
    }

    /// <summary>Steps until max |Q - Q*| is within the tolerance.</summary>
    /// <returns>Steps taken.</returns>
    /// <exception cref="InvalidOperationException">The tolerance is below what rounding allows, or values overflowed.</exception>
    public int Run()
    {
        // T* Q^pi <= Q^pi_new <= Q*, hence max |Q* - Q_k| <= gamma^k max |Q* - Q_0|; the bound is at most 2 / (1 - gamma) times it.
        double slack = 2 / (1 - _mdp.Discount);
        return FixedPoint.Run("Soft policy iteration", _mdp.Discount, _tolerance, slack, Step);
    }
}
