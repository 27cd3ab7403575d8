using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using RobotRl.Hardware.Contracts;

namespace RobotRl.Hardware.Protocols.MqttRobot;

/// <summary>Writes and reads births, deaths and descriptions: JSON documents, also the form of a description file.</summary>
public static class RobotNotices
{
    /// <summary>Longest notice that is looked at: room for <see cref="MqttFrame.MaxValues"/> states and as many commands.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>The payload of a birth.</summary>
    public static byte[] Encode(RobotBirth birth)
    {
        ArgumentNullException.ThrowIfNull(birth);
        var notice = new Notice
        {
            Format = MqttFrame.Format,
            Kind = "birth",
            Instance = Id(birth.Instance),
            Robot = ToJson(birth.Description),
        };
        return JsonSerializer.SerializeToUtf8Bytes(notice, NoticeJson.Default.Notice);
    }

    /// <summary>The payload of a death.</summary>
    public static byte[] Encode(RobotDeath death)
    {
        ArgumentNullException.ThrowIfNull(death);
        var notice = new Notice
        {
            Format = MqttFrame.Format,
            Kind = "death",
            Instance = Id(death.Instance),
            Reason = death.Reason,
        };
        return JsonSerializer.SerializeToUtf8Bytes(notice, NoticeJson.Default.Notice);
    }

    /// <summary>A description file's text.</summary>
    public static string WriteDescription(RobotDescription description) =>
        JsonSerializer.Serialize(ToJson(description), NoticeJson.Default.Description) + "\n";

    /// <summary>Reads a birth. Null where it is one, else what is wrong, as the rest of a sentence.</summary>
    public static string? TryRead(ReadOnlySpan<byte> payload, out RobotBirth? birth)
    {
        birth = null;
        if (Read(payload, "birth", out Notice notice, out ulong instance) is { } problem)
        {
            return problem;
        }

        problem = FromJson(notice.Robot, out RobotDescription? description);
        birth = description is null ? null : new(instance, description);
        return problem;
    }

    /// <summary>Reads a death. Null where it is one, else what is wrong, as the rest of a sentence.</summary>
    public static string? TryRead(ReadOnlySpan<byte> payload, out RobotDeath? death)
    {
        string? problem = Read(payload, "death", out Notice notice, out ulong instance);
        death = problem is null ? new(instance, notice.Reason ?? "no reason given") : null;
        return problem;
    }

    /// <summary>
    /// Reads a description file's text, or a birth that somebody saved. Null where it is one, else what is wrong, as the rest of
    /// a sentence.
    /// </summary>
    public static string? TryRead(string text, out RobotDescription? description)
    {
        description = null;
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        if (TryRead(bytes, out RobotBirth? birth) is null)
        {
            description = birth!.Description;
            return null;
        }

        try
        {
            return FromJson(JsonSerializer.Deserialize(bytes, NoticeJson.Default.Description), out description);
        }
        catch (JsonException error)
        {
            return $"it is no description in JSON ({error.Message})";
        }
    }

