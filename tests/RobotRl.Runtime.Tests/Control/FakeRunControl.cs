using RobotRl.Algorithms;
using RobotRl.Hardware.Contracts;
using RobotRl.Runtime.Loops;

namespace RobotRl.Runtime.Tests.Control;

/// <summary>A session that remembers what was asked of it.</summary>
internal sealed class FakeRunControl : IRunControl
{
    public bool Armed { get; private set; }

    public string? WhyNotArmed { get; set; }

    public StopLevel Stopped { get; private set; }

    public RunStatus Status() =>
        new(
            "pendulum",
            "swing-up",
            Armed ? DeviceState.Powered : DeviceState.Readable,
            Armed,
            ["SensorStale"],
            new RunProgress
            {
                Phase = RunPhase.Training,
                Step = 5,
                TotalSteps = 10,
                StepsPerSecond = 2.5,
                LastReturn = -123.5,
                Metrics = new[] { new LearnerMetric("loss/critic", 0.5) },
            }
        )
        {
            Stop = new StopStatus(Stopped, Stopped >= StopLevel.ControlledStop && ConfirmsStops, TimeSpan.Zero),
        };

    /// <summary>Whether a stop is confirmed as soon as it is asked for.</summary>
    public bool ConfirmsStops { get; set; } = true;

    public int Beats { get; private set; }

    public void ReportOperator() => Beats++;

    public int Readies { get; private set; }

    public string? ReportReady()
    {
        Readies++;
        return null;
    }

    public string? TryArm()
    {
        Armed = WhyNotArmed is null;
        return WhyNotArmed;
    }

    public void RequestStop(StopLevel level, string reason) => Stopped = level > Stopped ? level : Stopped;
}
