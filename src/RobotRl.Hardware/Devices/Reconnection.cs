using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Devices;

/// <summary>Lets the policy decide when a lost link is tried again, and the I/O thread try it.</summary>
/// <param name="policy">Backoff and circuit breaker.</param>
/// <param name="wake">Wakes the I/O thread.</param>
internal sealed class Reconnection(ReconnectPolicy policy, AutoResetEvent wake) : IDisposable
{
    private volatile TaskCompletionSource? _attempt;
    private CancellationTokenSource? _cancel;

    /// <summary>I/O thread: begins.</summary>
    public void Start()
    {
        Stop();
        _cancel = new();
        _ = policy.RunAsync(AttemptAsync, _cancel.Token);
    }

    /// <summary>Ends it. I/O thread, or the closing one after it.</summary>
    public void Stop()
    {
        _cancel?.Cancel();
        _cancel?.Dispose();
        (_cancel, _attempt) = (null, null);
    }

    /// <summary>
    /// I/O thread: true where it is time to try; the outcome is to be told by <see cref="Succeeded"/> or <see cref="Failed"/>.
    /// </summary>
    public bool IsDue => _attempt is not null;

    public void Succeeded() => Interlocked.Exchange(ref _attempt, null)?.TrySetResult();

    public void Failed(Exception error) => Interlocked.Exchange(ref _attempt, null)?.TrySetException(error);

    public void Dispose() => Stop();

    private async ValueTask AttemptAsync(CancellationToken cancel)
    {
        var attempt = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _attempt = attempt;
        wake.Set();
        await attempt.Task.WaitAsync(cancel).ConfigureAwait(false);
    }
}
