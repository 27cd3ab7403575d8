using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Timing;
using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Control;

/// <summary>
/// Answers the owner's requests over a Unix domain socket in the run directory: one JSON line each way a connection. A slow,
/// silent or foreign peer holds nothing up.
/// </summary>
/// <remarks>
/// An emergency stop comes in here: its threads are its own, ready from the start, and run before normal work where the kernel
/// permits, below control and drivers. What they run is run once before anybody asks.
/// </remarks>
public sealed partial class ControlServer : IHostedService, IDisposable
{
    private const int LongestRequest = 4096, Slots = 8, StackSize = 256 * 1024, FifoPriority = 60;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5), Glance = TimeSpan.FromMilliseconds(50);

    // How long a peer may take to ask where every thread has one: the next may be who wants a stop.
    private static readonly TimeSpan CrowdedPatience = TimeSpan.FromMilliseconds(100);

    // Longer than a driver may decelerate (2 s) and the failsafe then escalates (3 s).
    internal static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(7);
    private static readonly TimeSpan StopInterval = TimeSpan.FromMilliseconds(5);

    private readonly string _runDirectory;
    private readonly IRunControl _control;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Thread> _threads = [];
    private ControlAddress? _address;
    private Socket? _listener;
    private int _peers;

    /// <summary>A server for the session <paramref name="control"/> in <paramref name="runDirectory"/>.</summary>
    public ControlServer(string runDirectory, IRunControl control, ILogger<ControlServer> logger, TimeProvider time)
    {
        _runDirectory = runDirectory;
        _control = control;
        _logger = logger;
        _time = time;
    }

    /// <summary>Opens the socket; a stale one, left by a killed process, is replaced.</summary>
    /// <exception cref="ControlException">Another process answers there, or the socket cannot be made.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
        {
            LogUnsupported();
            return Task.CompletedTask;
        }

        _address = new ControlAddress(_runDirectory);
        if (File.Exists(_address.FilePath))
        {
            RemoveStale(_address);
        }

        _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            _listener.Bind(_address.EndPoint);
            // Nobody can connect before Listen, so the mode is right from the first moment.
            File.SetUnixFileMode(_address.FilePath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            _listener.Listen(16);
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            throw new ControlException(_runDirectory, $"{_address.FilePath}: the control socket cannot be made: {e.Message}. Check the directory's permissions.", e);
        }

        Rehearse();
        for (int i = 0; i < Slots; i++)
        {
            var thread = new Thread(Serve, StackSize) { IsBackground = true, Name = $"control socket {i}" };
            _threads.Add(thread);
            thread.Start(_listener);
        }

        return Task.CompletedTask;
    }

    /// <summary>Closes the socket and removes its file. Whoever asked for the stop that ends this process is told how it went first.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        Close();
        await Task.Run(() => _threads.ForEach(t => t.Join(Patience)), cancellationToken).ConfigureAwait(false);
        _threads.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        Close();
        _stop.Dispose();
    }

    private void Close()
    {
        if (_listener is not null && _address is not null)
        {
            File.Delete(_address.FilePath);
            _listener.Dispose();
            _listener = null;
            _address.Dispose();
        }
    }

    private void RemoveStale(ControlAddress address)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(address.EndPoint);
        }
        catch (SocketException)
        {
            File.Delete(address.FilePath);
            return;
        }

        throw new ControlException(_runDirectory, $"{_runDirectory}: another process runs here. Stop it with `robotrl stop {_runDirectory}`, or use another run directory.");
    }

    /// <summary>What is called first when somebody asks for a stop: a cold call takes tens of milliseconds.</summary>
    private void Rehearse()
    {
        byte[] request = JsonSerializer.SerializeToUtf8Bytes(new ControlRequest(ControlCommand.Status, "rehearsal"), ControlJson.Default.ControlRequest);
        Encode(Answer(request));
    }

    /// <summary>One of several equal threads: takes the next peer and serves it.</summary>
    private void Serve(object? listener)
    {
        // Where it is refused the control thread's warning says so already.
        RealTimeScheduling.TryUseFifo(FifoPriority);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using Socket peer = ((Socket)listener!).Accept();
                Interlocked.Increment(ref _peers);
                try
                {
                    Serve(peer);
                }
                finally
                {
                    Interlocked.Decrement(ref _peers);
                }
            }
#pragma warning disable CA1031 // On a thread of its own it would end the process while the robot moves.
            catch (Exception e)
