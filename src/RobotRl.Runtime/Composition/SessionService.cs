using Microsoft.Extensions.Hosting;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Composition;

/// <summary>
/// Runs the session on a thread of its own once every other service has opened its ports, and ends the host when it is over.
/// Registered first, so that it is stopped last: who stops the host waits here until the robot is at rest.
/// </summary>
internal sealed class SessionService(IRunSession session, IProgress<RunProgress> progress, IHostApplicationLifetime lifetime)
    : IHostedLifecycleService
{
    private readonly TaskCompletionSource<RunOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Thread? _thread;

    /// <summary>How the session ended; an exception of its own comes out here.</summary>
    public Task<RunOutcome> Outcome => _outcome.Task;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _thread = new Thread(Run) { Name = "session", IsBackground = false };
        _thread.Start();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_thread is not null)
        {
            session.RequestStop(StopLevel.ControlledStop, "the host stops");
            // However it ended: Outcome tells.
            await Task.WhenAny(_outcome.Task).ConfigureAwait(false);
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Run()
    {
        try
        {
            _outcome.SetResult(session.Run(progress));
        }
#pragma warning disable CA1031 // It leaves through Outcome; on this thread it would end the process.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _outcome.SetException(e);
        }

        lifetime.StopApplication();
    }
}
