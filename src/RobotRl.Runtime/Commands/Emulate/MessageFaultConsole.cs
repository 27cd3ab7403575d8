using System.Globalization;
using RobotRl.Hardware.Emulation;

namespace RobotRl.Runtime.Commands.Emulate;

/// <summary>Switches the faults of an emulated robot's messages by lines of text.</summary>
internal sealed class MessageFaultConsole(FaultyMqttLink link, Func<string> status)
{
    /// <summary>What may be said.</summary>
    public const string Usage =
        "lost SHARE, late SHARE [SECONDS], duplicated SHARE, corrupted SHARE (SHARE 0 to 1), silent on|off, none, status, quit";

    /// <summary>Reads lines until one says quit; where they end, until <paramref name="cancel"/>.</summary>
    public async Task RunAsync(TextReader lines, TextWriter answers, CancellationToken cancel)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        // A read of standard input cannot be cancelled: it is left behind on a thread that does not keep the process.
        var reader = new Thread(() =>
        {
            for (string? line = lines.ReadLine(); line is not null; line = lines.ReadLine())
            {
                if (line.Trim() == "quit")
                {
                    ended.TrySetResult();
                    return;
                }

                if (Obey(line) is { } answer)
                {
                    answers.WriteLine(answer);
                }
            }
        })
        {
            IsBackground = true,
        };
        reader.Start();
        await Task.WhenAny(ended.Task, Task.Delay(Timeout.Infinite, cancel)).ConfigureAwait(false);
    }

    /// <summary>Does what a line says and returns what to answer; null for an empty line.</summary>
    public string? Obey(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        switch (words)
        {
            case []:
                return null;
            case ["status"]:
                return status();
            case ["none"]:
                (link.Lost, link.Late, link.Duplicated, link.Corrupted, link.Silent) = (0, 0, 0, 0, false);
                return "No faults.";
            case ["silent", "on" or "off"]:
                link.Silent = words[1] == "on";
                return link.Silent ? "Silent: nothing comes or goes." : "No longer silent.";
            case ["late", var share, var seconds]
                when TryShare(share, out double late) && TryNumber(seconds, out double delay) && delay is > 0 and <= 60:
                (link.Late, link.Delay) = (late, TimeSpan.FromSeconds(delay));
                return FormattableString.Invariant($"{late:P0} of the messages come {delay} s late.");
            case ["lost" or "late" or "duplicated" or "corrupted", var share] when TryShare(share, out double value):
                Set(words[0], value);
                return FormattableString.Invariant($"{value:P0} of the messages are {words[0]}.");
            default:
                return $"\"{line.Trim()}\" is not understood; allowed: {Usage}.";
        }
    }

    private void Set(string fault, double share)
    {
        switch (fault)
        {
            case "lost":
                link.Lost = share;
                break;
            case "late":
                link.Late = share;
                break;
            case "duplicated":
                link.Duplicated = share;
                break;
            default:
                link.Corrupted = share;
                break;
        }
    }

    private static bool TryShare(string word, out double share) => TryNumber(word, out share) && share is >= 0 and <= 1;

    private static bool TryNumber(string word, out double number) =>
        double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out number);
}
