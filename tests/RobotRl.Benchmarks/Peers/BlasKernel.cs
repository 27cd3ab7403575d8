using System.Runtime.Intrinsics.X86;

namespace RobotRl.Benchmarks.Peers;

/// <summary>Which of its kernels OpenBLAS runs in a peer's process.</summary>
/// <remarks>
/// Its own choice is neither always right (older releases compute wrong results on some processors) nor always the fastest, and a
/// machine may carry a choice in its environment that costs a peer a third of its speed. So each kernel is tried in a process of its own.
/// </remarks>
internal static class BlasKernel
{
    /// <summary>The variable that forces a kernel.</summary>
    public const string Variable = "OPENBLAS_CORETYPE";

    private const string CacheSizeVariable = "OPENBLAS_L2_SIZE";

    /// <summary>The kernels that this processor can run; null first, for OpenBLAS's own choice.</summary>
    public static IReadOnlyList<string?> Candidates() => Candidates(Avx2.IsSupported && Fma.IsSupported, Avx512F.IsSupported);

    /// <summary>The kernels of a processor with the given instruction sets; null first, for OpenBLAS's own choice.</summary>
    public static IReadOnlyList<string?> Candidates(bool avx2, bool avx512) =>
        [null, .. avx2 ? ["Haswell", "Zen"] : Array.Empty<string>(), .. avx512 ? ["SkylakeX"] : Array.Empty<string>()];

    /// <summary>
    /// Takes what a machine says about OpenBLAS out of a peer's environment, and forces <paramref name="kernel"/> unless it is
    /// null.
    /// </summary>
    public static void Apply(IDictionary<string, string?> environment, string? kernel)
    {
        environment.Remove(Variable);
        environment.Remove(CacheSizeVariable);
        if (kernel is not null)
        {
            environment[Variable] = kernel;
        }
    }
}
