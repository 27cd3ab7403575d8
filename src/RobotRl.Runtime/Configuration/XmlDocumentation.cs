using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace RobotRl.Runtime.Configuration;

/// <summary>The summaries in the documentation files that the compiler writes beside the assemblies.</summary>
public sealed partial class XmlDocumentation
{
    private readonly Dictionary<string, string> _summaries = new(StringComparer.Ordinal);

    private XmlDocumentation() { }

    /// <summary>Reads every documentation file in <paramref name="directory"/>; without any there are no descriptions.</summary>
    public static XmlDocumentation Load(string directory)
    {
        var documentation = new XmlDocumentation();
        foreach (
            string file in Directory
                .EnumerateFiles(directory, "*.xml")
                .Where(f => Path.GetFileName(f).StartsWith("robotrl", StringComparison.OrdinalIgnoreCase))
        )
        {
            foreach (XElement member in XDocument.Load(file).Descendants("member"))
            {
                if (member.Attribute("name")?.Value is { } name && member.Element("summary") is { } summary)
                {
                    _ = documentation._summaries.TryAdd(name, Text(summary));
                }
            }
        }

        return documentation;
    }

    /// <summary>Summary of a property; null where there is none.</summary>
    public string? OfProperty(Type owner, string name)
    {
        ArgumentNullException.ThrowIfNull(owner);
        return _summaries.GetValueOrDefault($"P:{owner.FullName?.Replace('+', '.')}.{name}");
    }

    /// <summary>Summary of a type; null where there is none.</summary>
    public string? OfType(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return _summaries.GetValueOrDefault($"T:{type.FullName?.Replace('+', '.')}");
    }

    private static string Text(XElement element)
    {
        var plain = new XElement(element);
        foreach (XElement reference in plain.Descendants().Where(e => e.Name.LocalName is "see" or "paramref").ToArray())
        {
            string target = reference.Attribute("cref")?.Value
                ?? reference.Attribute("langword")?.Value
                ?? reference.Attribute("name")?.Value
                ?? "";
            reference.ReplaceWith(target[(target.LastIndexOfAny(['.', ':']) + 1)..]);
        }

        return Spaces().Replace(plain.Value, " ").Trim();
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
