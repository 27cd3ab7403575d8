using RobotRl.Hardware.Devices.Mcu;

namespace RobotRl.Hil.Pendulum;

/// <summary>One way in which commands cease to come, and how soon the motor must be off.</summary>
/// <param name="Name">Its name in tables and tests.</param>
/// <param name="What">What happens, in words.</param>
/// <param name="Bound">Greatest time until the motor is off.</param>
/// <param name="FromFault">Whether that time counts from the fault; else from the last command that the firmware accepted.</param>
/// <param name="Inject">Does it.</param>
/// <param name="OnProcess">The same on a real port, where only the commanding process can be touched; null where it cannot be
/// done there.</param>
public sealed record StopScenario(
    string Name,
    string What,
    TimeSpan Bound,
    bool FromFault,
    Action<PendulumRig, Commander> Inject,
    Action<Commander>? OnProcess = null
)
{
    private static readonly TimeSpan CommandTimeoutBound =
        new McuOptions().CommandTimeout + FirmwareFacts.CheckPeriod + FirmwareFacts.PwmPeriod;

    /// <summary>Every one, by the MCU alone: no host helps.</summary>
    public static IReadOnlyList<StopScenario> All { get; } =
    [
        new(
            "sigkill",
            "the commanding process is killed",
            CommandTimeoutBound,
            false,
            (_, commander) => commander.Kill(),
            commander => commander.Kill()
        ),
        new(
            "sigstop",
            "the commanding process is frozen",
            CommandTimeoutBound,
            false,
            (_, commander) => commander.Freeze(),
            commander => commander.Freeze()
        ),
        new("link-cut", "the serial line is cut", CommandTimeoutBound, false, (rig, _) => rig.Control.Cut()),
        new("link-corrupted", "a third of all bytes is damaged", CommandTimeoutBound, false, (rig, _) => rig.Control.Corrupt(1.0 / 3)),
        new(
            "mcu-hang",
            "the MCU hangs with interrupts off",
            FirmwareFacts.Watchdog + FirmwareFacts.CheckPeriod + FirmwareFacts.PwmPeriod,
            true,
            (rig, _) => rig.Control.Hang()
        ),
        new("brown-out", "the MCU's supply breaks down", FirmwareFacts.PwmPeriod, true, (rig, _) =>
            rig.Control.BrownOut(TimeSpan.FromMilliseconds(20))
        ),
    ];

    /// <summary>Why it cannot be run on a real port; null where it can.</summary>
    public string? NotOnRealPort => OnProcess is null ? $"{Name}: {What}; only the emulated rig can do that to order." : null;

    /// <summary>The scenario of that name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static StopScenario Named(string name) =>
        All.FirstOrDefault(s => s.Name == name)
        ?? throw new ArgumentException($"No scenario \"{name}\"; there are {string.Join(", ", All.Select(s => s.Name))}.", nameof(name));
}
