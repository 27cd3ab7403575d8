using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Views;

/// <summary>
/// A line every few seconds, for logs and pipes; a change of phase, of the robot's state, or of the failsafe's action or cause at
/// once.
/// </summary>
internal sealed class PlainRunView : IRunView
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly TextWriter _writer;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private long _shownAt;
    private RunPhase? _phase;
    private string? _action,
        _cause,
        _robot;

    /// <summary>Writes to <paramref name="writer"/>, and owns it.</summary>
    public PlainRunView(TextWriter writer, TimeProvider time)
    {
        _writer = writer;
        _time = time;
    }

    public string? Hint
    {
        set
        {
            if (value is not null)
            {
                WriteLine(value);
            }
        }
    }

    public void Report(RunProgress value)
    {
        lock (_lock)
        {
            long now = _time.GetTimestamp();
            if (
                _phase == value.Phase
                && _action == value.FailsafeAction
                && _cause == value.FailsafeCause
                && _robot == value.Robot
                && _time.GetElapsedTime(_shownAt, now) < Interval
            )
            {
                return;
            }

            (_shownAt, _phase, _action) = (now, value.Phase, value.FailsafeAction);
            (_cause, _robot) = (value.FailsafeCause, value.Robot);
            _writer.WriteLine(ProgressText.Line(value));
            _writer.Flush();
        }
    }

    public void WriteLine(string line)
    {
        lock (_lock)
        {
            _writer.WriteLine(line);
            _writer.Flush();
        }
    }

    public void Dispose() => _writer.Dispose();
}
