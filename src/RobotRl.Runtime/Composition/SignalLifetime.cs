using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Composition;

/// <summary>
/// SIGINT (Ctrl-C), SIGTERM, SIGQUIT and SIGHUP (the terminal was closed, the connection dropped): the first is a controlled stop
/// with a checkpoint, the second removes power at once, a
/// third ends the process as the system does. The same signal within a second of the one that counted is the same request:
/// `timeout` signals its child, then its group; a terminal and a script may both pass one on. Tells the service manager when it
/// is ready and when it stops.
/// </summary>
internal sealed partial class SignalLifetime(
    IRunControl control,
    IHostApplicationLifetime lifetime,
    ISystemdNotifier notifier,
    TimeProvider time,
    ILogger<SignalLifetime> logger
) : IHostLifetime, IDisposable
{
    /// <summary>Longer than copies of one signal lie apart, shorter than an operator who waits for an effect.</summary>
    private static readonly TimeSpan SameRequest = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly List<PosixSignalRegistration> _signals = [];
    private readonly List<CancellationTokenRegistration> _events = [];
    private int _count;
    private PosixSignal _counted;
    private long _countedAt;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGQUIT, PosixSignal.SIGHUP])
        {
            _signals.Add(PosixSignalRegistration.Create(signal, Handle));
        }

        _events.Add(lifetime.ApplicationStarted.Register(() => notifier.Notify(ServiceState.Ready)));
        _events.Add(lifetime.ApplicationStopping.Register(() => notifier.Notify(ServiceState.Stopping)));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _signals.ForEach(s => s.Dispose());
        _events.ForEach(e => e.Dispose());
    }

    /// <summary>Takes one signal; a cancelled context means that the process goes on.</summary>
    internal void Handle(PosixSignalContext context)
    {
        switch (Count(context.Signal))
        {
            case 0:
                context.Cancel = true;
                break;
            case 1:
                context.Cancel = true;
                Ask(StopLevel.ControlledStop, context.Signal);
                LogStop(context.Signal);
                notifier.Notify(ServiceState.Stopping);
                break;
            case 2:
                context.Cancel = true;
                Ask(StopLevel.PowerOff, context.Signal);
                LogPowerOff(context.Signal);
                break;
            default:
                // The robot has been told; the system's own way out is what is left.
                break;
        }
    }

    private void Ask(StopLevel level, PosixSignal signal)
    {
        try
        {
            control.RequestStop(level, signal.ToString());
        }
#pragma warning disable CA1031 // On the signal's thread it would end the process while the robot moves; the next signal is harder.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailed(signal, e.Message);
        }
    }

    /// <summary>Which request this is, from 1; 0 for the one before once more.</summary>
    private int Count(PosixSignal signal)
    {
        lock (_lock)
        {
            long now = time.GetTimestamp();
            if (_count > 0 && signal == _counted && time.GetElapsedTime(_countedAt, now) < SameRequest)
            {
                return 0;
            }

            (_counted, _countedAt) = (signal, now);
            return ++_count;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Signal}: controlled stop, then a checkpoint. Once more removes power at once.")]
    private partial void LogStop(PosixSignal signal);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Signal} was not carried out: {Reason}. Send it again to remove power.")]
    private partial void LogFailed(PosixSignal signal, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Signal} again: power off. Once more ends the process.")]
    private partial void LogPowerOff(PosixSignal signal);
}
