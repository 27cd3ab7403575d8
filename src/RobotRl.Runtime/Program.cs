using RobotRl.Runtime.Composition;

// First, and with little that must be loaded: each library is a file that must be opened.
if (ProcessLimits.MissingFiles(ProcessLimits.FilesOfACommand) is { } few)
{
    ProcessLimits.WriteError(few);
    return ExitCode.BadInput;
}

return Start(args);

static int Start(string[] arguments) => RobotRlHost.CreateBuilder(arguments).Build().Run();
