using Microsoft.Extensions.Logging;

namespace RobotRl.Runtime.Views;

/// <summary>Logs from Information on as lines of the view.</summary>
internal sealed class ViewLoggerProvider(IRunView view) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new ViewLogger(view);

    public void Dispose()
    {
        // The view belongs to who made it.
    }

    private sealed class ViewLogger(IRunView view) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Information and not LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            if (!IsEnabled(logLevel))
            {
                return;
            }

            string prefix = logLevel switch
            {
                LogLevel.Warning => "warning: ",
                >= LogLevel.Error => "error: ",
                _ => "",
            };
            view.WriteLine(prefix + formatter(state, exception) + (exception is null ? "" : $" ({exception.Message})"));
        }
    }
}
