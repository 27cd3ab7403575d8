using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace RobotRl.Hardware.Transports;

/// <summary>
/// Tells what a path names before it is opened: opening a named pipe waits for its other end, and a device can be overwritten by
/// a rename.
/// </summary>
/// <remarks>Any thread. Asks the kernel each time; nothing is opened.</remarks>
public static partial class FileKinds
{
    private const int CurrentDirectory = -100,
        DoNotFollow = 0x100,
        TypeModeAndOwner = 0xB;
    private const int NoEntry = 2,
        NotADirectory = 20,
        ReadAccess = 4,
        WriteAccess = 2;

    // struct statx is the same on every architecture: the mode lies at byte 28 of 256, the owner's id at byte 20.
    private const int StatusBytes = 256,
        ModeOffset = 28,
        OwnerOffset = 20;

    /// <summary>What is at <paramref name="path"/>; a symbolic link is followed where <paramref name="follow"/> is true.</summary>
    public static FileKind Of(string path, bool follow)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!OperatingSystem.IsLinux())
        {
            return OfElsewhere(path, follow);
        }

        Span<byte> status = stackalloc byte[StatusBytes];
        if (!TryStatus(path, follow, status, out int error))
        {
            return error is NoEntry or NotADirectory ? FileKind.Missing : FileKind.Unknown;
        }

        const int typeMask = 0xF000;
        return (BinaryPrimitives.ReadUInt16LittleEndian(status[ModeOffset..]) & typeMask) switch
        {
            0x8000 => FileKind.File,
            0x4000 => FileKind.Directory,
            0xA000 => FileKind.Link,
            0x1000 => FileKind.Pipe,
            0xC000 => FileKind.Socket,
            0x2000 or 0x6000 => FileKind.Device,
            _ => FileKind.Unknown,
        };
    }

    /// <summary>Numeric id of the user who owns <paramref name="path"/>, links not followed; null where it cannot be told.</summary>
    public static uint? Owner(string path)
    {
        Span<byte> status = stackalloc byte[StatusBytes];
        return OperatingSystem.IsLinux() && TryStatus(path, follow: false, status, out _)
            ? BinaryPrimitives.ReadUInt32LittleEndian(status[OwnerOffset..])
            : null;
    }

    /// <summary>Whether this process may read <paramref name="path"/> and, where <paramref name="write"/> is true, write it.</summary>
    public static bool IsAllowed(string path, bool write) =>
        !OperatingSystem.IsLinux() || Access(path, write ? ReadAccess | WriteAccess : ReadAccess) == 0;

    /// <summary>The kind in words, with its article: "a named pipe".</summary>
    public static string Describe(FileKind kind) =>
        kind switch
        {
            FileKind.Missing => "nothing",
            FileKind.File => "a regular file",
            FileKind.Directory => "a directory",
            FileKind.Link => "a symbolic link",
            FileKind.Pipe => "a named pipe",
            FileKind.Socket => "a socket",
            FileKind.Device => "a device",
            _ => "something that cannot be looked at",
        };

    private static bool TryStatus(string path, bool follow, Span<byte> status, out int error)
    {
        bool done = StatusNative(CurrentDirectory, path, follow ? 0 : DoNotFollow, TypeModeAndOwner, status) == 0;
        error = done ? 0 : Marshal.GetLastPInvokeError();
        return done;
    }

    private static FileKind OfElsewhere(string path, bool follow)
    {
        FileSystemInfo info = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
        return info.LinkTarget is not null && !follow ? FileKind.Link
            : !info.Exists ? FileKind.Missing
            : info is DirectoryInfo ? FileKind.Directory
            : FileKind.File;
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatusNative(int directory, string path, int flags, uint mask, Span<byte> status);

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(string path, int mode);
}