#pragma warning restore CA1031
            {
                if (!_stop.IsCancellationRequested)
                {
                    LogFailed(e.Message);
                }
            }
        }
    }

    private void Serve(Socket peer)
    {
        uint user = ControlAddress.PeerUser(peer);
        peer.SendTimeout = (int)Patience.TotalMilliseconds;
        if (user != ControlAddress.OwnUser() && user != 0)
        {
            peer.Send(Encode(Refuse($"User {user} does not own this run. Ask as the user that started it.")));
        }
        else if (TryReadLine(peer, out byte[] line))
        {
            peer.Send(Encode(Answer(line)));
        }
        else
        {
            LogFailed("a peer asked nothing");
        }
    }

    /// <summary>False where the peer stays silent, or this server ends first.</summary>
    private bool TryReadLine(Socket peer, out byte[] line)
    {
        var buffer = new byte[LongestRequest];
        int length = 0;
        long start = _time.GetTimestamp();
        while (length < buffer.Length)
        {
            // For the whole request, not for each byte of it.
            if (_stop.IsCancellationRequested || _time.GetElapsedTime(start) > (Volatile.Read(ref _peers) < Slots ? Patience : CrowdedPatience))
            {
                line = [];
                return false;
            }

            if (!peer.Poll(Glance, SelectMode.SelectRead))
            {
                continue;
            }

            int read = peer.Receive(buffer.AsSpan(length), SocketFlags.None);
            length += read;
            int end = Array.IndexOf(buffer, (byte)'\n', 0, length);
            if (end >= 0 || read == 0)
            {
                length = end >= 0 ? end : length;
                break;
            }
        }

        line = buffer[..length];
        return true;
    }

    private static byte[] Encode(ControlAnswer answer) => [.. JsonSerializer.SerializeToUtf8Bytes(answer, ControlJson.Default.ControlAnswer), (byte)'\n'];

    private ControlAnswer Answer(byte[] line)
    {
        ControlRequest? request;
        try
        {
            request = JsonSerializer.Deserialize(line, ControlJson.Default.ControlRequest);
        }
        catch (JsonException e)
        {
            return Refuse($"The request is not understood: {e.Message}");
        }

        string reason = request?.Reason ?? "asked for by the operator";
        string? error = null;
        switch (request?.Command)
        {
            case ControlCommand.Status:
                break;
            case ControlCommand.Arm:
                error = _control.TryArm();
                LogAsked(ControlCommand.Arm, error ?? "armed");
                break;
            case ControlCommand.Stop:
                _control.RequestStop(StopLevel.ControlledStop, reason);
                LogAsked(ControlCommand.Stop, reason);
                error = Confirm();
                break;
            case ControlCommand.PowerOff:
                _control.RequestStop(StopLevel.PowerOff, reason);
                LogAsked(ControlCommand.PowerOff, reason);
                error = Confirm();
                break;
            case ControlCommand.Ready:
                error = _control.ReportReady();
                LogAsked(ControlCommand.Ready, error ?? "all is in place");
                break;
            case ControlCommand.Beat:
                _control.ReportOperator();
                return new ControlAnswer(true, null, Environment.ProcessId, null);
            default:
                return Refuse("The request is not understood: it names no command.");
        }

        return new ControlAnswer(error is null, error, Environment.ProcessId, _control.Status());
    }

    /// <summary>Waits until read-back confirms the stop; null where it does, else what to do.</summary>
    private string? Confirm()
    {
        long start = _time.GetTimestamp();
        while (!_control.Status().StopConfirmed && !_stop.IsCancellationRequested && _time.GetElapsedTime(start) < StopPatience)
        {
            _stop.Token.WaitHandle.WaitOne(StopInterval);
        }

        // Either way the last word is what the robot says now.
        RunStatus status = _control.Status();
        return status.StopConfirmed
            ? null
            : $"The stop was asked for, and read-back of robot {status.Robot} has NOT CONFIRMED it ({status.State}). Look at the robot and remove its power by hand.";
    }

    private static ControlAnswer Refuse(string error) => new(false, error, Environment.ProcessId, null);

    [LoggerMessage(Level = LogLevel.Information, Message = "Operator: {Command}: {Outcome}")]
    private partial void LogAsked(ControlCommand command, string outcome);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Control socket: {Reason}")]
    private partial void LogFailed(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The control socket needs Linux: arm, stop and status do not reach this run.")]
    private partial void LogUnsupported();
}
