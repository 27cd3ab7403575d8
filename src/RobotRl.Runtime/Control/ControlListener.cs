using Microsoft.Extensions.Logging;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Timing;
using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Control;

/// <summary>
/// Serves the connections of the control socket on one thread, which waits for none of them: each has a place with a buffer of its
/// own, and where all are taken the one that has been silent longest makes room. Connections come in at a bounded rate, an answer to
/// <c>status</c> is made twenty times a second at most for everybody who asked meanwhile, and nothing else allocates.
/// </summary>
internal sealed partial class ControlListener : IDisposable
{
    /// <summary>Connections at a time.</summary>
    public const int Places = 64;

    private const int ConnectionsPerSecond = 500,
        Burst = 64;
    private static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(5);

    private readonly RunSocket _socket;
    private readonly IRunControl _control;
    private readonly ControlAnswers _answers;
    private readonly ControlOrders _orders;
    private readonly StopOrders _stops;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationToken _stop;
    private readonly ControlPeer[] _peers = [.. Enumerable.Range(0, Places).Select(_ => new ControlPeer())];
    private readonly UnixSocket.PollDescriptor[] _polled = new UnixSocket.PollDescriptor[Places + 1];
    private readonly ControlPeer?[] _polledPeers = new ControlPeer?[Places + 1];
    private long _statusAt,
        _refilledAt;
    private bool _statusMade;
    private double _mayAccept = Burst;
    private int _spare;

    /// <summary>Serves <paramref name="socket"/>, which it owns, until <paramref name="stop"/>.</summary>
    public ControlListener(
        RunSocket socket,
        IRunControl control,
        ControlOrders orders,
        StopOrders stops,
        TimeProvider time,
        ILogger logger,
        CancellationToken stop
    )
    {
        (_socket, _control, _orders, _stops, _time, _logger, _stop) = (socket, control, orders, stops, time, logger, stop);
        _answers = new ControlAnswers(control);
        _refilledAt = time.GetTimestamp();
        _spare = UnixSocket.Duplicate(socket.File);
    }

