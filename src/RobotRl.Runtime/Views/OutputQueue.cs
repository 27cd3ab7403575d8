using System.Text;

namespace RobotRl.Runtime.Views;

/// <summary>
/// Lines on their way to somebody who may not take them: a terminal stopped with Ctrl-S, a pipe nobody reads, a connection that
/// dropped. Who writes never waits; what does not fit is dropped, and how much is said once the reader goes on.
/// </summary>
/// <remarks>Stops are logged where they are asked for: were that to wait, they would not be heard. Any thread.</remarks>
internal sealed class OutputQueue : TextWriter
{
    private const int Capacity = 1000;
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly TextWriter _writer;
    private readonly Queue<string> _lines = new();
    private readonly Lock _lock = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread _thread;
    private volatile bool _ended;
    private long _dropped;

    /// <summary>Writes to <paramref name="writer"/>, which it does not own, on a thread of its own.</summary>
    public OutputQueue(TextWriter writer)
        : base(writer.FormatProvider)
    {
        _writer = writer;
        _thread = new Thread(Drain) { Name = "output", IsBackground = true };
        _thread.Start();
    }

    public override Encoding Encoding => _writer.Encoding;

    /// <summary>Whole lines only: <see cref="WriteLine(string)"/>.</summary>
    public override void Write(char value) => throw new NotSupportedException("Write whole lines.");

    public override void WriteLine(string? value)
    {
        lock (_lock)
        {
            if (_lines.Count < Capacity)
            {
                _lines.Enqueue(value ?? "");
            }
            else
            {
                _dropped++;
            }
        }

        _wake.Set();
    }

    /// <summary>Waits a moment for what is left to be taken.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_ended)
        {
            _ended = true;
            _wake.Set();
            if (_thread.Join(CloseTimeout))
            {
                _wake.Dispose();
            }
        }

        base.Dispose(disposing);
    }

    private void Drain()
    {
        try
        {
            for (bool last = false; !last; )
            {
                last = _ended;
                while (TryTake() is { } line)
                {
                    _writer.WriteLine(line);
                    _writer.Flush();
                }

                if (!last)
                {
                    _wake.WaitOne();
                }
            }
        }
#pragma warning disable CA1031 // On a thread of its own it would end the process while the robot moves.
        catch (Exception)
#pragma warning restore CA1031
        {
            // Nobody is there any more. The run goes on, and its journal with it.
        }
    }

    private string? TryTake()
    {
        lock (_lock)
        {
            if (_dropped > 0 && _lines.Count == 0)
            {
                string said = FormattableString.Invariant($"warning: {_dropped} lines were dropped, because nobody took this output.");
                _dropped = 0;
                return said;
            }

            return _lines.TryDequeue(out string? line) ? line : null;
        }
    }
}
