using System.Globalization;

namespace RobotRl.Runtime.Configuration;

/// <summary>Durations as people write them: <c>5 ms</c>, <c>1.5 s</c>, <c>2 min</c>; <c>hh:mm:ss.fff</c> is read too.</summary>
internal static class Duration
{
    /// <summary>What <see cref="TryParse"/> reads, in words.</summary>
    public const string Expected = "a duration such as \"5 ms\", \"1.5 s\", \"2 min\" or \"00:00:01.5\"";

    /// <summary>What <see cref="TryParse"/> reads, as a regular expression.</summary>
    public const string Pattern =
        @"^(-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)? ?(us|ms|s|min|h|d)|-?([0-9]+\.)?[0-9]{1,2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,7})?|0)$";

    private static readonly (string Unit, double Ticks)[] Units =
    [
        ("us", TimeSpan.TicksPerMicrosecond),
        ("ms", TimeSpan.TicksPerMillisecond),
        ("min", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond),
        ("h", TimeSpan.TicksPerHour),
        ("d", TimeSpan.TicksPerDay),
    ];

    /// <summary>Reads a duration; a bare number other than 0 has no unit and is refused.</summary>
    public static bool TryParse(string text, out TimeSpan value)
    {
        string trimmed = text.Trim();
        if (trimmed == "0")
        {
            value = TimeSpan.Zero;
            return true;
        }

        foreach ((string unit, double ticks) in Units)
        {
            if (
                trimmed.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(
                    trimmed.AsSpan(0, trimmed.Length - unit.Length).Trim(),
                    NumberStyles.Float,
                    CultureInfo.InvariantCulture,
                    out double number
                )
                && Math.Abs(number * ticks) < long.MaxValue / 2
            )
            {
                value = TimeSpan.FromTicks((long)Math.Round(number * ticks));
                return true;
            }
        }

        value = default;
        return trimmed.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(trimmed, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>Writes it in the largest unit that keeps it exact and short.</summary>
    public static string Format(TimeSpan value)
    {
        if (value == TimeSpan.Zero)
        {
            return "0 s";
        }

        (string Unit, long Ticks)[] order =
        [
            ("d", TimeSpan.TicksPerDay),
            ("h", TimeSpan.TicksPerHour),
            ("min", TimeSpan.TicksPerMinute),
            ("s", TimeSpan.TicksPerSecond),
            ("ms", TimeSpan.TicksPerMillisecond),
        ];
        foreach ((string unit, long ticks) in order)
        {
            if (value.Ticks % ticks == 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{value.Ticks / ticks} {unit}");
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value.TotalMicroseconds:0.#} us");
    }
}