    /// <summary>Serves until the end; then whoever waits for a stop is told how it went.</summary>
    public void Run(int priority)
    {
        // Where it is refused the control thread's warning says so already.
        RealTimeScheduling.TryUseFifo(priority);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Step();
            }
#pragma warning disable CA1031 // On a thread of its own it would end the process while the robot moves.
            catch (Exception e)
#pragma warning restore CA1031
            {
                LogFailed(e.Message);
                _stop.WaitHandle.WaitOne(10);
            }
        }

        foreach (ControlPeer peer in _peers)
        {
            if (peer is { File: >= 0, Wait: PeerWait.Stop })
            {
                Answer(peer, _answers.WithStop());
            }
            else
            {
                Close(peer);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Array.ForEach(_peers, Close);
        UnixSocket.Close(_spare);
        _spare = -1;
        _socket.Dispose();
        _answers.Dispose();
    }

    /// <summary>One look at all of them.</summary>
    private void Step()
    {
        if (_socket.RenewWhereDeleted())
        {
            UnixSocket.Close(_spare);
            _spare = -1;
            LogRenewed();
        }

        // A descriptor that is kept for whoever comes when there is no other left.
        _spare = _spare < 0 ? UnixSocket.Duplicate(_socket.File) : _spare;

        int polled = Fill(out int milliseconds);
        bool any = UnixSocket.Wait(_polled.AsSpan(0, polled), milliseconds);
        for (int i = 1; any && i < polled; i++)
        {
            if (_polled[i].Returned != 0 && _polledPeers[i] is { } peer)
            {
                Read(peer);
            }
        }

        if (any && _polled[0].Returned != 0)
        {
            Accept();
        }

        AnswerWaiting();
    }

    /// <summary>What is waited for: the listener, where one may be accepted, and every peer whose request is not whole.</summary>
    private int Fill(out int milliseconds)
    {
        long now = _time.GetTimestamp();
        _mayAccept = Math.Min(Burst, _mayAccept + (_time.GetElapsedTime(_refilledAt, now).TotalSeconds * ConnectionsPerSecond));
        _refilledAt = now;
        _polled[0] = new() { File = _mayAccept >= 1 ? _socket.File : -1, Events = UnixSocket.Readable };
        milliseconds = _mayAccept >= 1 ? 50 : 5;
        int count = 1;
        foreach (ControlPeer peer in _peers)
        {
            if (peer.File < 0)
            {
                continue;
            }

            if (peer.Wait == PeerWait.Request)
            {
                _polled[count] = new() { File = peer.File, Events = UnixSocket.Readable };
                _polledPeers[count++] = peer;
            }
            else
            {
                milliseconds = 5;
            }
        }

        return count;
    }

    private void Accept()
    {
        while (_mayAccept >= 1)
        {
            // Whoever has just come may be who wants a stop: the longest silent one goes.
            ControlPeer? place = Array.Find(_peers, p => p.File < 0) ?? LongestSilent();
            if (place is null)
            {
                _mayAccept = 0;
                return;
            }

            int file = UnixSocket.Accept(_socket.File);
            if (file < 0 && UnixSocket.Error is UnixSocket.TooManyFiles or UnixSocket.TooManyFilesInSystem)
            {
                // One descriptor is kept for that; where it is in use, the longest silent peer's.
                MakeRoom();
                file = UnixSocket.Accept(_socket.File);
            }

            if (file < 0)
            {
                _mayAccept -= UnixSocket.Error is UnixSocket.TooManyFiles or UnixSocket.TooManyFilesInSystem ? 1 : 0;
                return;
            }

            Close(place);
            _mayAccept--;
            (place.File, place.Wait, place.Length, place.Since) = (file, PeerWait.Request, 0, _time.GetTimestamp());
            if (UnixSocket.PeerUser(file) is { } user && user != UnixSocket.OwnUser() && user != 0)
            {
                Answer(place, _answers.NotOwner);
            }
            else
            {
                // Mostly it has asked by now.
                Read(place);
            }
        }
    }

    private void MakeRoom()
    {
        if (_spare >= 0)
        {
            UnixSocket.Close(_spare);
            _spare = -1;
        }
        else if (LongestSilent() is { } silent)
        {
            Close(silent);
        }
    }

    private ControlPeer? LongestSilent()
    {
        ControlPeer? longest = null;
        foreach (ControlPeer peer in _peers)
        {
            if (peer is { File: >= 0, Wait: PeerWait.Request } && (longest is null || peer.Since < longest.Since))
            {
                longest = peer;
            }
        }

        return longest;
    }

    /// <summary>Takes what a peer has sent; answers or refuses where that is a whole line.</summary>
    private void Read(ControlPeer peer)
    {
        int read = UnixSocket.Receive(peer.File, peer.Buffer.AsSpan(peer.Length));
        if (read < 0)
        {
            return;
        }

        peer.Length += read;
        int end = peer.Buffer.AsSpan(0, peer.Length).IndexOf((byte)'\n');
        if (end < 0 && read > 0 && peer.Length < ControlPeer.LongestRequest)
        {
            return;
        }

        if (peer.Length == 0)
        {
            // It has gone without a word.
            Close(peer);
            return;
        }

        Serve(peer, peer.Buffer.AsSpan(0, end >= 0 ? end : peer.Length), whole: end >= 0 || read == 0);
    }

    private void Serve(ControlPeer peer, ReadOnlySpan<byte> line, bool whole)
    {
        if (!whole || !ControlRequestReader.TryRead(line, out ControlCommand command, out ReadOnlySpan<byte> reason))
        {
            Answer(peer, _answers.NotUnderstood);
            return;
        }

        switch (command)
        {
            case ControlCommand.Status:
                peer.Wait = PeerWait.Status;
                break;
            case ControlCommand.Beat:
                _control.ReportOperator();
                Answer(peer, _answers.Done);
                break;
            case ControlCommand.Arm or ControlCommand.Ready:
                (peer.Wait, peer.Order) = (PeerWait.Order, new ControlOrder(command));
                if (!_orders.TryTake(peer.Order))
                {
                    Answer(peer, _answers.Busy);
                }

                break;
            default:
                (peer.Wait, peer.Since) = (PeerWait.Stop, _time.GetTimestamp());
                _stops.Take(command == ControlCommand.Stop ? StopLevel.ControlledStop : StopLevel.PowerOff, reason);
                break;
        }
    }

    private void AnswerWaiting()
    {
        long now = _time.GetTimestamp();
        bool due = !_statusMade || _time.GetElapsedTime(_statusAt, now) >= ControlAnswers.StatusInterval;
        ReadOnlySpan<byte> status = default,
            stop = default;
        foreach (ControlPeer peer in _peers)
        {
            if (peer.File < 0)
            {
                continue;
            }

            switch (peer.Wait)
            {
                case PeerWait.Request when _time.GetElapsedTime(peer.Since, now) > SilenceLimit:
                    Close(peer);
                    break;
                case PeerWait.Status when due:
                    if (status.IsEmpty)
                    {
                        (_statusAt, _statusMade) = (now, true);
                        status = _answers.WithStatus(null);
                        stop = default;
                    }

                    Answer(peer, status);
                    break;
                case PeerWait.Stop when _control.StopConfirmed || _time.GetElapsedTime(peer.Since, now) >= StopOrders.ConfirmLimit:
                    if (stop.IsEmpty)
                    {
                        stop = _answers.WithStop();
                        status = default;
                    }

                    Answer(peer, stop);
                    break;
                case PeerWait.Order when peer.Order is { Done: true } order:
                    Answer(peer, _answers.WithStatus(order.Error));
                    status = default;
                    stop = default;
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Sends the answer, which a fresh connection always takes whole, and ends the connection.</summary>
    private static void Answer(ControlPeer peer, ReadOnlySpan<byte> answer)
    {
        UnixSocket.TrySend(peer.File, answer);
        // To close with something unread would take the answer from the peer.
        for (int i = 0; i < 16 && UnixSocket.Receive(peer.File, peer.Buffer) > 0; i++) { }

        Close(peer);
    }

    private static void Close(ControlPeer peer)
    {
        if (peer.File >= 0)
        {
            UnixSocket.Close(peer.File);
            (peer.File, peer.Order) = (-1, null);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The control socket was deleted, and was made anew.")]
    private partial void LogRenewed();

    [LoggerMessage(Level = LogLevel.Debug, Message = "Control socket: {Reason}")]
    private partial void LogFailed(string reason);
}
