using System.Diagnostics;
using System.Net.Sockets;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Tests.Transports;

public sealed class FileKindsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("robotrl-kinds-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Of_EachKind_IsTold()
    {
        string file = In("file"),
            link = In("link"),
            pipe = In("pipe"),
            socket = In("socket");
        File.WriteAllText(file, "");
        File.CreateSymbolicLink(link, pipe);
        using (Process made = Process.Start("mkfifo", [pipe]))
        {
            made.WaitForExit();
        }

        using var bound = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        bound.Bind(new UnixDomainSocketEndPoint(socket));
        Assert.Equal(FileKind.Missing, FileKinds.Of(In("none"), follow: true));
        Assert.Equal(FileKind.Missing, FileKinds.Of(Path.Combine(file, "below"), follow: true));
        Assert.Equal(FileKind.File, FileKinds.Of(file, follow: false));
        Assert.Equal(FileKind.Directory, FileKinds.Of(_directory, follow: false));
        Assert.Equal(FileKind.Link, FileKinds.Of(link, follow: false));
        Assert.Equal(FileKind.Pipe, FileKinds.Of(link, follow: true));
        Assert.Equal(FileKind.Pipe, FileKinds.Of(pipe, follow: false));
        Assert.Equal(FileKind.Socket, FileKinds.Of(socket, follow: false));
        Assert.Equal(FileKind.Device, FileKinds.Of("/dev/null", follow: false));
    }

    [Fact]
    public void Owner_OwnFile_IsThisUser()
    {
        string file = In("file");
        File.WriteAllText(file, "");
        uint expected = uint.Parse(
            File.ReadLines("/proc/self/status").Single(l => l.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1],
            System.Globalization.CultureInfo.InvariantCulture
        );
        Assert.Equal(expected, FileKinds.Owner(file));
        Assert.Null(FileKinds.Owner(In("none")));
        Assert.True(FileKinds.IsAllowed(file, write: true));
        Assert.False(FileKinds.IsAllowed(In("none"), write: false));
    }

    private string In(string name) => Path.Combine(_directory, name);
}
