using Microsoft.Extensions.Logging;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Tests.Composition;

/// <summary>Makes a session that ends as told, or waits to be stopped.</summary>
internal sealed class FakeSessions(string directory) : ISessionFactory
{
    public RunOutcome? Outcome { get; set; }

    public Exception? Throws { get; set; }

    public Exception? ThrowsWhileMaking { get; set; }

    public SessionPlan? Plan { get; private set; }

    public FakeSession? Session { get; private set; }

    public IRunSession Create(SessionPlan plan, ILoggerFactory loggers)
    {
        Plan = plan;
        return ThrowsWhileMaking is null ? Session = new FakeSession(this, directory) : throw ThrowsWhileMaking;
    }

    internal sealed class FakeSession(FakeSessions owner, string directory) : IRunSession
    {
        private readonly ManualResetEventSlim _stopped = new();

        public string RunDirectory => directory;

        public StopLevel Stopped { get; private set; }

        public bool Disposed { get; private set; }

        public RunOutcome Run(IProgress<RunProgress> progress)
        {
            progress.Report(
                new RunProgress
                {
                    Phase = RunPhase.Training,
                    Step = 3,
                    TotalSteps = 10,
                }
            );
            if (owner.Throws is not null)
            {
                throw owner.Throws;
            }

            if (owner.Outcome is null)
            {
                _stopped.Wait(TestContext.Current.CancellationToken);
            }

            return owner.Outcome ?? new RunOutcome(RunEnd.Stopped, "stopped as asked", []);
        }

        public RunStatus Status() =>
            new(
                "pendulum",
                "pendulum-swing-up",
                Stopped == StopLevel.None ? DeviceState.Powered : DeviceState.Faulted,
                true,
                [],
                new RunProgress { Phase = RunPhase.Training, Step = 3 }
            )
            {
                Stop = new StopStatus(Stopped, Stopped != StopLevel.None, TimeSpan.Zero),
            };

        public void ReportOperator() { }

        public string? ReportReady() => null;

        public string? TryArm() => "arming is refused in this test";

        public void RequestStop(StopLevel level, string reason)
        {
            Stopped = level > Stopped ? level : Stopped;
            _stopped.Set();
        }

        public void Dispose() => Disposed = true;
    }
}
