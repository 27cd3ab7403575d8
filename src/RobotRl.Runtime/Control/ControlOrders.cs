using Microsoft.Extensions.Logging;
using RobotRl.Hardware.Timing;
using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Control;

/// <summary>
/// Carries orders to arm and words that all is in place out, one after the other on a thread of its own, ten a second at most: each
/// allocates, and who gives them in a loop must not spend what may be allocated while the robot moves.
/// </summary>
internal sealed partial class ControlOrders : IDisposable
{
    private const int Capacity = 16,
        StackSize = 256 * 1024;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly IRunControl _control;
    private readonly ILogger _logger;
    private readonly Queue<ControlOrder> _waiting = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly CancellationToken _stop;
    private readonly Thread _thread;

    /// <summary>
    /// Carries them out until <paramref name="stop"/>, at real-time priority <paramref name="priority"/> where that is permitted.
    /// </summary>
    public ControlOrders(IRunControl control, ILogger logger, int priority, CancellationToken stop)
    {
        (_control, _logger, _stop) = (control, logger, stop);
        _thread = new Thread(() => Run(priority), StackSize) { IsBackground = true, Name = "control orders" };
        _thread.Start();
    }

    /// <summary>Takes an order; false where too many wait.</summary>
    public bool TryTake(ControlOrder order)
    {
        lock (_waiting)
        {
            if (_waiting.Count >= Capacity)
            {
                return false;
            }

            _waiting.Enqueue(order);
        }

        _wake.Set();
        return true;
    }

    /// <summary>Waits <paramref name="limit"/> at most for an order that is being carried out.</summary>
    public void Join(TimeSpan limit)
    {
        _wake.Set();
        _thread.Join(limit);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_thread.IsAlive)
        {
            _wake.Dispose();
        }
    }

    private void Run(int priority)
    {
        // Where it is refused the control thread's warning says so already.
        RealTimeScheduling.TryUseFifo(priority);
        while (!_stop.IsCancellationRequested)
        {
            ControlOrder? order;
            lock (_waiting)
            {
                _waiting.TryDequeue(out order);
            }

            if (order is null)
            {
                _wake.WaitOne();
                continue;
            }

            Do(order);
            _stop.WaitHandle.WaitOne(Interval);
        }
    }

    private void Do(ControlOrder order)
    {
        string? error;
        try
        {
            error = order.Command == ControlCommand.Arm ? _control.TryArm() : _control.ReportReady();
        }
#pragma warning disable CA1031 // On a thread of its own it would end the process while the robot moves; who asked is told.
        catch (Exception e)
#pragma warning restore CA1031
        {
            error = $"The order failed: {e.Message}";
        }

        order.Finish(error);
        LogAsked(order.Command, error ?? (order.Command == ControlCommand.Arm ? "armed" : "all is in place"));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Operator: {Command}: {Outcome}")]
    private partial void LogAsked(ControlCommand command, string outcome);
}
