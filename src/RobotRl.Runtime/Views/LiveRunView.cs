using RobotRl.Runtime.Loops;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace RobotRl.Runtime.Views;

/// <summary>A view that redraws itself on a terminal, four times a second, on a thread of its own.</summary>
internal sealed class LiveRunView : IRunView
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private const int MaxLines = 1000;

    private readonly IAnsiConsole _console;
    private readonly bool _unicode;
    private readonly Lock _lock = new();
    private readonly Queue<string> _lines = new();
    private readonly SmallCurve _curve = new();
    private readonly ManualResetEventSlim _ended = new();
    private readonly Thread _thread;
    private RunProgress? _newest;
    private long _episodes = -1;

    public LiveRunView(IAnsiConsole console, bool unicode)
    {
        _console = console;
        _unicode = unicode;
        _thread = new Thread(Draw) { Name = "view", IsBackground = true };
        _thread.Start();
    }

    public string? Hint { private get; set; }

    public void Report(RunProgress value)
    {
        lock (_lock)
        {
            _newest = value;
            if (value.Phase == RunPhase.Training && value.Episodes != _episodes)
            {
                _episodes = value.Episodes;
                _curve.Add(value.MeanReturn);
            }
        }
    }

    public void WriteLine(string line)
    {
        lock (_lock)
        {
            _lines.Enqueue(line);
            if (_lines.Count > MaxLines)
            {
                // Nobody takes them: the terminal stands still.
                _lines.Dequeue();
            }
        }
    }

    public void Dispose()
    {
        _ended.Set();
        if (_thread.Join(CloseTimeout))
        {
            _ended.Dispose();
        }
    }

    /// <summary>What is shown of <paramref name="progress"/> in <paramref name="width"/> columns.</summary>
    internal static IRenderable Render(in RunProgress progress, SmallCurve curve, int width, bool unicode)
    {
        var rows = new List<IRenderable> { new Text(ProgressText.Headline(progress)) };
        if (progress.TotalSteps > 0)
        {
            int cells = Math.Clamp(width - 2, 10, 72);
            int done = (int)Math.Clamp(cells * progress.Step / progress.TotalSteps, 0, cells);
            rows.Add(new Text(new string(unicode ? '━' : '#', done) + new string(unicode ? '─' : '.', cells - done)));
        }

        // Two lines at most on 80 columns; an alarm stands out.
        var figures = new Paragraph();
        foreach ((string name, string value, bool alarm) in ProgressText.Figures(progress))
        {
            figures.Append(name + " ", new Style(decoration: Decoration.Dim));
            figures.Append(value + "  ", alarm ? new Style(Color.Red, decoration: Decoration.Bold) : Style.Plain);
        }

        rows.Add(figures);
        rows.AddRange(curve.Render(Math.Min(width - 14, 66), 4, unicode).Select(r => new Text(r)));
        return new Rows(rows);
    }

    private void Draw()
    {
        var area = new Rows();
        try
        {
            _console
                .Live(area)
                .AutoClear(false)
                .Start(context =>
                {
                    for (bool ended = false; !ended; )
                    {
                        ended = _ended.Wait(Interval);
                        Refresh(context);
                    }
                });
        }
#pragma warning disable CA1031 // On a thread of its own it would end the process while the robot moves.
        catch (Exception)
#pragma warning restore CA1031
        {
            // The terminal is gone. The run goes on, or stops as it was told to.
        }
    }

    private void Refresh(LiveDisplayContext context)
    {
        string[] lines;
        IRenderable? content = null;
        lock (_lock)
        {
            lines = [.. _lines];
            _lines.Clear();
            if (_newest is { } newest)
            {
                content = Render(newest, _curve, _console.Profile.Width, _unicode);
                content = Hint is { } hint ? new Rows(content, new Text(hint, new Style(decoration: Decoration.Dim))) : content;
            }
        }

        foreach (string line in lines)
        {
            _console.WriteLine(line);
        }

        if (content is not null)
        {
            context.UpdateTarget(content);
        }
    }
}
