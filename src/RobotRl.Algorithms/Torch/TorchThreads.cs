#if TORCH
using TorchSharp;

namespace RobotRl.Algorithms.Torch;

/// <summary>
/// How many threads one operation of libtorch uses. OpenMP keeps the number per calling thread, so every thread that computes
/// has to set it: learners call <see cref="Apply"/> before they compute.
/// </summary>
internal static class TorchThreads
{
    [ThreadStatic]
    private static int s_applied;

    private static int s_count;

    /// <summary>Sets the number for the process, and for this thread at once.</summary>
    public static void Set(int count)
    {
        s_count = count;
        Apply();
    }

    /// <summary>Makes the number hold on the calling thread.</summary>
    public static void Apply()
    {
        if (s_count != s_applied)
        {
            torch.set_num_threads(s_count);
            s_applied = s_count;
        }
    }
}
#endif
