namespace RobotRl.Hardware.Transports;

/// <summary>What a path names.</summary>
public enum FileKind
{
    /// <summary>Nothing is there.</summary>
    Missing,

    /// <summary>A regular file.</summary>
    File,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A symbolic link; only told where links are not followed.</summary>
    Link,

    /// <summary>A named pipe.</summary>
    Pipe,

    /// <summary>A local socket.</summary>
    Socket,

    /// <summary>A device, such as a terminal or /dev/null.</summary>
    Device,

    /// <summary>Something else, or what this user may not look at.</summary>
    Unknown,
}
