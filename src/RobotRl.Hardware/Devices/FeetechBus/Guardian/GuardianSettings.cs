using System.Globalization;
using RobotRl.Hardware.Protocols.Feetech;

namespace RobotRl.Hardware.Devices.FeetechBus.Guardian;

/// <summary>What a guardian must know to stop the servos; it goes over as a command line.</summary>
/// <param name="Port">The port of the bus.</param>
/// <param name="BaudRate">Its rate, bits per second.</param>
/// <param name="Ids">Servos commanded by position.</param>
/// <param name="VelocityIds">Servos commanded by velocity.</param>
/// <param name="Timeout">Silence after which it acts.</param>
/// <param name="Manner">What it does.</param>
/// <param name="LoweredTorque">Torque limit of LowerTorque, 0 to 1. A servo whose own limit (<see cref="TorqueLimits"/>) is lower
/// keeps that.</param>
/// <param name="Speed">Fastest that a servo can have moved since its position was checked, rad/s.</param>
public sealed record GuardianSettings(
    string Port,
    int BaudRate,
    IReadOnlyList<byte> Ids,
    IReadOnlyList<byte> VelocityIds,
    TimeSpan Timeout,
    GuardianManner Manner,
    double LoweredTorque,
    double Speed
)
{
    /// <summary>Name of the command that runs a guardian.</summary>
    public const string Command = "guard";

    /// <summary>Every servo.</summary>
    public byte[] AllIds => [.. Ids, .. VelocityIds];

    /// <summary>
    /// Torque limit that the runtime sets for each of <see cref="AllIds"/>, register 48, units of 0.1%, 0 to 1000: the guardian
    /// never writes a
    /// greater one. Default empty: each may be given <see cref="LoweredTorque"/>.
    /// </summary>
    public IReadOnlyList<int> TorqueLimits { get; init; } = [];

    /// <summary>What LowerTorque writes to register 48 of a servo: never more than the runtime set for it.</summary>
    /// <param name="index">Of the servo in <see cref="AllIds"/>.</param>
    internal int LoweredRaw(int index)
    {
        int lowered = FeetechUnits.TorqueRaw(LoweredTorque);
        return TorqueLimits.Count == 0 ? lowered : Math.Min(lowered, TorqueLimits[index]);
    }

    /// <summary>The arguments of <see cref="Command"/>.</summary>
    public IReadOnlyList<string> ToArguments() =>
        [
            Command,
            "--port",
            Port,
            "--baud",
            BaudRate.ToString(CultureInfo.InvariantCulture),
            .. Named("--ids", Ids),
            .. Named("--velocity-ids", VelocityIds),
            "--timeout-ms",
            Timeout.TotalMilliseconds.ToString(CultureInfo.InvariantCulture),
            "--manner",
            Manner.ToString(),
            "--torque",
            LoweredTorque.ToString(CultureInfo.InvariantCulture),
            "--speed",
            Speed.ToString(CultureInfo.InvariantCulture),
            .. TorqueLimits.Count == 0 ? (string[])[] : ["--torque-limits", string.Join(',', TorqueLimits)],
        ];

    /// <summary>Ids as <see cref="ToArguments"/> writes them. False where <paramref name="text"/> is none.</summary>
    public static bool TryParseIds(string text, out IReadOnlyList<byte> ids)
    {
        ArgumentNullException.ThrowIfNull(text);
        var found = new List<byte>();
        ids = found;
        foreach (string part in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out byte id))
            {
                return false;
            }

            found.Add(id);
        }

        return true;
    }

    /// <summary>
    /// Torque limits as <see cref="ToArguments"/> writes them. False if <paramref name="text"/> has another value than 0 to 1000.
    /// </summary>
    public static bool TryParseLimits(string text, out IReadOnlyList<int> limits)
    {
        ArgumentNullException.ThrowIfNull(text);
        var found = new List<int>();
        limits = found;
        foreach (string part in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int limit) || limit > FeetechUnits.MaxTorque)
            {
                return false;
            }

            found.Add(limit);
        }

        return true;
    }

    // An empty argument is refused as an unset variable of a script.
    private static string[] Named(string name, IReadOnlyList<byte> ids) => ids.Count == 0 ? [] : [name, string.Join(',', ids)];
}
