using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RobotRl.Runtime.Configuration;

/// <summary>Turns a setting into a value of an option's type, or says what was expected.</summary>
internal static class OptionValue
{
    /// <summary>What a value of <paramref name="node"/> looks like, in words.</summary>
    public static string Expected(OptionNode node)
    {
        Type type = node.ValueType;
        string expected =
            type == typeof(string) ? "text"
            : type == typeof(bool) ? "true or false"
            : type == typeof(TimeSpan) ? Duration.Expected
            : type.IsEnum ? "one of " + string.Join(", ", Enum.GetNames(type))
            : IsWhole(type) ? "a whole number"
            : IsReal(type) ? "a number"
            : node.Type.Kind == JsonTypeInfoKind.Enumerable ? $"an array such as {JsonSerializer.Serialize(Example(node), node.Type)}"
            : node.IsSection ? "a section with keys of its own"
            : type.Name;
        return node.IsNullable && !node.IsSection ? expected + ", or null" : expected;
    }

    /// <summary>Whether values of <paramref name="type"/> are whole numbers.</summary>
    public static bool IsWhole(Type type) =>
        !type.IsEnum
        && System.Type.GetTypeCode(type)
            is TypeCode.Byte
                or TypeCode.Int16
                or TypeCode.Int32
                or TypeCode.Int64
                or TypeCode.UInt16
                or TypeCode.UInt32
                or TypeCode.UInt64;

    /// <summary>Whether values of <paramref name="type"/> are real numbers.</summary>
    public static bool IsReal(Type type) => System.Type.GetTypeCode(type) is TypeCode.Single or TypeCode.Double;

    /// <summary>Reads <paramref name="setting"/> for the value <paramref name="node"/>; false where it does not fit.</summary>
    public static bool TryRead(OptionNode node, Setting setting, out object? value)
    {
        value = null;
        string? text = setting.Text;
        Type type = node.ValueType;
        if (setting.Kind == JsonValueKind.Null || (setting.Kind == JsonValueKind.Undefined && text == "null" && node.IsNullable))
        {
            return node.IsNullable;
        }

        if (text is null || node.IsSection || (setting.Kind == JsonValueKind.Array && node.Type.Kind != JsonTypeInfoKind.Enumerable))
        {
            return false;
        }

        bool plain = setting.Kind == JsonValueKind.Undefined;
        bool quoted = setting.Kind == JsonValueKind.String || plain;
        if (type == typeof(string))
        {
            value = text;
            return quoted && !text.Contains('\0'); // Neither a path nor a name may hold one.
        }

        if (type == typeof(TimeSpan))
        {
            bool read = Duration.TryParse(text, out TimeSpan duration);
            value = duration;
            return read;
        }

        if (type.IsEnum)
        {
            string? name = Enum.GetNames(type).FirstOrDefault(n => n.Equals(text.Trim(), StringComparison.OrdinalIgnoreCase));
            value = name is null ? null : Enum.Parse(type, name);
            return name is not null && quoted;
        }

        if (type == typeof(bool))
        {
            bool read = bool.TryParse(text, out bool flag);
            value = flag;
            return read && (plain || setting.Kind is JsonValueKind.True or JsonValueKind.False);
        }

        if (IsWhole(type) || IsReal(type))
        {
            bool infinite = setting.Kind == JsonValueKind.String && text is "Infinity" or "-Infinity";
            return (plain || infinite || setting.Kind == JsonValueKind.Number) && TryReadNumber(type, text, out value);
        }

        return node.Type.Kind == JsonTypeInfoKind.Enumerable
            && (plain || setting.Kind == JsonValueKind.Array)
            && TryReadArray(node, text, out value);
    }

    private static bool TryReadNumber(Type type, string text, out object? value)
    {
        value = null;
        bool read = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number);
        if (!read || double.IsNaN(number))
        {
            return false;
        }

        if (IsReal(type))
        {
            value = type == typeof(float) ? (object)(float)number : number;
            return true;
        }

        // decimal holds every 64-bit integer exactly and reads 1e6 as well.
        if (
            !decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal whole)
            || whole != decimal.Truncate(whole)
        )
        {
            return false;
        }

        try
        {
            value = Convert.ChangeType(whole, type, CultureInfo.InvariantCulture);
            return true;
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    private static bool TryReadArray(OptionNode node, string text, out object? value)
    {
        value = null;
        string json = text.TrimStart().StartsWith('[') ? text : $"[{text}]";
        try
        {
            value = JsonSerializer.Deserialize(json, node.Type);
            return value is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static object? Example(OptionNode node)
    {
        string json =
            node.Type.ElementType == typeof(string) ? "[\"a\",\"b\"]"
            : node.Type.ElementType is { } e && (IsWhole(e) || IsReal(e)) ? "[64,64]"
            : "[]";
        return JsonSerializer.Deserialize(json, node.Type);
    }
}
