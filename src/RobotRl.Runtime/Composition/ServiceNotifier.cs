using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Hosting.Systemd;

namespace RobotRl.Runtime.Composition;

/// <summary>
/// Tells systemd how the service stands (sd_notify(3)) through one socket that is held open: the host's own notifier opens one for
/// each word, so that a process without a free file descriptor would end by its sign of life. What cannot be said is left out. Any thread.
/// </summary>
internal sealed class ServiceNotifier : ISystemdNotifier, IDisposable
{
    // Longer than the service manager takes to empty its queue, shorter than any deadline here.
    private const int SendTimeoutMs = 200;

    private readonly Socket? _socket;
    private readonly UnixDomainSocketEndPoint? _manager;

    /// <summary>Notifies at <paramref name="path"/> (NOTIFY_SOCKET); null or empty: nobody.</summary>
    public ServiceNotifier(string? path)
    {
        if (string.IsNullOrEmpty(path) || !OperatingSystem.IsLinux())
        {
            return;
        }

        // An abstract address begins with a zero, written as @.
        _manager = new UnixDomainSocketEndPoint(path[0] == '@' ? "\0" + path[1..] : path);
        _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { SendTimeout = SendTimeoutMs };
    }

    /// <inheritdoc/>
    public bool IsEnabled => _socket is not null;

    /// <inheritdoc/>
    public void Notify(ServiceState state)
    {
        if (_socket is null)
        {
            return;
        }

        try
        {
            _socket.SendTo(Encoding.UTF8.GetBytes(state.ToString()), _manager!);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The service manager restarts, or its queue is full: it hears the next one.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();
}
