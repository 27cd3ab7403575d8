using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Composition;

/// <summary>
/// SIGINT (Ctrl-C), SIGTERM and SIGQUIT: the first is a controlled stop with a checkpoint, the second removes power at once, a
/// third ends the process as the system does. Tells the service manager when it is ready and when it stops.
/// </summary>
internal sealed partial class SignalLifetime(
    IRunControl control, IHostApplicationLifetime lifetime, ISystemdNotifier notifier, ILogger<SignalLifetime> logger) : IHostLifetime, IDisposable
{
    private readonly List<PosixSignalRegistration> _signals = [];
    private readonly List<CancellationTokenRegistration> _events = [];
    private int _count;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGQUIT])
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

    private void Handle(PosixSignalContext context)
    {
        switch (Interlocked.Increment(ref _count))
        {
            case 1:
                context.Cancel = true;
                LogStop(context.Signal);
                notifier.Notify(ServiceState.Stopping);
                control.RequestStop(StopLevel.ControlledStop, context.Signal.ToString());
                break;
            case 2:
                context.Cancel = true;
                LogPowerOff(context.Signal);
                control.RequestStop(StopLevel.PowerOff, context.Signal.ToString());
                break;
            default:
                // The robot has been told; the system's own way out is what is left.
                break;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Signal}: controlled stop, then a checkpoint. Once more removes power at once.")]
    private partial void LogStop(PosixSignal signal);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Signal} again: power off. Once more ends the process.")]
    private partial void LogPowerOff(PosixSignal signal);
}
