using System.Text;
using RobotRl.Runtime.Composition;
using Spectre.Console;

namespace RobotRl.Runtime.Views;

/// <summary>Chooses the view: live on a terminal, plain lines anywhere else.</summary>
internal static class RunView
{
    /// <summary>A view on <paramref name="writer"/>.</summary>
    public static IRunView Create(TextWriter writer)
    {
        bool terminal = ReferenceEquals(writer, StandardStreams.Error)
            ? !Console.IsErrorRedirected
            : ReferenceEquals(writer, StandardStreams.Output) && !Console.IsOutputRedirected;
        if (!terminal || Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb")
        {
            return new PlainRunView(new OutputQueue(writer), TimeProvider.System);
        }

        // It knows a terminal by the console's own writer.
        TextWriter known = ReferenceEquals(writer, StandardStreams.Error) ? Console.Error : Console.Out;
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(known) });
        return new LiveRunView(console, unicode: writer.Encoding is UTF8Encoding);
    }
}