    private static string? Read(ReadOnlySpan<byte> payload, string kind, out Notice notice, out ulong instance)
    {
        (notice, instance) = (new(), 0);
        if (payload.Length is 0 or > MaxBytes)
        {
            return payload.IsEmpty ? "it is empty" : "it is longer than 256 kB";
        }

        try
        {
            notice = JsonSerializer.Deserialize(payload, NoticeJson.Default.Notice) ?? new();
        }
        catch (JsonException error)
        {
            return $"it is no {kind} in JSON ({error.Message})";
        }

        if (notice.Format != MqttFrame.Format)
        {
            return $"its format version is {notice.Format}, ours {MqttFrame.Format}: use the same version of the software on both sides";
        }

        return notice.Kind != kind ? $"its kind is \"{notice.Kind}\", expected \"{kind}\""
            : notice.Instance is { Length: 16 } text
            && ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out instance)
            && instance != 0
                ? null
            : "its instance is not 16 hexadecimal digits";
    }

    private static string? FromJson(Description? json, out RobotDescription? description)
    {
        description = null;
        if (
            json is null
            || string.IsNullOrWhiteSpace(json.Name)
            || json.States is not { Length: > 0 }
            || json.Commands is not { Length: > 0 }
        )
        {
            return "it lacks the robot's name, states or commands";
        }

        if (json.States.Length > MqttFrame.MaxValues || json.Commands.Length > MqttFrame.MaxValues)
        {
            return $"it has more than {MqttFrame.MaxValues} interfaces";
        }

        if (!(json.PeriodMs is > 0 and <= 60_000))
        {
            return "its periodMs is not above 0 and at most 60000";
        }

        foreach (Interface i in json.States.Concat(json.Commands))
        {
            if (
                i is not { Name: { Length: > 0 }, Unit: { Length: > 0 } }
                || !Enum.IsDefined(i.Kind)
                || !(i.Minimum is null || i.Maximum is null || i.Minimum < i.Maximum)
            )
            {
                return $"interface \"{i?.Name}\" lacks name, unit or a range with minimum below maximum";
            }
        }

        if (
            json.States.Select(i => i.Name).Distinct().Count() < json.States.Length
            || json.Commands.Select(i => i.Name).Distinct().Count() < json.Commands.Length
        )
        {
            return "two interfaces have the same name";
        }

        foreach (Interface command in json.Commands)
        {
            if (command.Kind > InterfaceKind.Effort || !double.IsFinite(command.SafeValue))
            {
                return $"command \"{command.Name}\" is neither position, velocity nor effort, or its safe value is not finite";
            }

            foreach (string? state in new[] { command.PositionState, command.VelocityState, command.LoadState })
            {
                if (state is not null && !json.States.Any(s => s.Name == state))
                {
                    return $"command \"{command.Name}\" refers to the state \"{state}\", which there is not";
                }
            }

            if (command is { Kind: InterfaceKind.Position, PositionState: null })
            {
                return $"position command \"{command.Name}\" names no positionState";
            }
        }

        description = new(
            json.Name,
            [
                .. json.States.Select(s => new StateInterface(
                    s.Name!,
                    s.Kind,
                    s.Unit!,
                    s.Minimum ?? double.NegativeInfinity,
                    s.Maximum ?? double.PositiveInfinity
                )
                {
                    AllowedMinimum = s.AllowedMinimum,
                    AllowedMaximum = s.AllowedMaximum,
                }),
            ],
            [
                .. json.Commands.Select(c => new CommandInterface(
                    c.Name!,
                    c.Kind,
                    c.Unit!,
                    c.Minimum ?? double.NegativeInfinity,
                    c.Maximum ?? double.PositiveInfinity,
                    c.SafeValue
                )
                {
                    PositionState = c.PositionState,
                    VelocityState = c.VelocityState,
                    LoadState = c.LoadState,
                    FullLoad = c.FullLoad,
                    MaxSpeed = c.MaxSpeed,
                    MaxAcceleration = c.MaxAcceleration,
                }),
            ],
            TimeSpan.FromMilliseconds(json.PeriodMs)
        )
        {
            HasDamping = json.HasDamping,
        };
        return null;
    }

    private static Description ToJson(RobotDescription description)
    {
        ArgumentNullException.ThrowIfNull(description);
        return new()
        {
            Name = description.Name,
            PeriodMs = description.ControlPeriod.TotalMilliseconds,
            HasDamping = description.HasDamping,
            States =
            [
                .. description.States.Select(s => new Interface
                {
                    Name = s.Name,
                    Kind = s.Kind,
                    Unit = s.Unit,
                    Minimum = Finite(s.Minimum),
                    Maximum = Finite(s.Maximum),
                    AllowedMinimum = s.AllowedMinimum,
                    AllowedMaximum = s.AllowedMaximum,
                }),
            ],
            Commands =
            [
                .. description.Commands.Select(c => new Interface
                {
                    Name = c.Name,
                    Kind = c.Kind,
                    Unit = c.Unit,
                    Minimum = Finite(c.Minimum),
                    Maximum = Finite(c.Maximum),
                    SafeValue = c.SafeValue,
                    PositionState = c.PositionState,
                    VelocityState = c.VelocityState,
                    LoadState = c.LoadState,
                    FullLoad = c.FullLoad,
                    MaxSpeed = c.MaxSpeed,
                    MaxAcceleration = c.MaxAcceleration,
                }),
            ],
        };
    }

    private static double? Finite(double bound) => double.IsFinite(bound) ? bound : null;

    private static string Id(ulong id) => id.ToString("x16", CultureInfo.InvariantCulture);

    internal sealed class Notice
    {
        public int Format { get; set; }

        public string? Kind { get; set; }

        public string? Instance { get; set; }

        public string? Reason { get; set; }

        public Description? Robot { get; set; }
    }

    internal sealed class Description
    {
        public string? Name { get; set; }

        public double PeriodMs { get; set; }

        public bool HasDamping { get; set; }

        public Interface[]? States { get; set; }

        public Interface[]? Commands { get; set; }
    }

    internal sealed class Interface
    {
        public string? Name { get; set; }

        public InterfaceKind Kind { get; set; }

        public string? Unit { get; set; }

        public double? Minimum { get; set; }

        public double? Maximum { get; set; }

        public double? AllowedMinimum { get; set; }

        public double? AllowedMaximum { get; set; }

        public double SafeValue { get; set; }

        public string? PositionState { get; set; }

        public string? VelocityState { get; set; }

        public string? LoadState { get; set; }

        public double? FullLoad { get; set; }

        public double? MaxSpeed { get; set; }

        public double? MaxAcceleration { get; set; }
    }
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UseStringEnumConverter = true,
    WriteIndented = false,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow
)]
[JsonSerializable(typeof(RobotNotices.Notice))]
[JsonSerializable(typeof(RobotNotices.Description))]
internal sealed partial class NoticeJson : JsonSerializerContext;
