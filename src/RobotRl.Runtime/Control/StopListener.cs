using Microsoft.Extensions.Logging;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Timing;

namespace RobotRl.Runtime.Control;

/// <summary>
/// Takes orders to stop at a socket of their own (<c>stop.sock</c>, datagrams): there is no connection that anybody could hold, none
/// needs a file descriptor, and whatever arrives is a stop. A request with the command <c>stop</c> is a controlled one, anything else
/// removes power at once. It does not answer: the control socket tells whether read-back has confirmed the stop.
/// </summary>
internal sealed partial class StopListener : IDisposable
{
    private readonly RunSocket _socket;
    private readonly StopOrders _orders;
    private readonly ILogger _logger;
    private readonly CancellationToken _stop;
    private readonly byte[] _message = new byte[ControlPeer.LongestRequest];
    private readonly UnixSocket.PollDescriptor[] _polled = new UnixSocket.PollDescriptor[1];

    /// <summary>Listens at <paramref name="socket"/>, which it owns, until <paramref name="stop"/>.</summary>
    public StopListener(RunSocket socket, StopOrders orders, ILogger logger, CancellationToken stop) =>
        (_socket, _orders, _logger, _stop) = (socket, orders, logger, stop);

    /// <summary>Takes orders until the end.</summary>
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
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private void Step()
    {
        _polled[0] = new() { File = _socket.File, Events = UnixSocket.Readable };
        if (UnixSocket.Wait(_polled, 50))
        {
            int length = UnixSocket.Receive(_socket.File, _message);
            if (length >= 0)
            {
                Take(_message.AsSpan(0, length));
            }
        }
        else if (_socket.RenewWhereDeleted())
        {
            LogRenewed();
        }
    }

    private void Take(ReadOnlySpan<byte> message)
    {
        bool calm =
            ControlRequestReader.TryRead(message, out ControlCommand command, out ReadOnlySpan<byte> reason)
            && command == ControlCommand.Stop;
        _orders.Take(calm ? StopLevel.ControlledStop : StopLevel.PowerOff, reason);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The socket for orders to stop was deleted, and was made anew.")]
    private partial void LogRenewed();

    [LoggerMessage(Level = LogLevel.Error, Message = "Orders to stop: {Reason}")]
    private partial void LogFailed(string reason);
}
