namespace RobotRl.Algorithms.Kernels;

/// <summary>Which registers a kernel uses; the value is the number of floats in one.</summary>
public enum SimdWidth
{
    /// <summary>No SIMD.</summary>
    Scalar = 1,

    /// <summary>128 bits: SSE, NEON.</summary>
    Vector128 = 4,

    /// <summary>256 bits: AVX2.</summary>
    Vector256 = 8,

    /// <summary>512 bits: AVX-512.</summary>
    Vector512 = 16,
}
