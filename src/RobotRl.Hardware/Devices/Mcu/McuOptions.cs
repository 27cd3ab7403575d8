using System.Globalization;
using System.Text;
using RobotRl.Hardware.Contracts;
using RobotRl.Hardware.Protocols.Mcu;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Devices.Mcu;

/// <summary>A motor controller that speaks the MCU protocol. Every default is the pendulum rig's (hil/pendulum).</summary>
public sealed record McuOptions
{
    /// <summary>
    /// The port. Default <c>/dev/ttyACM0</c> at 500000 baud: an Arduino Uno on Linux, and a rate that 16 MHz divides exactly.
    /// </summary>
    public SerialOptions Serial { get; set; } = new() { Port = "/dev/ttyACM0", BaudRate = 500_000 };

    /// <summary>Name that the device must report. Default robotrl-pendulum.</summary>
    public string DeviceName { get; set; } = "robotrl-pendulum";

    /// <summary>Kind of device (its maker's number) that it must report. Default 1, the pendulum rig; null: any.</summary>
    public int? DeviceKind { get; set; } = 1;

    /// <summary>Upper byte of the firmware version that it must report. Default 1; null: any.</summary>
    public int? FirmwareMajor { get; set; } = 1;

    /// <summary>Period of control and of the serial exchange. Default 20 ms (50 Hz).</summary>
    public TimeSpan ControlPeriod { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// The device removes power by itself when no command came for that long; whole milliseconds. Default 60 ms: two commands may
    /// be lost.
    /// </summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromMilliseconds(60);

    /// <summary>
    /// Longest wait for an answer. Default 8 ms: an exchange takes 1.2 ms on the emulated rig, 3.4 ms at p99 (measured), and a
    /// busy machine needs room.
    /// </summary>
    public TimeSpan ReplyTimeout { get; set; } = TimeSpan.FromMilliseconds(8);

    /// <summary>
    /// How long the device may stay silent after its port was opened. Default 3 s: opening resets an Arduino, whose boot loader
    /// waits 1 s.
    /// </summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// The device's own time since its start from which on it is ready. Default 600 ms: the rig takes half a second of rest as
    /// its zero position.
    /// </summary>
    public TimeSpan SettleTime { get; set; } = TimeSpan.FromMilliseconds(600);

    /// <summary>
    /// How far the device's clock may drift from this machine's, parts per million. Default 5000: an Uno's ceramic resonator (0.5
    /// %).
    /// </summary>
    public double ClockDriftPpm { get; set; } = 5000;

    /// <summary>
    /// Whether zero effort brakes. Default true: at zero volts the bridge shorts the motor. Where it does not, a hold becomes a
    /// power-off.
    /// </summary>
    public bool ZeroEffortBrakes { get; set; } = true;

    /// <summary>
    /// What the device reports, by name, in the order of the vectors. Default null: pole/position, pole/velocity, motor/current,
    /// motor/voltage.
    /// </summary>
    public Dictionary<string, McuStateOptions>? States { get; set; }

    /// <summary>What the device is told, by name, in the order of the vectors. Default null: pole/effort, -3 to 3 V.</summary>
    public Dictionary<string, McuCommandOptions>? Commands { get; set; }

    /// <summary>How the driver cycles it.</summary>
    public DriverOptions Driver { get; set; } = new();

    internal IReadOnlyDictionary<string, McuStateOptions> EffectiveStates => States ?? PendulumStates;

    internal IReadOnlyDictionary<string, McuCommandOptions> EffectiveCommands => Commands ?? PendulumCommands;

    // Allowed: the firmware's own limits (hil/pendulum/firmware/board.h).
    private static Dictionary<string, McuStateOptions> PendulumStates { get; } =
        new(StringComparer.Ordinal)
        {
            ["pole/position"] = new() { Kind = InterfaceKind.Position, Unit = "rad" },
            ["pole/velocity"] = new() { Kind = InterfaceKind.Velocity, Unit = "rad/s" },
            ["motor/current"] = new()
            {
                Kind = InterfaceKind.Current,
                Unit = "A",
                AllowedMinimum = -3,
                AllowedMaximum = 3,
            },
            ["motor/voltage"] = new()
            {
                Kind = InterfaceKind.Voltage,
                Unit = "V",
                AllowedMinimum = 10,
                AllowedMaximum = 14.5,
            },
        };

    private static Dictionary<string, McuCommandOptions> PendulumCommands { get; } =
        new(StringComparer.Ordinal)
        {
            ["pole/effort"] = new() { PositionState = "pole/position", VelocityState = "pole/velocity" },
        };

    /// <summary>All problems of these options, one sentence each.</summary>
    public IEnumerable<string> Validate(string path) =>
        [
            .. Serial.Validate($"{path}:Serial"),
            .. ValidateIdentity(path),
            .. ValidateTimes(path),
            .. ValidateInterfaces(path),
            .. ControlPeriod > TimeSpan.Zero ? Driver.Validate($"{path}:Driver", ControlPeriod) : [],
        ];

    /// <summary>The robot that these options describe.</summary>
    public RobotDescription Describe() =>
        new(
            DeviceName,
            [
                .. EffectiveStates.Select(s => new StateInterface(
                    s.Key,
                    s.Value.Kind,
                    s.Value.Unit,
                    s.Value.Minimum ?? double.NegativeInfinity,
                    s.Value.Maximum ?? double.PositiveInfinity
                )
                {
                    AllowedMinimum = s.Value.AllowedMinimum,
                    AllowedMaximum = s.Value.AllowedMaximum,
                }),
            ],
            [
                .. EffectiveCommands.Select(c => new CommandInterface(
                    c.Key,
                    c.Value.Kind,
                    c.Value.Unit,
                    c.Value.Minimum,
                    c.Value.Maximum,
                    0
                )
                {
                    PositionState = c.Value.PositionState,
                    VelocityState = c.Value.VelocityState,
                }),
            ],
            ControlPeriod
        )
        {
            HasDamping = ZeroEffortBrakes,
        };

    private IEnumerable<string> ValidateIdentity(string path)
    {
        if (string.IsNullOrWhiteSpace(DeviceName) || Encoding.UTF8.GetByteCount(DeviceName) > McuProtocol.DeviceNameLength)
        {
            yield return $"{path}:DeviceName is \"{DeviceName}\"; allowed: 1 to {McuProtocol.DeviceNameLength} bytes. Set the name that "
                + $"the firmware reports.";
        }

        if (DeviceKind is < 0 or > ushort.MaxValue)
        {
            yield return $"{path}:DeviceKind is {DeviceKind}; allowed: 0 to {ushort.MaxValue}. Set the number that the firmware reports, "
                + $"or null.";
        }

        if (FirmwareMajor is < 0 or > byte.MaxValue)
        {
            yield return $"{path}:FirmwareMajor is {FirmwareMajor}; allowed: 0 to {byte.MaxValue}. Set the upper byte of the firmware's "
                + $"version, or null.";
        }

        if (!(double.IsFinite(ClockDriftPpm) && ClockDriftPpm >= 0))
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{path}:ClockDriftPpm is {ClockDriftPpm}; allowed: finite, at least 0. Set 5000 for a ceramic resonator, 100 "
                    + $"for a crystal."
            );
        }
    }

    private IEnumerable<string> ValidateTimes(string path)
    {
        if (ControlPeriod <= TimeSpan.Zero)
        {
            yield return $"{path}:ControlPeriod is {ControlPeriod}; allowed: above 00:00:00. Set it to about 00:00:00.02.";
        }

        if (ReplyTimeout <= TimeSpan.Zero || ReplyTimeout >= ControlPeriod)
        {
            yield return $"{path}:ReplyTimeout is {ReplyTimeout}; allowed: above 00:00:00, below {path}:ControlPeriod ({ControlPeriod}). "
                + $"Set it to less than half a period.";
        }

        if (CommandTimeout.Ticks % TimeSpan.TicksPerMillisecond != 0 || CommandTimeout.TotalMilliseconds > ushort.MaxValue)
        {
            yield return $"{path}:CommandTimeout is {CommandTimeout}; allowed: whole milliseconds up to 00:01:05.535. Round it.";
        }

        if (CommandTimeout <= 1.5 * ControlPeriod)
        {
            yield return $"{path}:CommandTimeout is {CommandTimeout}; allowed: above one and a half control periods "
                + $"({1.5 * ControlPeriod}), or a late command removes power. Set it to three periods.";
        }

        if (ConnectTimeout <= TimeSpan.Zero || ConnectTimeout > TimeSpan.FromMinutes(1))
        {
            yield return $"{path}:ConnectTimeout is {ConnectTimeout}; allowed: above 00:00:00 up to 00:01:00. Set it to about 00:00:03.";
        }

        if (SettleTime < TimeSpan.Zero || SettleTime > TimeSpan.FromMinutes(1))
        {
            yield return $"{path}:SettleTime is {SettleTime}; allowed: 00:00:00 to 00:01:00. Set it to about 00:00:00.6.";
        }
    }

    private IEnumerable<string> ValidateInterfaces(string path)
    {
        if (EffectiveStates.Count == 0)
        {
            yield return $"{path}:States is empty; allowed: one or more. Name what the device reports, or remove the key.";
        }

        if (EffectiveCommands.Count == 0)
        {
            yield return $"{path}:Commands is empty; allowed: one or more. Name what the device is told, or remove the key.";
        }

        foreach (
            (string key, string name) in EffectiveStates
                .Keys.Select(n => ("States", n))
                .Concat(EffectiveCommands.Keys.Select(n => ("Commands", n)))
        )
        {
            if (name.Length == 0 || Encoding.UTF8.GetByteCount(name) > McuProtocol.InterfaceNameLength)
            {
                yield return $"{path}:{key}:{name} has a name of {Encoding.UTF8.GetByteCount(name)} bytes; allowed: 1 to "
                    + $"{McuProtocol.InterfaceNameLength}. Set the name that the firmware reports.";
            }
        }

        string[] states = [.. EffectiveStates.Keys];
        foreach (
            string problem in EffectiveStates
                .SelectMany(s => s.Value.Validate($"{path}:States:{s.Key}"))
                .Concat(EffectiveCommands.SelectMany(c => c.Value.Validate($"{path}:Commands:{c.Key}", states)))
        )
        {
            yield return problem;
        }
    }
}
