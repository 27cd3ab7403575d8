using RobotRl.Hardware.Devices.Mcu;
using RobotRl.Runtime.Control;

namespace RobotRl.Hil.Pendulum;

/// <summary>One cause for which the host has to stop the rig, and what brings it about.</summary>
/// <param name="Name">Its name in tables and tests.</param>
/// <param name="Cause">The failsafe's cause.</param>
/// <param name="Sabotage">What fails in the process; null where something outside does.</param>
/// <param name="Threshold">Option that sets when the cause is met.</param>
/// <param name="Inject">Brings it about from outside; null where the process does it.</param>
/// <param name="CountsFromInjection">Whether the stop is late from that moment on; else from the crossing that the failsafe's log
/// names.</param>
/// <param name="Restore">Undoes it once the motor is off, so that the stop can be read back.</param>
public sealed record HostStopScenario(
    string Name,
    string Cause,
    string? Sabotage,
    string? Threshold,
    Action<PendulumRig, RobotRlProcess>? Inject = null,
    bool CountsFromInjection = false,
    Action<PendulumRig>? Restore = null
)
{
    /// <summary>Greatest time from the crossed threshold to the motor off, for 95 of 100 stops: two control periods.</summary>
    public static TimeSpan Usual { get; } = 2 * new McuOptions().ControlPeriod;

    /// <summary>Greatest time for any: the device's own command timeout.</summary>
    public static TimeSpan Bound { get; } = new McuOptions().CommandTimeout;

    /// <summary>
    /// Every one. Thresholds are as tight as a healthy loop allows, so that the failsafe acts, not the device's own timeout.
    /// </summary>
    public static IReadOnlyList<HostStopScenario> All { get; } =
    [
        new("emergency-stop", "EmergencyStop", null, null, (_, robotrl) => robotrl.Ask(ControlCommand.PowerOff), CountsFromInjection: true),
        new(
            "stale-sensor",
            "SensorStale",
            null,
            "Failsafe:SensorStale:Threshold=00:00:00.050",
            (rig, _) => rig.Control.Cut(LineDirection.ToHost),
            Restore: rig => rig.Control.Restore(LineDirection.ToHost)
        ),
        new("non-finite-action", "NonFiniteAction", "nan", "Failsafe:NonFiniteAction:Threshold=1"),
        new("control-stalled", "ControlStalled", "stall", "Failsafe:ControlStalled:Threshold=00:00:00.040"),
        new("deadline-missed", "DeadlineMissed", "late", "Failsafe:DeadlineMissed:Threshold=3"),
    ];

    /// <summary>The scenario of that name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static HostStopScenario Named(string name) =>
        All.FirstOrDefault(s => s.Name == name)
        ?? throw new ArgumentException($"No scenario \"{name}\"; there are {string.Join(", ", All.Select(s => s.Name))}.", nameof(name));

    /// <summary>Options for the run: its threshold, power off as the action, uniformly drawn actions throughout.</summary>
    public IEnumerable<string> Settings =>
        [
            .. Threshold is null ? Array.Empty<string>() : [Threshold],
            .. Cause is "SensorStale" or "ControlStalled" ? new[] { $"Failsafe:{Cause}:Periods=0" } : [],
            $"Failsafe:{Cause}:Action=PowerOff",
            "Learner:Sac:LearningStarts=100000",
        ];
}
