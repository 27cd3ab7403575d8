using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Kernels;

namespace RobotRl.Algorithms.Sac;

/// <summary>
/// alpha of the soft methods with its own Adam: J(alpha) = E[-log alpha (log pi(a | s) + H-bar)] [arXiv 1812.05905 eq. 18, log
/// alpha for alpha].
/// </summary>
internal sealed class LearnedTemperature
{
    private readonly double _targetEntropy,
        _learningRate;
    private readonly float _beta1;
    private float _log,
        _first,
        _second;
    private long _steps;

    /// <summary>Starts with <paramref name="initial"/>.</summary>
    public LearnedTemperature(double initial, double targetEntropy, double learningRate, float beta1 = 0.9f)
    {
        (_targetEntropy, _learningRate, _beta1) = (targetEntropy, learningRate, beta1);
        (_log, Value) = ((float)Math.Log(initial), (float)initial);
    }

    /// <summary>alpha as of the newest <see cref="Refresh"/>: an update computes with that of its start.</summary>
    public float Value { get; private set; }

    /// <summary>dJ/dlog alpha of the newest <see cref="ComputeGradient"/>.</summary>
    public float Gradient { get; private set; }

    /// <summary>Takes up the newest log alpha.</summary>
    public void Refresh() => Value = MathF.Exp(_log);

    /// <summary>dJ/dlog alpha = -(E log pi + H-bar).</summary>
    public void ComputeGradient(double meanLogPi) => Gradient = (float)(-meanLogPi - _targetEntropy);

    /// <summary>One step of Adam; false, and nothing is changed, where the gradient is not finite.</summary>
    public bool Step()
    {
        bool taken = AdamKernel.Step(ref _log, Gradient, ref _first, ref _second, _steps + 1, _learningRate, _beta1);
        _steps += taken ? 1 : 0;
        return taken;
    }

    /// <summary>J(alpha) with <see cref="Value"/>.</summary>
    public double Loss(double meanLogPi) => -Math.Log(Value) * (meanLogPi + _targetEntropy);

    /// <summary>Writes log alpha and its moments.</summary>
    public void Save(IStateWriter writer, string name)
    {
        writer.Write(name + "/log", [_log]);
        writer.Write(name + "/adam/steps", _steps);
        writer.Write(name + "/adam/first", [_first]);
        writer.Write(name + "/adam/second", [_second]);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Load(IStateReader reader, string name)
    {
        reader.Read(name + "/log", new Span<float>(ref _log));
        Refresh();
        _steps = reader.ReadInt64(name + "/adam/steps");
        reader.Read(name + "/adam/first", new Span<float>(ref _first));
        reader.Read(name + "/adam/second", new Span<float>(ref _second));
    }
}
