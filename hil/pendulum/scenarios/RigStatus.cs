using System.Globalization;

namespace RobotRl.Hil.Pendulum;

/// <summary>What the emulated rig says of itself.</summary>
public sealed record RigStatus
{
    private readonly Dictionary<string, string> _values;

    private RigStatus(Dictionary<string, string> values) => _values = values;

    /// <summary>Angle of the arm from hanging, rad.</summary>
    public double AngleRad => Number("angle");

    /// <summary>Velocity of the arm, rad/s.</summary>
    public double VelocityRadS => Number("velocity");

    /// <summary>Motor current, A.</summary>
    public double CurrentA => Number("current");

    /// <summary>Temperature of the winding, degrees Celsius, by the rig's model.</summary>
    public double WindingC => Number("winding_c");

    /// <summary>Whether the bridge's enable pin is high.</summary>
    public bool Enabled => Number("enabled") > 0;

    /// <summary>Signed duty of the motor, -1 to 1.</summary>
    public double Duty => Number("duty");

    /// <summary>Cycles of the MCU since power-on, 16 MHz.</summary>
    public long Cycle => (long)Number("cycle");

    /// <summary>CLOCK_MONOTONIC at that moment, ns.</summary>
    public long MonotonicNs => (long)Number("ns");

    /// <summary>Commands that the firmware accepted.</summary>
    public long Commands => (long)Number("commands");

    /// <summary>Resets of the MCU.</summary>
    public long Resets => (long)Number("resets");

    /// <summary>Greatest motor current since the counters were reset, A.</summary>
    public double PeakCurrentA => Number("peak_current");

    /// <summary>Changes of the motor voltage's sign since the counters were reset.</summary>
    public long Reversals => (long)Number("reversals");

    /// <summary>Times when the machine was so late that the MCU's clock was moved.</summary>
    public long Slips => (long)Number("slips");

    /// <summary>By how much in all.</summary>
    public TimeSpan Slipped => TimeSpan.FromMilliseconds(Number("slipped_ms"));

    /// <summary>Reads an answer <c>ok name=value ...</c>.</summary>
    public static RigStatus Parse(string answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return new(
            answer
                .Split(' ')
                .Select(p => p.Split('=', 2))
                .Where(p => p.Length == 2)
                .ToDictionary(p => p[0], p => p[1], StringComparer.Ordinal)
        );
    }

    private double Number(string name) => double.Parse(_values[name], CultureInfo.InvariantCulture);
}
