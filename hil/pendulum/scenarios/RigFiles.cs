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

    /// <summary>The runtime whose task and learner fail on cue (hil/pendulum/saboteur).</summary>
    /// <exception cref="RigException">It has not been built.</exception>
    public static string Saboteur => Find("hil/pendulum/saboteur/bin/Release/net10.0/RobotRl.Hil.Saboteur", "dotnet build -c Release");

    private static string Find(string name) => Find($"hil/pendulum/build/{name}", "make -C hil/pendulum");

    private static string Find(string path, string command)
    {
        string root = Repository.Found
            ?? throw new RigException($"No RobotRl checkout above {AppContext.BaseDirectory}: the rig is built in its hil/pendulum/build.");
        string file = Path.Combine(root, path);
        return File.Exists(file) ? file : throw new RigException($"{file} is missing. Run in {root}: {command}");
    }
}
