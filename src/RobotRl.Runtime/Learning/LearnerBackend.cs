namespace RobotRl.Runtime.Learning;

/// <summary>What a learner computes with.</summary>
public enum LearnerBackend
{
    /// <summary>Managed SIMD kernels, on the CPU.</summary>
    Managed,

    /// <summary>TorchSharp, on the CPU or on CUDA.</summary>
    Torch,
}
