using System.Runtime.CompilerServices;

namespace RobotRl;

/// <summary>
/// The checkout that this program was built from. Part of every test project, and of programs that need files of the checkout.
/// </summary>
internal static class Repository
{
    /// <summary>Its folder; null where it is gone.</summary>
    public static string? Found { get; } = Find();

    /// <summary>Its folder.</summary>
    /// <exception cref="InvalidOperationException">It is gone.</exception>
    public static string Root => Found ?? throw new InvalidOperationException($"No RobotRl.sln above {AppContext.BaseDirectory}.");

    /// <summary>Files under <paramref name="folder"/>, without what a build leaves there.</summary>
    public static IEnumerable<string> Files(string folder, string pattern) =>
        Directory
            .EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
            .Where(f => !f.Contains("/bin/", StringComparison.Ordinal) && !f.Contains("/obj/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    /// <summary>The path of <paramref name="file"/> within it.</summary>
    public static string Relative(string file) => Path.GetRelativePath(Root, file);

    private static string? Find([CallerFilePath] string here = "")
    {
        // From the output folder upwards; the source path where a build ran elsewhere.
        foreach (string start in new[] { AppContext.BaseDirectory, Path.GetDirectoryName(here) ?? "" })
        {
            for (string? folder = start; folder is not null; folder = Path.GetDirectoryName(folder))
            {
                if (File.Exists(Path.Combine(folder, "RobotRl.sln")))
                {
                    return folder;
                }
            }
        }

        return null;
    }
}
