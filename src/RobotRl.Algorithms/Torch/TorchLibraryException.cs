namespace RobotRl.Algorithms.Torch;

/// <summary>libtorch is missing or unfit. The message says which file, what is wrong with it, and what to do.</summary>
public sealed class TorchLibraryException : Exception
{
    /// <summary>Says what is wrong with <paramref name="file"/>.</summary>
    public TorchLibraryException(string file, string problem, string remedy, Exception? inner = null)
        : base($"{file}: {problem} {remedy}", inner)
    {
        File = file;
        Problem = problem;
        Remedy = remedy;
    }

    /// <summary>The library, with its folder where one is known.</summary>
    public string File { get; }

    /// <summary>What is wrong with it.</summary>
    public string Problem { get; }

    /// <summary>What to do.</summary>
    public string Remedy { get; }
}
