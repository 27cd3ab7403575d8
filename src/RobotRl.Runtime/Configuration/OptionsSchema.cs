using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace RobotRl.Runtime.Configuration;

/// <summary>
/// The JSON Schema of the options file: types and defaults from the records, descriptions from their documentation, ranges from
/// their validators.
/// </summary>
public static class OptionsSchema
{
    private static readonly JsonSerializerOptions Indented = new(OptionsJson.Default.Options)
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = OptionsJson.Default,
    };

    /// <summary>The schema as text that ends with a line feed.</summary>
    /// <param name="descriptions">Documentation of each property; see <see cref="XmlDocumentation"/>.</param>
    public static string Generate(XmlDocumentation descriptions)
    {
        ArgumentNullException.ThrowIfNull(descriptions);
        var root = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "RobotRl options",
            ["description"] = descriptions.OfType(typeof(RobotRlOptions)),
        };
        Describe(OptionNode.Root, OptionsWriter.ToNode(new RobotRlOptions()), descriptions, root);
        ((JsonObject)root["properties"]!).Insert(
            0,
            "$schema",
            new JsonObject { ["type"] = "string", ["description"] = "Where this schema lies." }
        );
        return root.ToJsonString(Indented).ReplaceLineEndings("\n") + "\n";
    }

    private static void Describe(OptionNode node, JsonNode? value, XmlDocumentation descriptions, JsonObject schema)
    {
        if (node.Type.Kind == JsonTypeInfoKind.Object)
        {
            schema["type"] = Types(node, "object");
            value ??= node.DefaultValue();
            var properties = new JsonObject();
            foreach (OptionNode child in node.Children)
            {
                JsonNode? inner = (value as JsonObject)?[child.Name];
                var description = new JsonObject();
                if (descriptions.OfProperty(node.Type.Type, child.Name) is { } text)
                {
                    description["description"] = text;
                }

                Describe(child, inner, descriptions, description);
                properties[child.Name] = description;
            }

            schema["properties"] = properties;
            schema["additionalProperties"] = false;
            return;
        }

        if (node.Type.Kind == JsonTypeInfoKind.Dictionary)
        {
            schema["type"] = Types(node, "object");
            var element = new JsonObject();
            Describe(node.Element!, null, descriptions, element);
            schema["additionalProperties"] = element;
            if (node.Type.KeyType is { IsEnum: true } keys)
            {
                schema["propertyNames"] = new JsonObject { ["enum"] = Names(keys) };
            }
        }
        else
        {
            Type(node.ValueType, node, schema);
            foreach ((string keyword, double bound) in ProbedRange.Of(node))
            {
                schema[keyword] = JsonNode.Parse(bound.ToString("R", CultureInfo.InvariantCulture));
            }
        }

        if (node.Property is not null)
        {
            schema["default"] = value?.DeepClone();
        }
    }

    private static void Type(Type type, OptionNode node, JsonObject schema)
    {
        if (type.IsEnum)
        {
            JsonArray names = Names(type);
            if (node.IsNullable)
            {
                names.Add(null);
            }

            schema["enum"] = names;
            return;
        }

        bool array = node.Type.Kind == JsonTypeInfoKind.Enumerable;
        schema["type"] = Types(node, array ? "array" : Name(type));
        if (array)
        {
            schema["items"] = new JsonObject { ["type"] = Name(node.Type.ElementType!) };
        }
        else if (type == typeof(TimeSpan))
        {
            schema["pattern"] = Duration.Pattern;
        }
    }

    private static string Name(Type type) =>
        type == typeof(bool) ? "boolean"
        : OptionValue.IsWhole(type) ? "integer"
        : OptionValue.IsReal(type) ? "number"
        : "string";

    private static JsonNode Types(OptionNode node, string type) => node.IsNullable ? new JsonArray(type, "null") : type;

    private static JsonArray Names(Type type) => [.. Enum.GetNames(type).Select(n => (JsonNode?)n)];
}
