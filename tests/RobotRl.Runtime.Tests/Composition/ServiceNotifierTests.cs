using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Hosting.Systemd;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Tests.Storage;

namespace RobotRl.Runtime.Tests.Composition;

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class ServiceNotifierTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Notify_ManagerListens_IsTold_WithoutADescriptorMoreForEachWord()
    {
        string path = _directory.File("notify");
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 10_000 };
        manager.Bind(new UnixDomainSocketEndPoint(path));
        using var notifier = new ServiceNotifier(path);
        Assert.True(notifier.IsEnabled);
        byte[] heard = new byte[64];
        foreach (ServiceState state in (ServiceState[])[ServiceState.Ready, new("WATCHDOG=1"), ServiceState.Stopping])
        {
            notifier.Notify(state);
            Assert.Equal(state.ToString(), Encoding.UTF8.GetString(heard, 0, manager.Receive(heard)));
        }
    }

    [Fact]
    public void Notify_ManagerIsGone_OrItsQueueIsFull_NeitherThrowsNorWaitsLong()
    {
        string path = _directory.File("notify");
        using var notifier = new ServiceNotifier(path);
        notifier.Notify(ServiceState.Ready);
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(path));
        long start = TimeProvider.System.GetTimestamp();
        for (int i = 0; i < 13; i++)
        {
            notifier.Notify(ServiceState.Ready);
        }

        Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Notify_NoManager_IsNothing(string? path)
    {
        using var notifier = new ServiceNotifier(path);
        Assert.False(notifier.IsEnabled);
        notifier.Notify(ServiceState.Ready);
    }
}
