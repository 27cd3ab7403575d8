namespace RobotRl.Hil.Pendulum;

/// <summary>Where the rig's program and firmware are: <c>hil/pendulum/build</c> of the checkout that this program was built in.</summary>
public static class RigFiles
{
    /// <summary>The rig's program.</summary>
    /// <exception cref="RigException">It has not been built.</exception>
    public static string Program => Find("pendulum-rig");

    /// <summary>The firmware, the same file that is written to an Arduino.</summary>
    /// <exception cref="RigException">It has not been built.</exception>
    public static string Firmware => Find("firmware.elf");

    private static string Find(string name)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "RobotRl.sln")))
            {
                string path = Path.Combine(folder.FullName, "hil", "pendulum", "build", name);
                return File.Exists(path) ? path : throw new RigException($"The pendulum rig is not built: {path} is missing. Run: make -C {folder.FullName}/hil/pendulum");
            }
        }

        throw new RigException($"No RobotRl checkout above {AppContext.BaseDirectory}: the rig is built in its hil/pendulum/build.");
    }
}
