using System.Globalization;

namespace RobotRl.Hardware.Emulation;

/// <summary>
/// Faults of an emulated bus in words: <c>fault lost 0.01</c>, <c>fault dead 3</c>, <c>clear</c>, <c>clear dead 3</c>,
/// <c>status</c>.
/// </summary>
public static class FaultCommands
{
    /// <summary>What there is, one line each.</summary>
    public const string Usage = """
        fault lost RATE             part of the replies that never come, 0 to 1
        fault late RATE [MS]        part of the replies that come late, and by how much
        fault corrupt RATE          part of the replies with bits turned
        fault dead ID               the servo ceases to answer
        fault hot ID                the servo overheats
        fault encoder ID            the servo loses its encoder
        fault twin ID               a second servo of the same id
        fault voltage V             supply of the bus
        clear [FAULT [ID]]          takes one or all away
        status                      what is on, and what the servos do
        """;

    /// <summary>
    /// Does what <paramref name="line"/> says. False where it says nothing that there is; <paramref name="answer"/> is for the
    /// reader then, too.
    /// </summary>
    /// <param name="faults">Where it is switched on or off.</param>
    /// <param name="servos">Servos that there are.</param>
    /// <param name="line">One command.</param>
    /// <param name="answer">What was done, or what was wrong.</param>
    public static bool TryApply(EmulatedFaults faults, IReadOnlyList<EmulatedServo> servos, string line, out string answer)
    {
        ArgumentNullException.ThrowIfNull(faults);
        ArgumentNullException.ThrowIfNull(servos);
        ArgumentNullException.ThrowIfNull(line);
        string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        bool done = words switch
        {
            ["status"] => true,
            ["clear"] => ClearAll(faults),
            ["clear", string name] => Switch(faults, servos, name, null, null, false),
            ["clear", string name, string value] => Switch(faults, servos, name, value, null, false),
            ["fault", string name, string value] => Switch(faults, servos, name, value, null, true),
            ["fault", string name, string value, string more] => Switch(faults, servos, name, value, more, true),
            _ => false,
        };
        answer = done
            ? words[0] == "status"
                ? Status(faults, servos)
                : $"Faults: {faults}."
            : $"\"{line.Trim()}\" is no command, or its number is out of range; servos: "
                + $"{string.Join(", ", servos.Select(s => s.Id))}. There are:{Environment.NewLine}{Usage}";
        return done;
    }

    private static bool ClearAll(EmulatedFaults faults)
    {
        faults.Clear();
        return true;
    }

    private static bool Switch(
        EmulatedFaults faults,
        IReadOnlyList<EmulatedServo> servos,
        string name,
        string? value,
        string? more,
        bool on
    )
    {
        double number = 0;
        bool given = value is not null && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out number);
        if (given ? more is not null && name != "late" : on || value is not null)
        {
            return false;
        }

        bool rate = number is >= 0 and <= 1;
        switch (name)
        {
            case "lost" when rate:
                faults.LostReplies = on ? number : 0;
                return true;
            case "corrupt" when rate:
                faults.CorruptedReplies = on ? number : 0;
                return true;
            case "late" when rate:
                double ms = 0;
                if (
                    more is not null
                    && !(double.TryParse(more, NumberStyles.Float, CultureInfo.InvariantCulture, out ms) && ms is > 0 and <= 60_000)
                )
                {
                    return false;
                }

                faults.LateBy = more is null ? faults.LateBy : TimeSpan.FromMilliseconds(ms);
                faults.LateReplies = on ? number : 0;
                return true;
            case "voltage" when !on || number is > 0 and < 50:
                faults.SupplyVolts = on ? number : null;
                return true;
            case "dead" or "hot" or "encoder" or "twin":
                return SwitchServos(faults, servos, name, given ? number : null, on);
            default:
                return false;
        }
    }

    private static bool SwitchServos(EmulatedFaults faults, IReadOnlyList<EmulatedServo> servos, string name, double? id, bool on)
    {
        bool found = false;
        foreach (EmulatedServo servo in servos.Where(s => id is null || s.Id == id))
        {
            found = true;
            Action<byte, bool> set = name switch
            {
                "dead" => faults.SetDead,
                "hot" => faults.SetOverheated,
                "encoder" => faults.SetLostEncoder,
                _ => faults.SetTwin,
            };
            set(servo.Id, on);
        }

        return found;
    }

    private static string Status(EmulatedFaults faults, IReadOnlyList<EmulatedServo> servos) =>
        $"Faults: {faults}.{Environment.NewLine}"
        + string.Join(
            Environment.NewLine,
            servos.Select(s =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"servo {s.Id}: torque {(s.IsTorqueOn ? "on" : "off")}, {s.PositionRad:0.000} rad, "
                        + $"{s.VelocityRadPerSecond:0.00} rad/s, {s.TorqueNm:0.000} N m, {s.Celsius:0} C"
                )
            )
        );
}
