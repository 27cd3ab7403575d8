using Microsoft.Extensions.Hosting.Systemd;
using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Composition;

/// <summary>
/// Passes snapshots on, and with each, once a second at most, tells the service manager that the session lives. A session that
/// no longer reports is restarted by it (WatchdogSec in the unit): the outermost rung.
/// </summary>
internal sealed class WatchdogProgress(IProgress<RunProgress> inner, ISystemdNotifier notifier, TimeProvider time) : IProgress<RunProgress>
{
    private static readonly ServiceState Alive = new("WATCHDOG=1");
    private long _last;
    private bool _any;

    public void Report(RunProgress value)
    {
        inner.Report(value);
        long now = time.GetTimestamp();
        if (notifier.IsEnabled && (!_any || time.GetElapsedTime(_last, now) >= TimeSpan.FromSeconds(1)))
        {
            _any = true;
            _last = now;
            notifier.Notify(Alive);
        }
    }
}
