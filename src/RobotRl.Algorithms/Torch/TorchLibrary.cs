#if TORCH
using TorchSharp;
#endif

namespace RobotRl.Algorithms.Torch;

/// <summary>
/// Loads libtorch, once per process, from the program's own folder or from <see cref="TorchOptions.LibTorchPath"/>. Call it
/// before anything touches TorchSharp, whose own way out of a failed load copies half a gigabyte of libraries about and writes
/// to the console.
/// </summary>
public static class TorchLibrary
{
    /// <summary>Whether the program was built with TorchSharp at all.</summary>
#if TORCH
    public static bool IsBuiltIn => true;
#else
    public static bool IsBuiltIn => false;
#endif

#if TORCH
    private static readonly Lock s_lock = new();
    private static Loaded? s_loaded;

    private sealed record Loaded(string? Path, string Folder, Version Version, bool Cuda);

    /// <summary>
    /// Loads libtorch, decides the device and sets the number of threads. May be called again with other devices and threads.
    /// </summary>
    /// <exception cref="TorchLibraryException">
    /// libtorch is missing or unfit, CUDA is asked for and not there, or another libtorch was loaded before.
    /// </exception>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public static TorchRuntime Load(TorchOptions options) => Load(options, NativeTorch.ProgramFolders);

    /// <summary>Whether the libtorch that <see cref="Load(TorchOptions)"/> would take was built for CUDA; loads nothing.</summary>
    public static bool MayHaveCuda(TorchOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return NativeTorch
            .Folders(options.LibTorchPath)
            .Any(folder => File.Exists(Path.Combine(folder, NativeTorch.FileName("torch_cuda"))));
    }

    internal static TorchRuntime Load(TorchOptions options, IReadOnlyList<string> programFolders)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Validate("Torch").ToArray() is { Length: > 0 } problems)
        {
            throw new ArgumentException(string.Join(Environment.NewLine, problems), nameof(options));
        }

        Loaded loaded = LoadOnce(options.LibTorchPath, programFolders);
        if (options.LibTorchPath != loaded.Path)
        {
            throw new TorchLibraryException(
                loaded.Folder,
                "this libtorch is loaded already, and a process can hold one only.",
                "Give every learner of a process the same LibTorchPath."
            );
        }

        bool usable = loaded.Cuda && torch.cuda.is_available();
        if (options.Device == "cuda" && !usable)
        {
            string file = Path.Combine(loaded.Folder, NativeTorch.FileName("torch_cuda"));
            throw loaded.Cuda
                ? new TorchLibraryException(
                    file,
                    "it finds no CUDA device that it can use.",
                    "Check the driver (nvidia-smi), or set Device to cpu or auto."
                )
                : new TorchLibraryException(
                    file,
                    "there is no such file: this libtorch is for the CPU only.",
                    "Build with -p:TorchBackend=cuda, name a libtorch with CUDA in LibTorchPath, or set Device to cpu or auto."
                );
        }

        TorchThreads.Set(options.Threads);
        return new TorchRuntime(usable && options.Device != "cpu" ? "cuda" : "cpu", loaded.Version, loaded.Folder, usable, options.Threads);
    }

    private static Loaded LoadOnce(string? path, IReadOnlyList<string> programFolders)
    {
        lock (s_lock)
        {
            if (s_loaded is null)
            {
                (string folder, Version version, bool cuda) = NativeTorch.Load(path, programFolders);
                s_loaded = new Loaded(path, folder, version, cuda);
            }

            return s_loaded;
        }
    }
#else
    /// <summary>False: the program was built without TorchSharp.</summary>
    public static bool MayHaveCuda(TorchOptions options) => false;

    /// <summary>Throws: the program was built without TorchSharp.</summary>
    /// <exception cref="TorchLibraryException">Always.</exception>
    public static TorchRuntime Load(TorchOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        throw new TorchLibraryException(
            "LibTorchSharp",
            "this program was built without TorchSharp (-p:TorchBackend=none).",
            "Choose the managed backend, or build with -p:TorchBackend=cpu or cuda."
        );
    }
#endif
}
