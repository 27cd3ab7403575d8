#if TORCH
using System.Runtime.InteropServices;

namespace RobotRl.Algorithms.Torch;

/// <summary>Finds libtorch's files and has the dynamic linker load them, or says exactly why not.</summary>
internal static partial class NativeTorch
{
    /// <summary>The libtorch that TorchSharp's own library was compiled against.</summary>
    public static readonly Version Wanted = new(2, 10);

    private const int Lazy = 1,
        Now = 2;

    private static string Rid =>
        OperatingSystem.IsWindows() ? "win-x64"
        : OperatingSystem.IsMacOS() ? "osx-arm64"
        : "linux-x64";

    /// <summary>Folders in which the program's native libraries lie.</summary>
    public static IReadOnlyList<string> ProgramFolders
    {
        get
        {
            string search = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
            string program = AppContext.BaseDirectory;
            string[] folders =
            [
                program,
                Path.Combine(program, "runtimes", Rid, "native"),
                .. search
                    .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
                    .Where(folder => folder.StartsWith(program, StringComparison.Ordinal)),
            ];
            return [.. folders.Select(Path.TrimEndingDirectorySeparator).Distinct()];
        }
    }

    /// <summary>File name of a library on this system.</summary>
    public static string FileName(string stem) =>
        OperatingSystem.IsWindows() ? stem + ".dll"
        : OperatingSystem.IsMacOS() ? $"lib{stem}.dylib"
        : $"lib{stem}.so";

    /// <summary>Folders in which libtorch is looked for: the program's, or those that <paramref name="libTorch"/> may mean.</summary>
    public static IReadOnlyList<string> Folders(string? libTorch) =>
        libTorch is null
            ? ProgramFolders
            :
            [
                .. new[] { "", "lib", Path.Combine("torch", "lib") }.Select(under =>
                    Path.TrimEndingDirectorySeparator(Path.Combine(Path.GetFullPath(libTorch), under))
                ),
            ];

    /// <summary>Loads libtorch and TorchSharp's library.</summary>
    /// <param name="libTorch">Folder given by the user, or null.</param>
    /// <param name="folders">Folders of the program's own libraries.</param>
    /// <returns>Where libtorch lies, its version, and whether it holds CUDA.</returns>
    /// <exception cref="TorchLibraryException">One is missing or unfit.</exception>
    public static (string Folder, Version Version, bool Cuda) Load(string? libTorch, IReadOnlyList<string> folders)
    {
        string bridge = FileName("LibTorchSharp"),
            cpu = FileName("torch_cpu"),
            cuda = FileName("torch_cuda");
        string? own = Find(cpu, folders);
        string bridgePath = Find(bridge, folders)
            ?? throw Missing(
                bridge,
                folders,
                "Build or publish the program for this system again, with -p:TorchBackend=cpu, cuda or external."
            );
        string cpuPath;
        if (libTorch is null)
        {
            cpuPath = own
                ?? throw Missing(
                    cpu,
                    folders,
                    "Build or publish the program for this system again, or name the folder of an existing libtorch in LibTorchPath."
                );
        }
        else
        {
            IReadOnlyList<string> given = Folders(libTorch);
            cpuPath = Find(cpu, given)
                ?? throw Missing(
                    cpu,
                    given,
                    $"Let LibTorchPath name the folder of a libtorch {Wanted}, or leave it out to use the program's own."
                );
            if (own is not null && own != cpuPath)
            {
                // TorchSharp looks for libtorch once more at its first use, finds the program's own, and two in one process end it.
                throw new TorchLibraryException(
                    own,
                    $"this program brings its own libtorch, beside which the one in {libTorch} cannot be loaded.",
                    "Leave LibTorchPath out, or build with -p:TorchBackend=external, which brings none."
                );
            }
        }

        string folder = Path.GetDirectoryName(cpuPath)!;
        Open(Path.Combine(folder, FileName("c10")), Lazy);
        nint torch = Open(cpuPath, Lazy);
        Version version = VersionOf(torch);
        if (version.Major != Wanted.Major || version.Minor != Wanted.Minor)
        {
            string found = version.Major == 0 ? "this is an older libtorch" : $"this is libtorch {version}";
            throw new TorchLibraryException(
                cpuPath,
                $"{found}; TorchSharp here was made for {Wanted}.",
                $"Let LibTorchPath name a libtorch {Wanted}, or leave it out to use the program's own."
            );
        }

        string cudaPath = Path.Combine(folder, cuda);
        bool hasCuda = File.Exists(cudaPath);
        if (hasCuda)
        {
            Open(cudaPath, Lazy);
        }

        Open(Path.Combine(folder, FileName("torch")), Lazy);

        // Every symbol at once: one that is missing would otherwise end the process at its first call.
        Open(bridgePath, Now);
        return (folder, version, hasCuda);
    }

