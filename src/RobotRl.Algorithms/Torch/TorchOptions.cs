namespace RobotRl.Algorithms.Torch;

/// <summary>Which libtorch computes, and where.</summary>
public sealed record TorchOptions
{
    /// <summary>The devices that can be asked for.</summary>
    public static readonly IReadOnlyList<string> Devices = ["auto", "cpu", "cuda"];

    /// <summary>
    /// <c>cpu</c>, <c>cuda</c>, or <c>auto</c>: CUDA where this libtorch has it and the machine too, else the CPU. Default auto: ours.
    /// </summary>
    public string Device { get; set; } = "auto";

    /// <summary>
    /// Folder of an existing libtorch 2.10 (or one above its <c>lib</c>), such as <c>site-packages/torch</c> of a Python install, for
    /// a program built with <c>-p:TorchBackend=external</c>. Default none: the one that came with the program.
    /// </summary>
    public string? LibTorchPath { get; set; }

    /// <summary>
    /// Threads of one operation on the CPU. Default 1: small networks gain nothing from more, and the control thread wants a core.
    /// </summary>
    public int Threads { get; set; } = 1;

    /// <summary>All that is wrong, each with key, value, what is allowed and what to do; nothing where all is well.</summary>
    /// <param name="path">Key of these options, such as <c>Learner:Torch</c>.</param>
    public IEnumerable<string> Validate(string path)
    {
        if (!Devices.Contains(Device))
        {
            yield return $"{path}:Device is \"{Device}\"; allowed: {string.Join(", ", Devices)}. Set it to one of them.";
        }

        if (LibTorchPath is "")
        {
            yield return $"{path}:LibTorchPath is empty; allowed: a folder that holds libtorch, or nothing. Name the folder or leave the "
                + $"key out.";
        }

        if (Threads is < 1 or > 1024)
        {
            yield return $"{path}:Threads is {Threads}; allowed: 1 to 1024. Set it to the cores that the learner may have.";
        }
    }
}
