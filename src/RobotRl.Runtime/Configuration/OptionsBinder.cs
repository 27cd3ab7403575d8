using System.Collections;
using System.Text.Json;

namespace RobotRl.Runtime.Configuration;

/// <summary>
/// Puts settings into options, by the types generated at build (safe ahead of time), and collects every unknown key and
/// every value of the wrong type. A later setting of a key replaces an earlier one, arrays whole.
/// </summary>
/// <remarks>
/// Not the framework's configuration binder: that stops at the first bad value, knows no line, and appends to the default
/// of an array instead of replacing it.
/// </remarks>
internal sealed class OptionsBinder(ICollection<string> problems)
{
    private readonly Dictionary<string, Setting> _origins = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The setting that last touched each key path (as the options spell it).</summary>
    public IReadOnlyDictionary<string, Setting> Origins => _origins;

    /// <summary>
    /// Key paths (as the options spell them) whose value is NaN. They are bound as infinity, which is outside of the same ranges
    /// and says so.
    /// </summary>
    public HashSet<string> NotNumbers { get; } = [];

    /// <summary>Binds <paramref name="settings"/>, in order, to <paramref name="options"/>.</summary>
    public void Bind(IEnumerable<Setting> settings, RobotRlOptions options)
    {
        string? skipped = null;
        foreach (Setting setting in settings)
        {
            // Below a key that was refused there is nothing to add.
            if (skipped is not null && setting.Path.StartsWith(skipped, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            skipped = Bind(setting, options) ? null : setting.Path + ":";
        }
    }

    private bool Bind(Setting setting, RobotRlOptions options)
    {
        string[] parts = setting.Path.Split(':');
        OptionNode node = OptionNode.Root;
        object target = options;
        for (int i = 0; i < parts.Length - 1; i++)
        {
            if (!node.IsSection)
            {
                problems.Add(WrongType(node, "a section", setting.Origin));
                return false;
            }

            if (node.Child(parts[i]) is not { } child || !TryEnter(node, child, parts[i], ref target))
            {
                return Unknown(setting);
            }

            node = child;
        }

        string last = parts[^1];
        if (!node.IsSection)
        {
            problems.Add(WrongType(node, "a section", setting.Origin));
            return false;
        }

        if (node.Child(last) is not { } leaf || !TryKey(node, last, out object? key))
        {
            return Unknown(setting);
        }

        string path = string.Join(':', parts[..^1].Append(key as string ?? key!.ToString()!));
        if (leaf.IsSection && setting.Kind == JsonValueKind.Object)
        {
            return true;
        }

        string spelled = Spell(parts);
        bool notANumber =
            OptionValue.IsReal(leaf.ValueType) && setting is { Text: "NaN", Kind: JsonValueKind.Undefined or JsonValueKind.String };
        NotNumbers.Remove(spelled);
        if (notANumber)
        {
            NotNumbers.Add(spelled);
        }

        if (!OptionValue.TryRead(leaf, notANumber ? setting with { Text = "Infinity" } : setting, out object? value))
        {
            problems.Add($"{setting.Origin}: {spelled} is {setting.Shown}; expected {OptionValue.Expected(leaf)}.");
            return false;
        }

        _origins[spelled] = setting;
        if (leaf.Property is { } property)
        {
            property.Set!(target, value);
        }
        else
        {
            ((IDictionary)target)[key!] = value;
        }

        return true;
    }

    private static bool TryEnter(OptionNode parent, OptionNode child, string part, ref object target)
    {
        if (child.Property is { } property)
        {
            if (child.IsSection)
            {
                object? inner = property.Get!(target);
                if (inner is null)
                {
                    inner = child.Type.CreateObject!();
                    property.Set!(target, inner);
                }

                target = inner;
            }

            return true;
        }

        if (!TryKey(parent, part, out object? key))
        {
            return false;
        }

        var entries = (IDictionary)target;
        if (child.IsSection)
        {
            target = entries[key!] ??= child.Type.CreateObject!();
        }

        return true;
    }

    private static bool TryKey(OptionNode parent, string part, out object? key)
    {
        key = parent.Child(part)?.Name;
        if (parent.Element is null)
        {
            return key is not null;
        }

        Type type = parent.Type.KeyType!;
        key = type.IsEnum
            ? Enum.GetNames(type).FirstOrDefault(n => n.Equals(part, StringComparison.OrdinalIgnoreCase)) is { } name
                ? Enum.Parse(type, name)
                : null
            : part;
        return key is not null;
    }

    private bool Unknown(Setting setting)
    {
        IReadOnlyList<string> nearest = NearestKeys.Of(setting.Path);
        problems.Add($"{setting.Origin}: unknown key {setting.Path}. Nearest: {string.Join(", ", nearest)}.");
        return false;
    }

    private static string WrongType(OptionNode node, string shown, string origin) =>
        $"{origin}: {node.Path} is {shown}; expected {OptionValue.Expected(node)}.";

    /// <summary>The path as the options spell it.</summary>
    private static string Spell(string[] parts)
    {
        OptionNode node = OptionNode.Root;
        var spelled = new List<string>(parts.Length);
        foreach (string part in parts)
        {
            TryKey(node, part, out object? key);
            spelled.Add(key?.ToString() ?? part);
            node = node.Child(part) ?? node;
        }

        return string.Join(':', spelled);
    }
}
