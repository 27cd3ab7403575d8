using System.Globalization;

namespace RobotRl.Hil.Pendulum;

/// <summary>The rig's trace, read: what the MCU accepted and what its motor was told, in MCU time and in the host's.</summary>
public sealed class RigTrace
{
    /// <summary>Cycles a second of the MCU.</summary>
    public const double CyclesPerSecond = 16_000_000;

    private RigTrace(IReadOnlyList<TraceEvent> events) => Events = events;

    /// <summary>Every event, in order.</summary>
    public IReadOnlyList<TraceEvent> Events { get; }

    /// <summary>Reads a trace up to its last whole line; the rig may still be writing.</summary>
    public static RigTrace Read(string path)
    {
        using var file = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        string text = file.ReadToEnd();
        int end = text.LastIndexOf('\n');
        return new([
            .. text[..Math.Max(end, 0)]
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Skip(1)
                .Select(l => l.Split(',', 4))
                .Select(p => new TraceEvent(
                    long.Parse(p[0], CultureInfo.InvariantCulture),
                    long.Parse(p[1], CultureInfo.InvariantCulture),
                    p[2],
                    p[3]
                )),
        ]);
    }

    /// <summary>MCU time from one event to another.</summary>
    public static TimeSpan Between(TraceEvent from, TraceEvent to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        return TimeSpan.FromSeconds((to.Cycle - from.Cycle) / CyclesPerSecond);
    }

    /// <summary>The newest event of that name; null where there is none.</summary>
    public TraceEvent? Last(string name) => Events.LastOrDefault(e => e.Name == name);

    /// <summary>The newest command that the firmware had accepted before <paramref name="moment"/>; null where there is none.</summary>
    public TraceEvent? LastCommandBefore(TraceEvent moment)
    {
        ArgumentNullException.ThrowIfNull(moment);
        return Events.TakeWhile(e => !ReferenceEquals(e, moment)).LastOrDefault(e => e.Name == "command");
    }

    /// <summary>
    /// The moment at which the motor was off (bridge disabled, or zero duty) for good: off from there to the end of the trace.
    /// Null where it still runs at the end, or never ran.
    /// </summary>
    public TraceEvent? MotorOffForGood() => Switches().LastOrDefault() is { On: false } last ? last.Event : null;

    /// <summary>
    /// The moment at which the motor first was off from <paramref name="monotonicNs"/> of the host's clock on; where it was off
    /// already, the moment at which it had gone off. Null where it runs to the end of the trace, or never ran.
    /// </summary>
    public TraceEvent? MotorOffAfter(long monotonicNs)
    {
        TraceEvent? before = null;
        foreach ((TraceEvent e, bool on) in Switches())
        {
            if (e.MonotonicNs > monotonicNs && (before is not null || !on))
            {
                return before ?? e;
            }

            before = on ? null : e;
        }

        return before;
    }

    /// <summary>Each event at which the motor went on or off.</summary>
    private IEnumerable<(TraceEvent Event, bool On)> Switches()
    {
        bool enabled = false,
            driven = false;
        foreach (TraceEvent e in Events)
        {
            bool before = enabled && driven;
            if (e.Name == "enable")
            {
                enabled = e.Value != "0";
            }
            else if (e.Name == "pwm")
            {
                driven = e.Value != "0";
            }

            if ((enabled && driven) != before)
            {
                yield return (e, !before);
            }
        }
    }
}
