using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Transports;

/// <summary>
/// Tries a lost link again until it is there: exponential backoff with jitter, and a circuit breaker behind which a peer that
/// stays away is left in peace. Never on the control thread.
/// </summary>
/// <remarks>
/// Only <see cref="TransportException"/> and <see cref="RobotException"/> count as "not there yet"; anything else ends the
/// trying. The breaker remembers earlier losses, so that a flapping link is paused too.
/// </remarks>
public sealed class ReconnectPolicy
{
    private readonly ResiliencePipeline _pipeline;
    private readonly TimeProvider _time;
    private readonly TimeSpan _firstDelay;
    private int _attempts;

    /// <summary>Waits on <paramref name="time"/>.</summary>
    /// <exception cref="ArgumentException">The options have problems; the message lists them all.</exception>
    public ReconnectPolicy(ReconnectOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        string[] problems = [.. options.Validate("Reconnect")];
        if (problems.Length > 0)
        {
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        }

        (_time, _firstDelay) = (time, options.FirstDelay);
        PredicateBuilder<object> expected = new PredicateBuilder().Handle<TransportException>().Handle<RobotException>();
        var breaker = new CircuitBreakerStrategyOptions
        {
            ShouldHandle = expected,
            FailureRatio = 1,
            MinimumThroughput = options.BreakerAttempts,
            SamplingDuration = options.BreakerWindow,
            BreakDuration = options.BreakerPause,
        };
        var retry = new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<TransportException>().Handle<RobotException>().Handle<BrokenCircuitException>(),
            MaxRetryAttempts = int.MaxValue,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = options.FirstDelay,
            MaxDelay = options.MaxDelay,

            // While the breaker is open, wait for its end rather than fail fast against it.
            DelayGenerator = refused => new(refused.Outcome.Exception is BrokenCircuitException { RetryAfter: { } left } ? left : null),
        };
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(retry)
            .AddCircuitBreaker(breaker)
            .Build();
    }

    /// <summary>Attempts made since the policy was made. Any thread.</summary>
    public int Attempts => Volatile.Read(ref _attempts);

    /// <summary>
    /// Waits the first delay, then has <paramref name="connect"/> tried until it succeeds. One run at a time.
    /// </summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was asked for.</exception>
    public async Task RunAsync(Func<CancellationToken, ValueTask> connect, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(connect);
        await Task.Delay(_firstDelay, _time, cancel).ConfigureAwait(false);
        await _pipeline
            .ExecuteAsync(
                async token =>
                {
                    Interlocked.Increment(ref _attempts);
                    await connect(token).ConfigureAwait(false);
                },
                cancel
            )
            .ConfigureAwait(false);
    }

    /// <summary>As <see cref="RunAsync"/>, and waits for it on the calling thread.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was asked for.</exception>
    public void Run(Action connect, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(connect);
        RunAsync(
                _ =>
                {
                    connect();
                    return ValueTask.CompletedTask;
                },
                cancel
            )
            .GetAwaiter()
            .GetResult();
    }
}
