using Microsoft.Extensions.Logging;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Control;

/// <summary>
/// Passes orders to stop on to the session. Each reaches it, for the driver may have failed at the first; only one that is harder than
/// those before is logged, for an order may come a thousand times a second. Any thread.
/// </summary>
internal sealed partial class StopOrders(IRunControl control, ILogger logger)
{
    /// <summary>The reason of a stop for which none was given.</summary>
    public const string Unsaid = "asked for by the operator";

    /// <summary>
    /// How long a stop may take to be confirmed: longer than a driver may decelerate (2 s) and the failsafe then escalates (3 s).
    /// </summary>
    public static readonly TimeSpan ConfirmLimit = TimeSpan.FromSeconds(7);

    private int _taken;

    /// <summary>Asks for a stop; <paramref name="reason"/> is a JSON string with its quotes, empty for none.</summary>
    public void Take(StopLevel level, ReadOnlySpan<byte> reason)
    {
        if ((int)level <= Volatile.Read(ref _taken))
        {
            control.RequestStop(level, Unsaid);
            return;
        }

        string why = ControlRequestReader.Text(reason) ?? Unsaid;
        control.RequestStop(level, why);
        if (Interlocked.Exchange(ref _taken, (int)level) < (int)level)
        {
            LogStop(level, why);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Operator: {Level}: {Reason}")]
    private partial void LogStop(StopLevel level, string reason);
}
