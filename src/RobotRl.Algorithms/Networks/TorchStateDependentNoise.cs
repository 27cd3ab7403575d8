#if TORCH
using RobotRl.Algorithms.Policies;
using RobotRl.Algorithms.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Networks;

/// <summary>
/// <see cref="StateDependentNoise"/> on TorchSharp: the learner's side of gSDE (arXiv 2005.05719), from a policy's mean, its last hidden
/// layer phi(s) and log sigma [features x action] to [mean, log standard deviation], and back. No operation allocates.
/// </summary>
internal sealed class TorchStateDependentNoise : IDisposable
{
    private readonly Tensor _mean,
        _features,
        _logSigma,
        _logSigmaGradient;
    private readonly Tensor _phiSquares,
        _squares,
        _squaresTransposed,
        _variance,
        _share,
        _headMean,
        _headLogStd;
    private readonly Tensor _backFeatures,
        _backPhiSquaresTransposed,
        _backVariance;
    private readonly Scalar _half = TorchArithmetic.Constant(0.5),
        _two = TorchArithmetic.Constant(2),
        _floor = TorchArithmetic.Constant(PolicyHeads.NoiseVarianceFloor);

    /// <summary>Makes buffers over a policy's pass and parameters.</summary>
    /// <param name="mean">The network's output, [rows, action]; borrowed.</param>
    /// <param name="features">Its last hidden layer, [rows, features]; borrowed.</param>
    /// <param name="backwardRows">Samples that go back: the first ones.</param>
    /// <param name="logSigma">[features x action], flat; owned from here on.</param>
    /// <param name="logSigmaGradient">Where its gradient goes, likewise.</param>
    public TorchStateDependentNoise(Tensor mean, Tensor features, int backwardRows, Tensor logSigma, Tensor logSigmaGradient)
    {
        long rows = mean.shape[0],
            actions = mean.shape[1],
            width = features.shape[1];
        (_mean, _features) = (mean, features);
        using (logSigma)
        using (logSigmaGradient)
        {
            (_logSigma, _logSigmaGradient) = (logSigma.view(width, actions), logSigmaGradient.view(width, actions));
        }

        _squares = zeros_like(_logSigma);
        _squaresTransposed = _squares.t();
        _phiSquares = zeros(rows, width, mean.dtype, mean.device);
        _variance = zeros(rows, actions, mean.dtype, mean.device);
        _share = zeros(backwardRows, actions, mean.dtype, mean.device);
        Head = zeros(rows, 2 * actions, mean.dtype, mean.device);
        _headMean = Head.narrow(1, 0, actions);
        _headLogStd = Head.narrow(1, actions, actions);
        FeatureGradient = zeros(backwardRows, width, mean.dtype, mean.device);
        _backFeatures = features.narrow(0, 0, backwardRows);
        _backVariance = _variance.narrow(0, 0, backwardRows);
        using Tensor back = _phiSquares.narrow(0, 0, backwardRows);
        _backPhiSquaresTransposed = back.t();
    }

    /// <summary>[mean, log standard deviation], after <see cref="Forward"/>, [rows, 2 x action].</summary>
    public Tensor Head { get; }

    /// <summary>
    /// Gradient at phi through the variance, after <see cref="Backward"/>, [backward rows, features]; 0 where phi is 0, as a
    /// ReLU's own is.
    /// </summary>
    public Tensor FeatureGradient { get; }

    /// <summary>log std_j = log(sum_i phi_i^2 sigma_ij^2 + 1e-6) / 2 beside the mean  [eqs. 6, 7].</summary>
    public void Forward()
    {
        _squares.copy_(_logSigma).mul_(_two).exp_();
        _phiSquares.copy_(_features).mul_(_features);
        _variance.addmm_(_phiSquares, _squares, beta: 0, alpha: 1).Increase(_floor);
        _headMean.copy_(_mean);
        _headLogStd.copy_(_variance).log_().mul_(_half);
    }

    /// <summary>
    /// With g = dJ/dlog std_j: dJ/dphi_i = sum_j g phi_i sigma_ij^2 / variance_j; dJ/dlog sigma_ij = sum over samples of
    /// g phi_i^2 sigma_ij^2 / variance_j. To be called before the policy's own pass goes back, which uses phi up.
    /// </summary>
    /// <param name="logStdGradient">g, [backward rows, action]; the gradient at the mean is the network's own.</param>
    public void Backward(Tensor logStdGradient)
    {
        _share.copy_(logStdGradient).div_(_backVariance);
        FeatureGradient.addmm_(_share, _squaresTransposed, beta: 0, alpha: 1).mul_(_backFeatures);
        _logSigmaGradient.addmm_(_backPhiSquaresTransposed, _share, beta: 0, alpha: 1).mul_(_squares);
    }

    public void Dispose()
    {
        foreach (
            Tensor tensor in (Tensor[])
                [
                    _logSigma,
                    _logSigmaGradient,
                    _phiSquares,
                    _squares,
                    _squaresTransposed,
                    _variance,
                    _share,
                    _headMean,
                    _headLogStd,
                    _backFeatures,
                    _backPhiSquaresTransposed,
                    _backVariance,
                    Head,
                    FeatureGradient,
                ]
        )
        {
            tensor.Dispose();
        }
    }
}
#endif
