#if TORCH
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Networks;
using RobotRl.Algorithms.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Sac;

/// <summary>
/// <see cref="LearnedTemperature"/> on any device, without leaving it: J(alpha) = E[-log alpha (log pi(a | s) + H-bar)]
/// [arXiv 1812.05905 eq. 18, log alpha for alpha].
/// </summary>
internal sealed class TorchTemperature : IDisposable
{
    private readonly Tensor _gradientMatrix,
        _onesRow;
    private readonly TorchAdam _adam;
    private readonly Scalar _target;
    private readonly double _targetEntropy;
    private readonly int _batch;

    /// <summary>Starts with <paramref name="initial"/>, for batches of <paramref name="batch"/>.</summary>
    public TorchTemperature(double initial, double targetEntropy, double learningRate, int batch, ScalarType type, Device device)
    {
        (_targetEntropy, _target, _batch) = (targetEntropy, TorchArithmetic.Constant(targetEntropy), batch);
        Log = TorchArithmetic.One(Math.Log(initial), type, device);
        Value = TorchArithmetic.One(initial, type, device);
        Gradient = zeros(1, type, device);
        _gradientMatrix = Gradient.view(1, 1);
        _onesRow = ones(1, batch, type, device);
        _adam = new TorchAdam(Log, Gradient, learningRate);
    }

    /// <summary>log alpha, [1].</summary>
    public Tensor Log { get; }

    /// <summary>alpha as of the newest <see cref="Refresh"/>, [1].</summary>
    public Tensor Value { get; }

    /// <summary>dJ/dlog alpha, [1].</summary>
    public Tensor Gradient { get; }

    /// <summary>Takes up the newest log alpha.</summary>
    public void Refresh() => Value.copy_(Log).exp_();

    /// <summary>dJ/dlog alpha = -(E log pi + H-bar), log pi [batch x 1].</summary>
    public void ComputeGradient(Tensor logPi)
    {
        _gradientMatrix.addmm_(_onesRow, logPi, beta: 0, alpha: -1f / _batch);
        Gradient.sub_(_target);
    }

    /// <summary>One step of Adam; false where it was refused.</summary>
    public bool Step() => _adam.Step();

    /// <summary>J(alpha) with <see cref="Value"/>.</summary>
    public double Loss(Tensor logPi)
    {
        using Tensor log = Value.log();
        return -TorchMemory.Mean(log) * (TorchMemory.Mean(logPi) + _targetEntropy);
    }

    /// <summary>Writes log alpha and its moments.</summary>
    public void Save(IStateWriter writer, string name)
    {
        TorchMemory.Write(writer, name + "/log", Log);
        _adam.Save(writer, name + "/adam");
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Load(IStateReader reader, string name)
    {
        TorchMemory.Read(reader, name + "/log", Log);
        Refresh();
        _adam.Load(reader, name + "/adam");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _adam.Dispose();
        _onesRow.Dispose();
        _gradientMatrix.Dispose();
        Gradient.Dispose();
        Value.Dispose();
        Log.Dispose();
    }
}
#endif
