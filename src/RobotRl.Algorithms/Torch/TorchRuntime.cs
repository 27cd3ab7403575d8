namespace RobotRl.Algorithms.Torch;

/// <summary>The libtorch that was loaded.</summary>
/// <param name="Device">What computes: <c>cpu</c> or <c>cuda</c>, as <c>torch.device</c> takes it.</param>
/// <param name="Version">Version of libtorch.</param>
/// <param name="Folder">Where libtorch lies.</param>
/// <param name="HasCuda">Whether CUDA can be used, asked for or not.</param>
/// <param name="Threads">Threads of one operation on the CPU.</param>
public sealed record TorchRuntime(string Device, Version Version, string Folder, bool HasCuda, int Threads);
