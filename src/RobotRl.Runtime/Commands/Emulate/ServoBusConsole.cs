using System.Runtime.InteropServices;
using RobotRl.Hardware.Emulation;
using RobotRl.Hardware.Transports;
using RobotRl.Runtime.Composition;

namespace RobotRl.Runtime.Commands.Emulate;

/// <summary>Runs an emulated servo bus until Ctrl-C; lines of text switch its faults.</summary>
internal static class ServoBusConsole
{
    /// <summary>Serves <paramref name="bus"/> on <paramref name="terminal"/>.</summary>
    /// <param name="bus">The bus; it is not started yet.</param>
    /// <param name="terminal">Its port, closed.</param>
    /// <param name="hints">Lines for the user, given the port's path: what is there, and how to drive it.</param>
    /// <param name="lines">Commands, one a line; their end is not the end.</param>
    /// <param name="answers">Hints and answers.</param>
    /// <param name="cancel">Ends it, as Ctrl-C and SIGTERM do.</param>
    public static async Task RunAsync(
        ServoBusEmulator bus,
        PseudoTerminal terminal,
        Func<string, IEnumerable<string>> hints,
        TextReader lines,
        TextWriter answers,
        CancellationToken cancel
    )
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End),
            terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        void End(PosixSignalContext signal)
        {
            signal.Cancel = true;
            ending.Cancel();
        }

        try
        {
            bus.Start();
        }
        catch (TransportException error)
        {
            throw new BadInputException(error.Message, error);
        }

        foreach (string hint in hints(terminal.Name))
        {
            await answers.WriteLineAsync(hint).ConfigureAwait(false);
        }

        await answers.FlushAsync(cancel).ConfigureAwait(false);

        // A read of standard input cannot be cancelled: it is left behind on a thread that does not keep the process.
        new Thread(() => Obey(bus, lines, answers)) { IsBackground = true, Name = "fault commands" }.Start();
        await Task.Delay(Timeout.Infinite, ending.Token)
            .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default)
            .ConfigureAwait(false);
    }

    private static void Obey(ServoBusEmulator bus, TextReader lines, TextWriter answers)
    {
        while (lines.ReadLine() is { } line)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                FaultCommands.TryApply(bus.Faults, bus.Servos, line, out string answer);
                answers.WriteLine(answer);
                answers.Flush();
            }
        }
    }
}
