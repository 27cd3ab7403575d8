namespace RobotRl.Algorithms.Kernels;

/// <summary>One SIMD register of floats, so that a kernel is written once for every width.</summary>
internal unsafe interface ILanes<TSelf>
    where TSelf : unmanaged, ILanes<TSelf>
{
    /// <summary>Floats in a register.</summary>
    static abstract int Count { get; }

    /// <summary>Accumulators that one pass over the inputs keeps in registers.</summary>
    static abstract int WidePanel { get; }

    static abstract TSelf Zero { get; }

    static abstract TSelf Load(float* source);

    static abstract TSelf Create(float value);

    /// <summary>a x b + c, fused where the processor can.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

    static abstract TSelf Add(TSelf a, TSelf b);

    /// <summary><paramref name="value"/> where <paramref name="by"/> is above 0 (or NaN), else 0.</summary>
    static abstract TSelf WherePositive(TSelf value, TSelf by);

    static abstract void Store(TSelf value, float* destination);
}
