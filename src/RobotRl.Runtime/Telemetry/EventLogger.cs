using Microsoft.Extensions.Logging;

namespace RobotRl.Runtime.Telemetry;

/// <summary>A logger whose messages, from Information on, stand in the run's log too.</summary>
internal sealed class EventLogger(ILogger inner, EventLog events) : ILogger
{
    /// <summary>Kind of an event that is nothing but a message.</summary>
    public const string MessageKind = "log";

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel) || logLevel is >= LogLevel.Information and not LogLevel.None;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    )
    {
        ArgumentNullException.ThrowIfNull(formatter);
        inner.Log(logLevel, eventId, state, exception, formatter);
        if (logLevel is >= LogLevel.Information and not LogLevel.None)
        {
            events.Add(eventId.Name ?? MessageKind, logLevel, formatter(state, exception), ("exception", exception?.ToString()));
        }
    }
}
