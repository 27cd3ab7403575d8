using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using RobotRl.Algorithms.Torch;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Devices.Calibration;
using RobotRl.Hardware.Transports;
using RobotRl.Runtime.Commands;
using RobotRl.Runtime.Configuration;
using RobotRl.Runtime.Control;
using RobotRl.Runtime.Policies;
using RobotRl.Runtime.Runs;
using RobotRl.Runtime.Views;

namespace RobotRl.Runtime.Composition;

/// <summary>A program: a command line and what it may use.</summary>
public sealed class RobotRlProgram
{
    private readonly IReadOnlyList<string> _arguments;
    private readonly CommandContext _context;

    internal RobotRlProgram(IReadOnlyList<string> arguments, CommandContext context)
    {
        _arguments = arguments;
        _context = context;
    }

    /// <summary>Does what the command line says, to the end.</summary>
    /// <returns>The process's exit code, see <see cref="ExitCode"/>.</returns>
    public int Run()
    {
        ProcessLimits.IgnoreFileSizeSignal();
        int code = Invoke();
        if (_context.Output is SteadyWriter { Failure: { } why })
        {
            _context.Error.WriteLine($"Standard output did not take all that was written to it: {why}.");
            code = code == ExitCode.Done && !_context.HasRun ? ExitCode.Failed : code;
        }

        return code;
    }

    private int Invoke()
    {
        for (int i = 0; i < _arguments.Count; i++)
        {
            if (_arguments[i].Length == 0)
            {
                _context.Error.WriteLine(
                    $"The argument {(i == 0 ? "at the beginning" : $"after \"{_arguments[i - 1]}\"")} is empty. Give a value "
                        + $"there, or leave it out (an unset variable of a script?)."
                );
                return ExitCode.BadInput;
            }
        }

        var root = new RobotRlCommand(_context);
        ParseResult parsed = root.Parse(_arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (string message in parsed.Errors.Select(e => e.Message).Distinct())
            {
                _context.Error.WriteLine(message);
            }

            string name = "robotrl";
            for (CommandResult? at = parsed.CommandResult; at is not null && at.Command != root; at = at.Parent as CommandResult)
            {
                name = name.Insert("robotrl".Length, $" {at.Command.Name}");
            }

            _context.Error.WriteLine($"`{name} --help` shows what there is.");
            return ExitCode.BadInput;
        }

        try
        {
            // Signals are the session's: a stop has to be a controlled one.
            return parsed.Invoke(
                new InvocationConfiguration
                {
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = null,
                    Output = _context.Output,
                    Error = _context.Error,
                }
            );
        }
        catch (OptionsException e)
        {
            foreach (string problem in e.Problems)
            {
                _context.Error.WriteLine(Printable(problem));
            }

            return ExitCode.BadInput;
        }
        catch (Exception e)
            when (e
                    is BadInputException
                        or ControlException
                        or RunException
                        or PolicyFileException
                        or TorchLibraryException
                        or RobotException
                        or TransportException
                        or CalibrationException
            )
        {
            _context.Error.WriteLine(Printable(e.Message));
            return e is ControlException { StillRuns: true } ? ExitCode.Failed : ExitCode.BadInput;
        }
        catch (IOException e) when (e.HResult is UnixSocket.TooManyFiles or UnixSocket.TooManyFilesInSystem)
        {
            _context.Error.WriteLine(
                $"{e.Message.TrimEnd('.')}: no more files can be opened. Raise the limit (ulimit -n 1024; LimitNOFILE= in a "
                    + $"service's unit)."
            );
            return _context.HasRun ? ExitCode.Failed : ExitCode.BadInput;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Sessions tell of their own failures; what comes here was met before one began.
            _context.Error.WriteLine(
                DirectoryIsGone()
                    ? "The working directory no longer exists. Change to one that does (cd), or name files by their full paths."
                    : Printable(e.Message)
            );
            return ExitCode.BadInput;
        }
#pragma warning disable CA1031 // The last resort: whatever it was, the caller gets a message and our exit code.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _context.Error.WriteLine(e.ToString());
            return ExitCode.Failed;
        }
    }

    /// <summary>Without characters that a terminal would obey: messages repeat what somebody wrote into a file.</summary>
    private static string Printable(string message) =>
        message.Any(IsCommand)
            ? string.Concat(
                message.Select(c => IsCommand(c) ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : c.ToString())
            )
            : message;

    private static bool IsCommand(char c) => char.IsControl(c) && c is not ('\n' or '\r' or '\t');

    private static bool DirectoryIsGone()
    {
        try
        {
            return !Directory.Exists(Directory.GetCurrentDirectory());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }
}
