using System.Numerics;
using System.Runtime.InteropServices;
using RobotRl.Algorithms.Checkpoints;
using RobotRl.Algorithms.Kernels;

namespace RobotRl.Algorithms.ActorCritic;

/// <summary>Gradient ascent on one flat parameter block, in one pass.</summary>
/// <remarks>Not thread safe; <see cref="Ascend"/> does not allocate.</remarks>
internal sealed class FlatOptimiser
{
    private const double Beta2 = 0.999;
    private const float Epsilon = 1e-8f;

    private readonly OptimiserKind _kind;
    private readonly double _learningRate,
        _beta1;
    private readonly float[] _first,
        _second;
    private long _steps;

    public FlatOptimiser(OptimiserKind kind, double learningRate, int size, double beta1 = 0.9)
    {
        (_kind, _learningRate, _beta1) = (kind, learningRate, beta1);
        int moments = kind == OptimiserKind.Adam ? size : 0;
        _first = new float[moments];
        _second = new float[moments];
    }

    /// <summary>What the learning rate is multiplied by; no part of what <see cref="Save"/> writes. Default 1.</summary>
    public double Scale { get; set; } = 1;

    /// <summary>Forgets moments and counter.</summary>
    public void Restart()
    {
        _steps = 0;
        Array.Clear(_first);
        Array.Clear(_second);
    }

    /// <summary>
    /// parameters += step along <paramref name="factor"/> x gradient, whose components count as no greater than
    /// <see cref="AdamKernel.Greatest"/>
    /// in Adam; false, and nothing is changed, where one is not finite.
    /// </summary>
    public bool Ascend(Span<float> parameters, ReadOnlySpan<float> gradient, float factor = 1)
    {
        if (!float.IsFinite(factor) || !Numbers.AllFinite(gradient))
        {
            return false;
        }

        if (_kind == OptimiserKind.Sgd)
        {
            SampleKernels.AddScaled(gradient, (float)(_learningRate * Scale) * factor, parameters);
            return true;
        }

        _steps++;
        float rate = (float)(_learningRate * Scale / (1 - Math.Pow(_beta1, _steps))),
            correction = (float)(1 / Math.Sqrt(1 - Math.Pow(Beta2, _steps)));
        const float B2 = (float)Beta2;
        float b1 = (float)_beta1;
        ref float p = ref MemoryMarshal.GetReference(parameters);
        ref float g = ref MemoryMarshal.GetReference(gradient);
        ref float m = ref MemoryMarshal.GetArrayDataReference(_first);
        ref float v = ref MemoryMarshal.GetArrayDataReference(_second);
        var most = new Vector<float>(AdamKernel.Greatest);
        int i = 0;
        for (; i + Vector<float>.Count <= parameters.Length; i += Vector<float>.Count)
        {
            nuint o = (nuint)i;
            Vector<float> slope = Vector.Min(Vector.Max(factor * Vector.LoadUnsafe(ref g, o), -most), most);
            Vector<float> first = (b1 * Vector.LoadUnsafe(ref m, o)) + ((1 - b1) * slope);
            Vector<float> second = (B2 * Vector.LoadUnsafe(ref v, o)) + ((1 - B2) * slope * slope);
            first.StoreUnsafe(ref m, o);
            second.StoreUnsafe(ref v, o);
            Vector<float> step = rate * first / ((Vector.SquareRoot(second) * correction) + new Vector<float>(Epsilon));
            (Vector.LoadUnsafe(ref p, o) + step).StoreUnsafe(ref p, o);
        }

        for (; i < parameters.Length; i++)
        {
            float slope = Math.Clamp(factor * gradient[i], -AdamKernel.Greatest, AdamKernel.Greatest);
            _first[i] = (b1 * _first[i]) + ((1 - b1) * slope);
            _second[i] = (B2 * _second[i]) + ((1 - B2) * slope * slope);
            parameters[i] += rate * _first[i] / ((MathF.Sqrt(_second[i]) * correction) + Epsilon);
        }

        return true;
    }

    public void Save(IStateWriter writer, string name)
    {
        writer.Write(name + "/first", _first);
        writer.Write(name + "/second", _second);
        writer.Write(name + "/steps", _steps);
    }

    public void Load(IStateReader reader, string name)
    {
        reader.Read(name + "/first", _first);
        reader.Read(name + "/second", _second);
        _steps = reader.ReadInt64(name + "/steps");
    }
}
