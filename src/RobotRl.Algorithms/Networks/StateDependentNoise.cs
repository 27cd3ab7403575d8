using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Policies;

namespace RobotRl.Algorithms.Networks;

/// <summary>
/// The learner's side of gSDE (Raffin, Kober, Stulp, arXiv 2005.05719): from a policy's mean, its last hidden layer phi(s) and log sigma
/// [features x action] to the output of a Gaussian policy, [mean, log standard deviation], and back. For one s the exploration
/// E^T phi(s) with E_ij = sigma_ij epsilon_ij is normal with variance sum_i phi_i^2 sigma_ij^2 (+ 1e-6, as in SB3).
/// </summary>
/// <remarks>
/// Deviation from Stable-Baselines3: each sample of a minibatch has noise of its own, where SB3 draws one E for all of them; the
/// distribution of each sample's action is the same. The mean is not clipped (SB3: to 2 by Hardtanh).
/// </remarks>
internal sealed unsafe class StateDependentNoise
{
    private readonly int _features,
        _actions;
    private readonly float* _squares,
        _variances;

    /// <summary>Takes buffers for <paramref name="rows"/> samples, of which the first <paramref name="backwardRows"/> go back.</summary>
    public StateDependentNoise(KernelMemory memory, int rows, int backwardRows, int features, int actions)
    {
        (_features, _actions) = (features, actions);
        _squares = memory.Floats((long)features * actions);
        _variances = memory.Floats((long)rows * actions);
        Head = memory.Matrix(rows, 2 * actions);
        HeadGradient = memory.Matrix(backwardRows, 2 * actions);
        FeatureGradient = memory.Matrix(backwardRows, features);
    }

    /// <summary>[mean, log standard deviation], after <see cref="Forward"/>, [rows x 2 action].</summary>
    public Matrix Head { get; }

    /// <summary>Where the gradient at <see cref="Head"/> is put before <see cref="Backward"/>.</summary>
    public Matrix HeadGradient { get; }

    /// <summary>Gradient at phi through the variance, after <see cref="Backward"/>; 0 where phi is 0, as a ReLU's own is.</summary>
    public Matrix FeatureGradient { get; }

    /// <summary>log std_j = log(sum_i phi_i^2 sigma_ij^2 + 1e-6) / 2 beside the mean.</summary>
    public void Forward(in Matrix mean, in Matrix features, float* logSigma)
    {
        for (int i = 0; i < _features * _actions; i++)
        {
            _squares[i] = MathF.Exp(2 * logSigma[i]);
        }

        for (int row = 0; row < Head.Rows; row++)
        {
            float* phi = features.Row(row),
                head = Head.Row(row);
            for (int a = 0; a < _actions; a++)
            {
                float variance = PolicyHeads.NoiseVarianceFloor;
                for (int i = 0; i < _features; i++)
                {
                    variance += phi[i] * phi[i] * _squares[(i * _actions) + a];
                }

                _variances[(row * _actions) + a] = variance;
                head[a] = mean.Row(row)[a];
                head[_actions + a] = 0.5f * MathF.Log(variance);
            }
        }
    }

    /// <summary>
    /// With g = dJ/dlog std_j: dJ/dphi_i = sum_j g phi_i sigma_ij^2 / variance_j; dJ/dlog sigma_ij = sum over samples of
    /// g phi_i^2 sigma_ij^2 / variance_j.
    /// </summary>
    public void Backward(in Matrix features, in Matrix meanGradient, float* logSigmaGradient)
    {
        new Span<float>(logSigmaGradient, _features * _actions).Clear();
        for (int row = 0; row < HeadGradient.Rows; row++)
        {
            float* phi = features.Row(row),
                head = HeadGradient.Row(row),
                to = FeatureGradient.Row(row);
            new Span<float>(to, _features).Clear();
            for (int a = 0; a < _actions; a++)
            {
                meanGradient.Row(row)[a] = head[a];
                float share = head[_actions + a] / _variances[(row * _actions) + a];
                for (int i = 0; i < _features; i++)
                {
                    float part = share * phi[i] * _squares[(i * _actions) + a];
                    to[i] += part;
                    logSigmaGradient[(i * _actions) + a] += part * phi[i];
                }
            }
        }
    }
}
