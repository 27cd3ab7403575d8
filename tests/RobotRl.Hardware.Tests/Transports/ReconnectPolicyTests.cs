using Microsoft.Extensions.Time.Testing;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Tests.Transports;

/// <summary>On a fake clock that moves in small steps until the policy has done what is waited for.</summary>
public sealed class ReconnectPolicyTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    private readonly FakeTimeProvider _clock = new();
    private readonly List<TimeSpan> _attempts = [];
    private readonly ReconnectOptions _options = new();

    [Fact]
    public void Validate_Defaults_HaveNoProblem() => Assert.Empty(_options.Validate("Reconnect"));

    [Fact]
    public void Validate_EverythingWrong_SaysEach() =>
        Assert.Equal(
            4,
            new ReconnectOptions
            {
                FirstDelay = TimeSpan.FromSeconds(9),
                BreakerAttempts = 1,
                BreakerWindow = TimeSpan.Zero,
                BreakerPause = TimeSpan.Zero,
            }
                .Validate("R")
                .Count()
        );

    [Fact]
    public async Task RunAsync_LinkBackAfterAWhile_ConnectsWithGrowingWaitsThenIsDone()
    {
        TimeSpan back = TimeSpan.FromSeconds(3);
        var policy = new ReconnectPolicy(_options, _clock);
        await Run(policy, () => Elapsed >= back);
        Assert.True(_attempts[0] >= _options.FirstDelay);
        Assert.InRange(_attempts[^1] - back, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Equal(_attempts.Count, policy.Attempts);
        Assert.InRange(_attempts.Count, 3, 12);
    }

    [Fact]
    public async Task RunAsync_LinkAwayForLong_BreakerLimitsTheAttemptsAndItIsBackWithinFiveSeconds()
    {
        TimeSpan back = TimeSpan.FromMinutes(5);
        await Run(new ReconnectPolicy(_options, _clock), () => Elapsed >= back);
        Assert.InRange(_attempts[^1] - back, TimeSpan.Zero, TimeSpan.FromSeconds(5));

        // Once open, it lets one attempt through per pause.
        TimeSpan[] late = [.. _attempts.Where(a => a > TimeSpan.FromMinutes(1))];
        Assert.InRange(late.Length, 60, (int)((back - TimeSpan.FromMinutes(1)) / TimeSpan.FromSeconds(2)));
    }

    [Fact]
    public async Task RunAsync_Cancelled_Ends()
    {
        using var cancel = new CancellationTokenSource();
        Task run = new ReconnectPolicy(_options, _clock).RunAsync(_ => throw new TransportException("x", "not there"), cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task RunAsync_UnexpectedException_Passes()
    {
        Task run = new ReconnectPolicy(_options, _clock).RunAsync(_ => throw new FormatException("a bug"), CancellationToken.None);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<FormatException>(() => run);
    }

    [Fact]
    public void Constructor_BadOptions_Throws() =>
        Assert.Throws<ArgumentException>(() => new ReconnectPolicy(new ReconnectOptions { BreakerAttempts = 0 }, _clock));

    private TimeSpan Elapsed => _clock.GetUtcNow() - _clock.Start;

    private async Task Run(ReconnectPolicy policy, Func<bool> isBack)
    {
        Task run = policy.RunAsync(
            _ =>
            {
                _attempts.Add(Elapsed);
                return isBack() ? ValueTask.CompletedTask : throw new TransportException("x", "not there");
            },
            CancellationToken.None
        );
        for (int i = 0; !run.IsCompleted; i++)
        {
            Assert.True(i < 60_000, "never back");
            _clock.Advance(Step);
            await Task.Yield();
        }

        await run;
    }
}
