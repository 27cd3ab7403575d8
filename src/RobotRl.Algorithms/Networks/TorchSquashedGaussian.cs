#if TORCH
using RobotRl.Algorithms.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Networks;

/// <summary>
/// The policy a = tanh(u), u = mu + sigma epsilon, on a network's output [mu, log sigma], with its log-density and the gradient
/// through both (arXiv 1812.05905 appendix C). No operation allocates.
/// </summary>
internal sealed class TorchSquashedGaussian : IDisposable
{
    private readonly Tensor _mean,
        _rawLogStd,
        _logStd,
        _std,
        _preSquash,
        _density,
        _scratch,
        _ones;
    private readonly Tensor _backNoise,
        _backStd,
        _backLogStd,
        _backRawLogStd,
        _backAction,
        _backScratch,
        _meanGradient,
        _logStdGradient;
    private readonly Scalar _minimum,
        _maximum,
        _one = TorchArithmetic.Constant(1),
        _two = TorchArithmetic.Constant(2),
        _minusTwo = TorchArithmetic.Constant(-2);
    private readonly Scalar _minusHalf = TorchArithmetic.Constant(-0.5),
        _minusOne = TorchArithmetic.Constant(-1);
    private readonly Scalar _constant = TorchArithmetic.Constant((2 * Math.Log(2)) + (0.5 * Math.Log(2 * Math.PI)));

    /// <summary>Makes buffers over <paramref name="head"/>, a network's output [rows, 2 x action].</summary>
    public TorchSquashedGaussian(Tensor head, int backwardRows, float logStdMin, float logStdMax)
    {
        long rows = head.shape[0],
            actions = head.shape[1] / 2;
        (_minimum, _maximum) = (TorchArithmetic.Constant(logStdMin), TorchArithmetic.Constant(logStdMax));
        _mean = head.narrow(1, 0, actions);
        _rawLogStd = head.narrow(1, actions, actions);
        Noise = zeros_like(_mean);
        _logStd = zeros_like(Noise);
        _std = zeros_like(Noise);
        _preSquash = zeros_like(Noise);
        Action = zeros_like(Noise);
        _density = zeros_like(Noise);
        _scratch = zeros_like(Noise);
        _ones = torch.ones(actions, 1, head.dtype, head.device);
        LogProbability = zeros(rows, 1, head.dtype, head.device);
        HeadGradient = zeros(backwardRows, 2 * actions, head.dtype, head.device);
        _meanGradient = HeadGradient.narrow(1, 0, actions);
        _logStdGradient = HeadGradient.narrow(1, actions, actions);
        _backNoise = Noise.narrow(0, 0, backwardRows);
        _backStd = _std.narrow(0, 0, backwardRows);
        _backLogStd = _logStd.narrow(0, 0, backwardRows);
        _backRawLogStd = _rawLogStd.narrow(0, 0, backwardRows);
        _backAction = Action.narrow(0, 0, backwardRows);
        _backScratch = _scratch.narrow(0, 0, backwardRows);
    }

    /// <summary>epsilon, standard normal, [rows, action]: filled by the caller before <see cref="Forward"/>.</summary>
    public Tensor Noise { get; }

    /// <summary>a, [rows, action].</summary>
    public Tensor Action { get; }

    /// <summary>log pi(a | s), [rows, 1].</summary>
    public Tensor LogProbability { get; }

    /// <summary>What <see cref="Backward"/> leaves: gradient at the network's output, [backward rows, 2 x action].</summary>
    public Tensor HeadGradient { get; }

    /// <summary>The mean's part of <see cref="HeadGradient"/>, [backward rows, action].</summary>
    public Tensor MeanGradient => _meanGradient;

    /// <summary>The part of log sigma, likewise.</summary>
    public Tensor LogStdGradient => _logStdGradient;

    /// <summary>
    /// Draws a and its log-density: log pi = sum over components of -eps^2 / 2 - log sigma - log(2 pi) / 2 - log(1 - tanh(u)^2),
    /// where log(1 - tanh(u)^2) = 2 log 2 - 2 |u| - 2 log(1 + exp(-2 |u|)) holds for every u without overflow.
    /// </summary>
    public void Forward()
    {
        _logStd.copy_(_rawLogStd).clamp_(_minimum, _maximum);
        _std.copy_(_logStd).exp_();
        _preSquash.copy_(Noise).mul_(_std).add_(_mean, _one);
        Action.copy_(_preSquash).tanh_();

        _density.copy_(_preSquash).abs_();
        _scratch.copy_(_density).mul_(_minusTwo).exp_().log1p_();
        _density.add_(_scratch, _one).mul_(_two).add_(_logStd, _minusOne);
        _scratch.copy_(Noise).mul_(Noise);
        _density.add_(_scratch, _minusHalf).sub_(_constant);
        LogProbability.addmm_(_density, _ones, beta: 0, alpha: 1);
    }

    /// <summary>
    /// Gradient of J = w log pi(a | s) + G(a) at the network's output, through a, for the first rows. With dlog pi/du = 2 tanh u:
    /// dJ/dmu = dG/da (1 - a^2) + 2 w a; dJ/dlog sigma = dJ/dmu sigma epsilon - w, 0 where log sigma was clamped.
    /// </summary>
    /// <param name="actionGradient">dG/da, [backward rows, action]; overwritten.</param>
    /// <param name="weight">w, [1].</param>
    public void Backward(Tensor actionGradient, Tensor weight)
    {
        _backScratch.copy_(_backAction).mul_(_backAction).mul_(_minusOne).Increase(_one);
        _meanGradient.copy_(actionGradient).mul_(_backScratch);
        _backScratch.copy_(_backAction).mul_(weight);
        _meanGradient.add_(_backScratch, _two);

        _logStdGradient.copy_(_backNoise).mul_(_backStd).mul_(_meanGradient).add_(weight, _minusOne);
        _backScratch.copy_(_backLogStd).eq_(_backRawLogStd);
        _logStdGradient.mul_(_backScratch);
    }

    public void Dispose()
    {
        foreach (
            Tensor tensor in (Tensor[])
                [
                    _mean,
                    _rawLogStd,
                    _logStd,
                    _std,
                    _preSquash,
                    _density,
                    _scratch,
                    _ones,
                    _backNoise,
                    _backStd,
                    _backLogStd,
                    _backRawLogStd,
                    _backAction,
                    _backScratch,
                    _meanGradient,
                    _logStdGradient,
                    Noise,
                    Action,
                    LogProbability,
                    HeadGradient,
                ]
        )
        {
            tensor.Dispose();
        }
    }
}
#endif
