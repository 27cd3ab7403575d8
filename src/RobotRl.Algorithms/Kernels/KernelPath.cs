using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace RobotRl.Algorithms.Kernels;

/// <summary>Which form of the kernels this process uses.</summary>
public static class KernelPath
{
    /// <summary>Why a path is not a quick one, and what it costs.</summary>
    public const string Slow =
        "This processor has no AVX2 with FMA and no NEON, they are switched off (DOTNET_EnableAVX2, "
        + "DOTNET_EnableHWIntrinsic), or this is robotrl-portable: the portable path works, about three times slower (without "
        + "any vectors, many times).";

    /// <summary>The path in words, and whether it is a quick one.</summary>
    public static (string Path, bool Quick) Describe() =>
        DenseVector.BestWidth switch
        {
            SimdWidth.Vector512 => ("AVX-512, tiles of 6 x 32", true),
            SimdWidth.Vector256 => (
                Fma.IsSupported ? "AVX2 with FMA, tiles of 6 x 16" : "256-bit vectors without FMA, tiles of 6 x 16",
                Fma.IsSupported
            ),
            SimdWidth.Vector128 => (
                AdvSimd.IsSupported ? "NEON, tiles of 6 x 8" : "portable: 128-bit vectors, tiles of 6 x 8",
                AdvSimd.IsSupported
            ),
            _ => ("portable: no vector unit, tiles of 6 x 2", false),
        };

    /// <summary>What whoever starts a run is told, in one line; null on a quick path.</summary>
    public static string? Notice() => Describe() is (var path, false) ? $"Kernels: {path}. {Slow}" : null;
}
