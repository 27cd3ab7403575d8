using System.Numerics;
using System.Runtime.CompilerServices;

namespace RobotRl.Algorithms.Kernels;

/// <summary>
/// The policy a = tanh(u), u = mu + sigma epsilon, on a network's output [mu, log sigma], with its log-density and the gradient
/// through both (arXiv 1812.05905 appendix C). Everything lies by rows of actions without padding, so each is one pass.
/// </summary>
internal sealed unsafe class SquashedGaussian
{
    private static readonly float s_constant = (float)((2 * Math.Log(2)) + (0.5 * Math.Log(2 * Math.PI)));

    private readonly int _rows,
        _actions;
    private readonly float _minimum,
        _maximum;
    private readonly float* _mean,
        _raw,
        _std,
        _density;

    /// <summary>Takes its buffers from <paramref name="memory"/>.</summary>
    public SquashedGaussian(KernelMemory memory, int rows, int actions, float logStdMin, float logStdMax)
    {
        (_rows, _actions, _minimum, _maximum) = (rows, actions, logStdMin, logStdMax);
        long count = (long)rows * actions;
        Noise = memory.Floats(count);
        Action = memory.Floats(count);
        LogProbability = memory.Floats(rows);
        _mean = memory.Floats(count);
        _raw = memory.Floats(count);
        _std = memory.Floats(count);
        _density = memory.Floats(count);
    }

    /// <summary>epsilon, standard normal, [rows x action]: filled by the caller before <see cref="Forward"/>.</summary>
    public float* Noise { get; }

    /// <summary>a, [rows x action].</summary>
    public float* Action { get; }

    /// <summary>log pi(a | s), [rows].</summary>
    public float* LogProbability { get; }

    /// <summary>
    /// Draws a and its log-density: log pi = sum over components of -eps^2 / 2 - log sigma - log(2 pi) / 2 - log(1 - tanh(u)^2),
    /// where log(1 - tanh(u)^2) = 2 log 2 - 2 |u| - 2 log(1 + exp(-2 |u|)) holds for every u without overflow.
    /// </summary>
    /// <param name="head">[rows, 2 x action].</param>
    public void Forward(in Matrix head)
    {
        Split(head);
        Vector<float> low = new(_minimum),
            high = new(_maximum),
            one = Vector<float>.One,
            two = new(2f),
            half = new(0.5f),
            constant = new(s_constant);
        for (int i = 0; i < _rows * _actions; i += Vector<float>.Count)
        {
            // Min and max that keep NaN.
            Vector<float> logStd = Load(_raw + i),
                noise = Load(Noise + i);
            logStd = Vector.ConditionalSelect(Vector.LessThan(logStd, low), low, logStd);
            logStd = Vector.ConditionalSelect(Vector.GreaterThan(logStd, high), high, logStd);
            Vector<float> std = Vector.Exp(logStd),
                u = Load(_mean + i) + (noise * std),
                size = Vector.Abs(u),
                decay = Vector.Exp(size * -two);
            Vector<float> tanh = (one - decay) / (one + decay);
            Store(Vector.ConditionalSelect(Vector.LessThan(u, Vector<float>.Zero), -tanh, tanh), Action + i);
            Store(std, _std + i);
            Store(((size + Vector.Log(one + decay)) * two) - logStd - (noise * noise * half) - constant, _density + i);
        }

        for (int row = 0; row < _rows; row++)
        {
            float sum = 0;
            for (int a = 0; a < _actions; a++)
            {
                sum += _density[(row * _actions) + a];
            }

            LogProbability[row] = sum;
        }
    }

    /// <summary>
    /// Gradient of J = w log pi(a | s) + G(a) at the network's output, through a, for the first rows. With dlog pi/du = 2 tanh u:
    /// dJ/dmu = dG/da (1 - a^2) + 2 w a; dJ/dlog sigma = dJ/dmu sigma epsilon - w, 0 where log sigma was clamped.
    /// </summary>
    /// <param name="actionGradient">dG/da, [rows of the gradient, action].</param>
    /// <param name="weight">w.</param>
    /// <param name="headGradient">[rows, 2 x action].</param>
    public void Backward(in Matrix actionGradient, float weight, in Matrix headGradient)
    {
        for (int row = 0; row < headGradient.Rows; row++)
        {
            float* to = headGradient.Row(row),
                from = actionGradient.Row(row);
            for (int a = 0; a < _actions; a++)
            {
                int i = (row * _actions) + a;
                float action = Action[i],
                    mean = (from[a] * (1 - (action * action))) + (2 * weight * action);
                to[a] = mean;
                to[_actions + a] = _raw[i] < _minimum || _raw[i] > _maximum ? 0 : (mean * _std[i] * Noise[i]) - weight;
            }
        }
    }

    private void Split(in Matrix head)
    {
        for (int row = 0; row < _rows; row++)
        {
            float* from = head.Row(row);
            for (int a = 0; a < _actions; a++)
            {
                _mean[(row * _actions) + a] = from[a];
                _raw[(row * _actions) + a] = from[_actions + a];
            }
        }
    }

    private static Vector<float> Load(float* from) => Unsafe.ReadUnaligned<Vector<float>>(from);

    private static void Store(Vector<float> value, float* to) => Unsafe.WriteUnaligned(to, value);
}
