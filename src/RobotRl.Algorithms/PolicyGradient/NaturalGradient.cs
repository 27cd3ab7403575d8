using RobotRl.Algorithms.Kernels;

namespace RobotRl.Algorithms.PolicyGradient;

/// <summary>
/// The policy gradient g of a prepared rollout, and the direction x = (F + damping I)^-1 g, F the Fisher information of the policy averaged
/// over the rollout's states.
/// </summary>
/// <remarks>
/// F is never formed: F v = mean over states of J^T F_out J v, with J v a forward pass of tangents, F_out the Fisher information in the
/// network's outputs (closed form) and J^T a backward pass. [arXiv 1502.05477 appendix C.1; S. Kakade, "A natural policy gradient", 2001]
/// </remarks>
internal sealed class NaturalGradient
{
    private readonly OnPolicyState _state;
    private readonly double _damping;
    private readonly ConjugateGradient _solver;
    private readonly float[] _weighted;
    private readonly Action<float[], float[]> _multiply;

    /// <summary>Makes buffers.</summary>
    /// <param name="state">The learner's state.</param>
    /// <param name="damping">Added to F's diagonal.</param>
    public NaturalGradient(OnPolicyState state, double damping)
    {
        (_state, _damping) = (state, damping);
        int policy = state.Network.ActorCount;
        (Gradient, Direction, _weighted) = (new float[policy], new float[policy], new float[state.Score.Outputs]);
        _solver = new ConjugateGradient(policy);
        _multiply = Multiply;
    }

    /// <summary>g, [policy's parameters].</summary>
    public float[] Gradient { get; }

    /// <summary>x, [policy's parameters].</summary>
    public float[] Direction { get; }

    /// <summary>g . x.</summary>
    public double Slope { get; private set; }

    /// <summary>x . (F + damping I) x: twice the divergence that a step of x makes, to second order.</summary>
    public double Curvature { get; private set; }

    /// <summary>Mean entropy of the policy over the rollout's states.</summary>
    public float Entropy { get; private set; }

    /// <summary>Computes everything; false where something is not finite or there is no direction to go.</summary>
    /// <param name="advantages">A_t, [steps].</param>
    /// <param name="iterations">Of conjugate gradient, at most.</param>
    public bool Compute(ReadOnlySpan<float> advantages, int iterations)
    {
        // g = mean of grad log pi(a_t|s_t) A_t: the gradient of mean rho A where rho is 1. [arXiv 1502.05477 eq. 14; 1506.02438 eq. 1]
        Array.Clear(Gradient);
        Entropy = 0;
        for (int t = 0; t < advantages.Length; t++)
        {
            (_, float entropy) = _state.Score.Evaluate(
                _state.Network.OutputAt(_state.Parameters, _state.Input(t)),
                _state.Rollout.Action(t)
            );
            for (int i = 0; i < _weighted.Length; i++)
            {
                _weighted[i] = advantages[t] * _state.Score.ScoreGradient[i] / advantages.Length;
            }

            _state.Network.AccumulatePolicy(_state.Parameters, _weighted, Gradient);
            Entropy += entropy / advantages.Length;
        }

        _solver.Solve(_multiply, Gradient, Direction, iterations);
        Multiply(Direction, _state.Gradient);
        Slope = SampleKernels.WideDot(Gradient, Direction);
        Curvature = SampleKernels.WideDot(Direction, _state.Gradient.AsSpan(0, Direction.Length));
        bool finite = double.IsFinite(Slope) && double.IsFinite(Curvature);
        _state.CountStep(finite, policy: true);
        return finite && Slope > 0 && Curvature > 0;
    }

    /// <summary>
    /// destination = (F + damping I) vector, with the state's present parameters and rollout; both [at least the policy's
    /// parameters].
    /// </summary>
    public void Multiply(float[] vector, float[] destination)
    {
        int policy = _state.Network.ActorCount,
            steps = _state.Rollout.Count;
        Span<float> product = destination.AsSpan(0, policy);
        product.Clear();
        for (int t = 0; t < steps; t++)
        {
            ReadOnlySpan<float> output = _state.Network.OutputAt(_state.Parameters, _state.Input(t));
            PolicyDivergence.Fisher(_state.Score.Head, output, _state.Network.OutputTangent(_state.Parameters, vector), _weighted);
            foreach (ref float weight in _weighted.AsSpan())
            {
                weight /= steps;
            }

            _state.Network.AccumulatePolicy(_state.Parameters, _weighted, product);
        }

        for (int i = 0; i < policy; i++)
        {
            product[i] += (float)_damping * vector[i];
        }
    }
}
