using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Control;

/// <summary>
/// Answers the owner's requests over two Unix domain sockets in the run directory: <c>control.sock</c> with one JSON line each way a
/// connection, and <c>stop.sock</c> for orders to stop alone, which nothing else can hold up.
/// </summary>
/// <remarks>
/// An emergency stop comes in here: the threads are ready from the start, and run before normal work where the kernel permits, below
/// control and drivers. What they run is run once before anybody asks.
/// </remarks>
public sealed partial class ControlServer : IHostedService, IDisposable
{
    private const int StackSize = 256 * 1024,
        FifoPriority = 60;
    private static readonly TimeSpan JoinLimit = TimeSpan.FromSeconds(5);

    private readonly string _runDirectory;
    private readonly IRunControl _control;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Thread> _threads = [];
    private ControlAddress? _address;
    private ControlOrders? _orders;
    private ControlListener? _listener;
    private StopListener? _stops;

    /// <summary>A server for the session <paramref name="control"/> in <paramref name="runDirectory"/>.</summary>
    public ControlServer(string runDirectory, IRunControl control, ILogger<ControlServer> logger, TimeProvider time)
    {
        _runDirectory = runDirectory;
        _control = control;
        _logger = logger;
        _time = time;
    }

    /// <summary>Opens the sockets; stale ones, left by a killed process, are replaced.</summary>
    /// <exception cref="ControlException">Another process answers there, or a socket cannot be made.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
        {
            LogUnsupported();
            return Task.CompletedTask;
        }

        _address = new ControlAddress(_runDirectory);
        RemoveStale(_address);
        var stops = new StopOrders(_control, _logger);
        _stops = new StopListener(Open(ControlAddress.StopFileName, UnixSocket.Datagram), stops, _logger, _stop.Token);
        RunSocket socket = Open(ControlAddress.FileName, UnixSocket.Stream);
        _orders = new ControlOrders(_control, _logger, FifoPriority, _stop.Token);
        _listener = new ControlListener(socket, _control, _orders, stops, _time, _logger, _stop.Token);
        Rehearse();
        StartThread("stop socket", () => _stops.Run(FifoPriority));
        StartThread("control socket", () => _listener.Run(FifoPriority));
        return Task.CompletedTask;
    }

    /// <summary>
    /// Closes the sockets and removes their files. Whoever asked for the stop that ends this process is told how it went first.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.Run(Close, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        Close();
        _stop.Dispose();
    }

    /// <summary>What is called first when somebody asks for a stop: a cold call takes tens of milliseconds.</summary>
    private static void Rehearse()
    {
        ControlRequestReader.TryRead("{\"command\":\"stop\",\"reason\":\"rehearsal\"}"u8, out _, out ReadOnlySpan<byte> reason);
        ControlRequestReader.Text(reason);
    }

    private RunSocket Open(string name, int type) => RunSocket.Open(_runDirectory, _address!, name, type, _time);

    private void Close()
    {
        _threads.ForEach(t => t.Join(JoinLimit));
        _threads.Clear();
        _orders?.Join(JoinLimit);
        _orders?.Dispose();
        _listener?.Dispose();
        _stops?.Dispose();
        _address?.Dispose();
        (_orders, _listener, _stops, _address) = (null, null, null, null);
    }

    private void StartThread(string name, ThreadStart run)
    {
        var thread = new Thread(run, StackSize) { IsBackground = true, Name = name };
        _threads.Add(thread);
        thread.Start();
    }

    private void RemoveStale(ControlAddress address)
    {
        if (address.Exists(ControlAddress.FileName) && Answers(address))
        {
            throw new ControlException(
                _runDirectory,
                $"{_runDirectory}: another process runs here. Stop it with `robotrl stop {_runDirectory}`, or use another run directory."
            );
        }

        foreach (string name in (string[])[ControlAddress.FileName, ControlAddress.StopFileName])
        {
            address.TryRemove(name);
        }
    }

    private static bool Answers(ControlAddress address)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(address.EndPoint);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The control socket needs Linux: arm, stop and status do not reach this run.")]
    private partial void LogUnsupported();
}
