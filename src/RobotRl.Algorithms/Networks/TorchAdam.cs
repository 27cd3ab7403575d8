#if TORCH
using System.Numerics;
using System.Runtime.InteropServices;
using RobotRl.Algorithms.ActorCritic;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Kernels;
using RobotRl.Algorithms.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace RobotRl.Algorithms.Networks;

/// <summary>
/// Adam (arXiv 1412.6980, algorithm 1, in the form of torch.optim.Adam) over one flat parameter tensor in one pass: managed
/// vector code over the tensor's memory on a CPU, PyTorch's fused kernel elsewhere.
/// m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; p = p - lr / (1 - b1^t) m / (sqrt(v / (1 - b2^t)) + eps).
/// </summary>
internal sealed class TorchAdam : IDisposable
{
    private const float Beta2 = 0.999f,
        Epsilon = 1e-8f; // the paper's and PyTorch's defaults

    private readonly Tensor _parameters,
        _gradients,
        _first,
        _second,
        _fusedSteps;
    private readonly double _learningRate;
    private readonly float _beta1;
    private readonly jit.CompilationUnit? _fused;
    private readonly object[]? _fusedArguments;
    private long _steps;

    /// <summary>Borrows <paramref name="parameters"/> and <paramref name="gradients"/>, both [n] float32 and contiguous.</summary>
    /// <param name="parameters">What to optimise.</param>
    /// <param name="gradients">Their gradient, read at every step.</param>
    /// <param name="learningRate">Step size.</param>
    /// <param name="fused">Whether to use PyTorch's fused kernel; always where the tensors are not in host memory.</param>
    /// <param name="beta1">b1.</param>
    public TorchAdam(Tensor parameters, Tensor gradients, double learningRate, bool fused = false, double beta1 = 0.9)
    {
        _beta1 = (float)beta1;
        (_parameters, _gradients, _learningRate) = (parameters, gradients, learningRate);
        _first = zeros_like(parameters);
        _second = zeros_like(parameters);
        _fusedSteps = zeros(1, ScalarType.Float32, parameters.device);
        if (fused || parameters.device_type != DeviceType.CPU)
        {
            _fused = jit.compile(
                """
                def step(p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], s: List[Tensor], lr: float, beta1: float):
                    none: List[Tensor] = []
                    refused = (g[0] - g[0]).sum().ne(0).float()
                    g[0].clamp_(-1e18, 1e18)
                    s[0].add_(1)
                    torch._fused_adam_(p, g, m, v, none, s, lr=lr, beta1=beta1, beta2=0.999, weight_decay=0.0, eps=1e-8,
                        amsgrad=False, maximize=False, found_inf=refused)
                    s[0].sub_(refused)
                    return s[0]

                """
            );
            _fusedArguments =
            [
                new[] { parameters },
                new[] { gradients },
                new[] { _first },
                new[] { _second },
                new[] { _fusedSteps },
                TorchArithmetic.Constant(learningRate),
                TorchArithmetic.Constant(beta1),
            ];
        }
    }

    /// <summary>
    /// One step; false, and nothing is changed, where a component of the gradient is not finite. The fused kernel refuses such a
    /// step too, but
    /// answers true: to ask the device would cost a wait for it at every step.
    /// </summary>
    public bool Step()
    {
        if (_fused is not null)
        {
            _steps++;
            using var steps = (Tensor)_fused.invoke("step", _fusedArguments!);
            return true;
        }

        if (!Numbers.AllFinite(TorchMemory.Host(_gradients)))
        {
            return false;
        }

        _steps++;
        StepInHostMemory(TorchMemory.Host(_parameters), TorchMemory.Host(_gradients), TorchMemory.Host(_first), TorchMemory.Host(_second));
        return true;
    }

    /// <summary>Forgets the moments and the step count.</summary>
    public void Reset()
    {
        _steps = 0;
        _first.zero_();
        _second.zero_();
        _fusedSteps.zero_();
    }

    /// <summary>Writes the moments and the step count under <paramref name="name"/>.</summary>
    public void Save(IStateWriter writer, string name)
    {
        writer.Write(name + "/steps", _steps);
        TorchMemory.Write(writer, name + "/first", _first);
        TorchMemory.Write(writer, name + "/second", _second);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Load(IStateReader reader, string name)
    {
        _steps = reader.ReadInt64(name + "/steps");
        _fusedSteps.SetTo(_steps);
        TorchMemory.Read(reader, name + "/first", _first);
        TorchMemory.Read(reader, name + "/second", _second);
    }

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
        _fusedSteps.Dispose();
        _fused?.Dispose();
    }

    private void StepInHostMemory(Span<float> parameters, Span<float> gradients, Span<float> first, Span<float> second)
    {
        double correction1 = 1 - Math.Pow(_beta1, _steps),
            correction2 = 1 - Math.Pow(Beta2, _steps);
        float stepSize = (float)(_learningRate / correction1),
            rootScale = (float)(1 / Math.Sqrt(correction2));
        int vectorised = parameters.Length - (parameters.Length % Vector<float>.Count);
        Span<Vector<float>> p = MemoryMarshal.Cast<float, Vector<float>>(parameters),
            g = MemoryMarshal.Cast<float, Vector<float>>(gradients);
        Span<Vector<float>> m = MemoryMarshal.Cast<float, Vector<float>>(first),
            v = MemoryMarshal.Cast<float, Vector<float>>(second);
        Vector<float> epsilon = new(Epsilon),
            most = new(AdamKernel.Greatest);
        for (int i = 0; i < p.Length && i < g.Length && i < m.Length && i < v.Length; i++)
        {
            Vector<float> gradient = Vector.Min(Vector.Max(g[i], -most), most);
            m[i] += (gradient - m[i]) * (1 - _beta1);
            v[i] += ((gradient * gradient) - v[i]) * (1 - Beta2);
            p[i] -= stepSize * m[i] / ((Vector.SquareRoot(v[i]) * rootScale) + epsilon);
        }

        for (int i = vectorised; i < parameters.Length; i++)
        {
            float gradient = Math.Clamp(gradients[i], -AdamKernel.Greatest, AdamKernel.Greatest);
            first[i] += (gradient - first[i]) * (1 - _beta1);
            second[i] += ((gradient * gradient) - second[i]) * (1 - Beta2);
            parameters[i] -= stepSize * first[i] / ((MathF.Sqrt(second[i]) * rootScale) + Epsilon);
        }
    }
}
#endif
