using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace RobotRl.Runtime.Configuration;

/// <summary>One key of the options: a section with children, a dictionary of sections, or a value.</summary>
internal sealed class OptionNode
{
    private OptionNode(string path, JsonTypeInfo type, JsonPropertyInfo? property)
    {
        Path = path;
        Type = type;
        Property = property;
        if (type.Kind == JsonTypeInfoKind.Object)
        {
            Children =
            [
                .. type
                    .Properties.Where(p => p.Get is not null && p.Set is not null)
                    .Select(p => new OptionNode(path.Length == 0 ? p.Name : $"{path}:{p.Name}", OptionsJson.Of(p.PropertyType), p)),
            ];
        }
        else if (type.Kind == JsonTypeInfoKind.Dictionary)
        {
            Element = new OptionNode($"{path}:*", OptionsJson.Of(type.ElementType!), null);
        }
    }

    /// <summary>The tree of <see cref="RobotRlOptions"/>.</summary>
    public static OptionNode Root { get; } = new("", OptionsJson.Of(typeof(RobotRlOptions)), null);

    /// <summary>Key path; <c>*</c> stands for a dictionary's key; empty for the root.</summary>
    public string Path { get; }

    /// <summary>Last part of <see cref="Path"/>.</summary>
    public string Name => Path[(Path.LastIndexOf(':') + 1)..];

    /// <summary>Type of the value.</summary>
    public JsonTypeInfo Type { get; }

    /// <summary>The property in its record; null for the root and for a dictionary's element.</summary>
    public JsonPropertyInfo? Property { get; }

    /// <summary>Keys of a section; empty for a value.</summary>
    public IReadOnlyList<OptionNode> Children { get; } = [];

    /// <summary>What a dictionary holds; null for anything else.</summary>
    public OptionNode? Element { get; }

    /// <summary>Whether it holds keys rather than a value.</summary>
    public bool IsSection => Type.Kind is JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary;

    /// <summary>The value's type without <see cref="Nullable{T}"/>.</summary>
    public Type ValueType => Nullable.GetUnderlyingType(Type.Type) ?? Type.Type;

    /// <summary>Whether null may be set.</summary>
    public bool IsNullable => Property is { IsSetNullable: true } || Nullable.GetUnderlyingType(Type.Type) is not null;

    /// <summary>What a section of this type holds before anything is set; null for anything but a section.</summary>
    public JsonNode? DefaultValue() => Type.CreateObject is { } create && IsSection ? JsonSerializer.SerializeToNode(create(), Type) : null;

    /// <summary>The child called <paramref name="name"/>, whatever its case; null where there is none.</summary>
    public OptionNode? Child(string name) =>
        Element ?? Children.FirstOrDefault(c => c.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>This node and all below it.</summary>
    public IEnumerable<OptionNode> All() => Children.Append(Element).OfType<OptionNode>().SelectMany(c => c.All()).Prepend(this);
}
