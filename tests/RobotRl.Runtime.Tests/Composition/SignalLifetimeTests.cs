using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Tests.Composition;

public sealed class SignalLifetimeTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly Requests _requests = new();
    private readonly SignalLifetime _lifetime;

    public SignalLifetimeTests() =>
        _lifetime = new SignalLifetime(
            _requests,
            new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance),
            new SystemdNotifier(),
            _time,
            NullLogger<SignalLifetime>.Instance
        );

    public void Dispose() => _lifetime.Dispose();

    [Theory]
    [InlineData(PosixSignal.SIGTERM)]
    [InlineData(PosixSignal.SIGINT)]
    [InlineData(PosixSignal.SIGHUP)]
    public void Handle_SameSignalWithinASecond_IsOneRequest(PosixSignal signal)
    {
        Assert.True(GoesOn(signal, after: 0));
        Assert.True(GoesOn(signal, after: 0));
        Assert.True(GoesOn(signal, after: 0.5));
        Assert.True(GoesOn(signal, after: 0.49));

        Assert.Equal([StopLevel.ControlledStop], _requests.Levels);
    }

    [Fact]
    public void Handle_SameSignalLater_HardensAndThenLetsTheProcessEnd()
    {
        Assert.True(GoesOn(PosixSignal.SIGTERM, after: 0));
        Assert.True(GoesOn(PosixSignal.SIGTERM, after: 1));
        Assert.True(GoesOn(PosixSignal.SIGTERM, after: 0.1));
        Assert.Equal([StopLevel.ControlledStop, StopLevel.PowerOff], _requests.Levels);

        Assert.False(GoesOn(PosixSignal.SIGTERM, after: 1));
        Assert.Equal(2, _requests.Levels.Count);
    }

    [Fact]
    public void Handle_RepeatedAllTheTime_HardensAllTheSame()
    {
        // Each lies close to the one before; what counts is the distance to the one that was taken.
        for (int i = 0; i < 3; i++)
        {
            Assert.True(GoesOn(PosixSignal.SIGINT, after: 0.6));
        }

        Assert.Equal([StopLevel.ControlledStop, StopLevel.PowerOff], _requests.Levels);
    }

    [Fact]
    public void Handle_AnotherSignalAtOnce_Hardens()
    {
        Assert.True(GoesOn(PosixSignal.SIGINT, after: 0));
        Assert.True(GoesOn(PosixSignal.SIGQUIT, after: 0.1));

        Assert.Equal([StopLevel.ControlledStop, StopLevel.PowerOff], _requests.Levels);
    }

    [Fact]
    public void Handle_DriverThrows_TheProcessGoesOn_AndTheNextSignalIsHarder()
    {
        _requests.Throws = true;
        Assert.True(GoesOn(PosixSignal.SIGTERM, after: 0));
        _requests.Throws = false;
        Assert.True(GoesOn(PosixSignal.SIGTERM, after: 1));
        Assert.Equal([StopLevel.ControlledStop, StopLevel.PowerOff], _requests.Levels);
    }

    private bool GoesOn(PosixSignal signal, double after)
    {
        _time.Advance(TimeSpan.FromSeconds(after));
        var context = new PosixSignalContext(signal);
        _lifetime.Handle(context);
        return context.Cancel;
    }

    private sealed class Requests : IRunControl
    {
        public List<StopLevel> Levels { get; } = [];

        public RunStatus Status() => throw new NotSupportedException();

        public string? TryArm() => throw new NotSupportedException();

        public void ReportOperator() { }

        public string? ReportReady() => throw new NotSupportedException();

        public bool Throws { get; set; }

        public void RequestStop(StopLevel level, string reason)
        {
            Levels.Add(level);
            if (Throws)
            {
                throw new InvalidOperationException("the driver broke");
            }
        }
    }
}
