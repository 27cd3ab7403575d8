using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Control;

/// <summary>The operator's keys while a robot runs: a stop must not need a second terminal.</summary>
internal sealed partial class OperatorKeys(IRunControl control, ILogger<OperatorKeys> logger) : IHostedService, IDisposable
{
    /// <summary>What the keys do, for the view.</summary>
    public const string Hint = "Keys: space or e removes power at once, s stops under control, r says ready.";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly OperatorTerminal _terminal = new();
    private volatile bool _ended;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        AppDomain.CurrentDomain.ProcessExit += Restore;
        new Thread(Listen)
        {
            Name = "keys",
            IsBackground = true,
            Priority = ThreadPriority.AboveNormal,
        }.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _ended = true;
        _terminal.Restore();
        AppDomain.CurrentDomain.ProcessExit -= Restore;
        return Task.CompletedTask;
    }

    public void Dispose() => _terminal.Dispose();

    /// <summary>Does what <paramref name="key"/> stands for; nothing where it stands for nothing.</summary>
    internal void Press(char key)
    {
        switch (key)
        {
            case ' ' or 'e' or 'E':
                control.RequestStop(StopLevel.PowerOff, "emergency stop by key");
                LogKey("power off");
                break;
            case 's' or 'S':
                control.RequestStop(StopLevel.ControlledStop, "stop by key");
                LogKey("controlled stop");
                break;
            case 'r' or 'R':
                if (control.ReportReady() is { } refused)
                {
                    LogRefused(refused);
                }

                break;
            default:
                break;
        }
    }

    private void Listen()
    {
        while (!_ended)
        {
            try
            {
                if (_terminal.Read(Interval) is { } key)
                {
                    Press(key);
                }
            }
#pragma warning disable CA1031 // On a thread of its own it would end the process while the robot moves; the next key is read.
            catch (Exception e)
#pragma warning restore CA1031
            {
                LogFailed(e.Message);
            }
        }
    }

    private void Restore(object? sender, EventArgs e) => _terminal.Restore();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Key: {Asked}.")]
    private partial void LogKey(string asked);

    [LoggerMessage(Level = LogLevel.Error, Message = "A key was not carried out: {Why}")]
    private partial void LogFailed(string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Key r: {Why}")]
    private partial void LogRefused(string why);
}