    private static string? Find(string file, IEnumerable<string> folders) =>
        folders.Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);

    private static TorchLibraryException Missing(string file, IReadOnlyList<string> folders, string remedy) =>
        new(file, $"it is not in {string.Join(" or ", folders)}.", remedy);

    private static nint Open(string path, int mode)
    {
        const string Again = "Build or publish the program again, or name the folder of a sound libtorch in LibTorchPath.";
        if (!File.Exists(path))
        {
            throw new TorchLibraryException(path, "there is no such file, and libtorch needs it.", Again);
        }

        if (!OperatingSystem.IsLinux())
        {
            try
            {
                return NativeLibrary.Load(path);
            }
            catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
            {
                throw new TorchLibraryException(path, exception.Message, Again, exception);
            }
        }

        if (ElfFault(path) is { } fault)
        {
            throw new TorchLibraryException(path, fault, Again);
        }

        // Its first call finds dlerror itself, which would lose the message.
        Dlerror();
        nint handle = Dlopen(path, mode);
        if (handle == 0)
        {
            string problem = Marshal.PtrToStringUTF8(Dlerror()) ?? "the dynamic linker gave no reason";
            string remedy =
                problem.Contains("GLIBC", StringComparison.Ordinal)
                    ? "This system's C or C++ library is older than the file asks for: build the program with its own build "
                        + "files (they adapt it), or use a newer system."
                : problem.Contains("undefined symbol", StringComparison.Ordinal)
                    ? $"It does not fit this libtorch: use libtorch {Wanted}, or leave LibTorchPath out."
                : problem.Contains("cannot open shared object", StringComparison.Ordinal)
                    ? "Install the library that it needs, or use another libtorch."
                : Again;
            throw new TorchLibraryException(path, $"it cannot be loaded: {problem}.", remedy);
        }

        return handle;
    }

    // aoti_torch_abi_version: major, minor, patch in the three highest bytes; libtorch before 2.3 has none.
    private static unsafe Version VersionOf(nint torch)
    {
        if (!NativeLibrary.TryGetExport(torch, "aoti_torch_abi_version", out nint function))
        {
            return new Version(0, 0);
        }

        ulong version = ((delegate* unmanaged<ulong>)function)();
        return new Version((int)(version >> 56), (int)(version >> 48) & 0xff, (int)(version >> 40) & 0xff);
    }

    // The linker maps a file that was cut off without complaint, and the process dies of it later.
    private static string? ElfFault(string path)
    {
        const int HeaderSize = 64,
            SectionTable = 0x28,
            SectionSize = 0x3a,
            SectionCount = 0x3c;
        byte[] header = new byte[HeaderSize];
        using FileStream file = File.OpenRead(path);
        int read = file.ReadAtLeast(header, HeaderSize, throwOnEndOfStream: false);
        if (read < HeaderSize || !header.AsSpan(0, 5).SequenceEqual("\u007fELF\u0002"u8))
        {
            return $"it is not a 64-bit ELF library ({file.Length} bytes).";
        }

        ulong end =
            BitConverter.ToUInt64(header, SectionTable)
            + ((ulong)BitConverter.ToUInt16(header, SectionSize) * BitConverter.ToUInt16(header, SectionCount));
        return end > (ulong)file.Length ? $"it is cut off: {file.Length} bytes of {end}." : null;
    }

    [LibraryImport("libc.so.6", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Dlopen(string path, int mode);

    [LibraryImport("libc.so.6", EntryPoint = "dlerror")]
    private static partial nint Dlerror();
}
#endif
