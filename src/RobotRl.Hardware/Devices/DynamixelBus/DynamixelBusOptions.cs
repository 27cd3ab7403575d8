using RobotRl.Hardware.Protocols.Dynamixel;
using RobotRl.Hardware.Transports;

namespace RobotRl.Hardware.Devices.DynamixelBus;

/// <summary>X-series servos on one serial bus.</summary>
public sealed record DynamixelBusOptions
{
    // What the servo's watchdog counts in.
    private static readonly TimeSpan ShortestWatchdog = DynamixelUnits.WatchdogUnit,
        LongestWatchdog = DynamixelUnits.MaxWatchdog * DynamixelUnits.WatchdogUnit;

    /// <summary>
    /// The port. Its baud rate must be the servos'; they are delivered with 57600, which is too slow for more than one or two.
    /// </summary>
    public SerialOptions Serial { get; set; } = new();

    /// <summary>Control period. Default 10 ms: six servos at 1 Mbaud take about 3 ms a cycle.</summary>
    public TimeSpan ControlPeriod { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>The servos by name of their joint. Default: none.</summary>
    public Dictionary<string, DynamixelServoOptions> Servos { get; set; } = new(StringComparer.Ordinal);

    /// <summary>
    /// Calibration file that <c>robotrl calibrate</c> wrote. Default null: 0 rad at tick 2048, ticks grow with the angle, one
    /// turn.
    /// </summary>
    public string? Calibration { get; set; }

    /// <summary>How long a cycle waits for the servos' answers. Default null: 0.8 control periods.</summary>
    public TimeSpan? ReplyTimeout { get; set; }

    /// <summary>
    /// Time without an instruction after which each servo stops by itself, in units of 20 ms (register 98 of the e-manual).
    /// Default 100 ms: five units, a few lost cycles more than the driver itself tolerates at 100 Hz.
    /// </summary>
    public TimeSpan BusWatchdog { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How the bus is cycled and what its driver does by itself.</summary>
    public DriverOptions Driver { get; set; } = new();

    /// <summary>All problems of these options, one sentence each.</summary>
    public IEnumerable<string> Validate(string path)
    {
        foreach (string problem in Serial.Validate($"{path}:Serial"))
        {
            yield return problem;
        }

        bool period = ControlPeriod >= TimeSpan.FromMilliseconds(1) && ControlPeriod <= TimeSpan.FromSeconds(1);
        if (!period)
        {
            yield return $"{path}:ControlPeriod is {ControlPeriod}; allowed: 00:00:00.001 to 00:00:01. Set it to about 00:00:00.01.";
        }

        if (Servos.Count == 0)
        {
            yield return $"{path}:Servos is empty; allowed: one entry for each joint, such as \"elbow\": {{ \"Id\": 3 }}. Name the joints.";
        }

        foreach (string problem in BusJoints.Problems(path, Servos, (s, key) => s.Validate(key), s => s.Id))
        {
            yield return problem;
        }

        if (ReplyTimeout is { } reply && (reply <= TimeSpan.Zero || reply >= ControlPeriod))
        {
            yield return $"{path}:ReplyTimeout is {reply}; allowed: above 00:00:00, below {path}:ControlPeriod ({ControlPeriod}). Correct "
                + $"it, or remove it.";
        }

        if (BusWatchdog < ShortestWatchdog || BusWatchdog > LongestWatchdog || BusWatchdog < 2 * ControlPeriod)
        {
            yield return $"{path}:BusWatchdog is {BusWatchdog}; allowed: {ShortestWatchdog} to {LongestWatchdog}, and two control periods "
                + $"({2 * ControlPeriod}) or more. Set it to about 00:00:00.1.";
        }

        if (period)
        {
            foreach (string problem in Driver.Validate($"{path}:Driver", ControlPeriod))
            {
                yield return problem;
            }
        }
    }
}
