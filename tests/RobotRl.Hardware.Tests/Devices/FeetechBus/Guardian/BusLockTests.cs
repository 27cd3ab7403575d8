using RobotRl.Hardware.Devices.FeetechBus.Guardian;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Tests.Devices.FeetechBus.Guardian;

public sealed class BusLockTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("robotrl-lock-").FullName;

    private string Port => Path.Combine(_folder, "port");

    public void Dispose()
    {
        File.Delete(BusLock.PathOf(Port));
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void PathOf_LinkToThePort_IsThePortsOwn()
    {
        File.WriteAllText(Port, "");
        string link = Path.Combine(_folder, "arm");
        File.CreateSymbolicLink(link, Port);
        Assert.Equal(BusLock.PathOf(Port), BusLock.PathOf(link));
        Assert.NotEqual(BusLock.PathOf(Port), BusLock.PathOf(Port + "2"));
    }

    [Fact]
    public void Take_ReleasedBefore_IsTakenAgain_AndOpenToEveryUser()
    {
        BusLock.Take(Port).Dispose();
        using FileStream held = BusLock.Take(Port);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal("rw-rw-rw-", Text(File.GetUnixFileMode(BusLock.PathOf(Port))));
        }

        static string Text(UnixFileMode mode) =>
            string.Concat(Enumerable.Range(0, 9).Select(bit => ((int)mode & (1 << (8 - bit))) != 0 ? "rwx"[bit % 3] : '-'));
    }

    [Fact]
    public void Take_HeldByAnother_SaysByWhomAndWhatToDo()
    {
        using FileStream held = BusLock.Take(Port);
        TransportException refused = Assert.Throws<TransportException>(() => BusLock.Take(Port));
        Assert.Contains($"Port {Port}: the guardian of another run still holds its lock", refused.Message, StringComparison.Ordinal);
        Assert.Contains("End the robotrl that drives this bus, then try again", refused.Message, StringComparison.Ordinal);
    }
}
