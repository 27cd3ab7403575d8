using System.Text;
using Spectre.Console;

namespace RobotRl.Runtime.Views;

/// <summary>Chooses the view: live on a terminal, plain lines anywhere else.</summary>
internal static class RunView
{
    /// <summary>A view on <paramref name="writer"/>.</summary>
    public static IRunView Create(TextWriter writer)
    {
        bool terminal = ReferenceEquals(writer, Console.Error) ? !Console.IsErrorRedirected : ReferenceEquals(writer, Console.Out) && !Console.IsOutputRedirected;
        if (!terminal || Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb")
        {
            return new PlainRunView(new OutputQueue(writer), TimeProvider.System);
        }

        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        return new LiveRunView(console, unicode: writer.Encoding is UTF8Encoding);
    }
}
