using System.CommandLine;
using RobotRl.Runtime.Composition;
using RobotRl.Runtime.Configuration;

namespace RobotRl.Runtime.Commands;

/// <summary><c>robotrl schema</c>: the JSON Schema of the options file, for editors.</summary>
internal sealed class SchemaCommand : Command
{
    public SchemaCommand(CommandContext context)
        : base("schema", "Print the JSON Schema of the options file, by which an editor completes and checks it.") =>
        SetAction(_ =>
        {
            context.Output.Write(OptionsSchema.Generate(XmlDocumentation.Load(AppContext.BaseDirectory)));
            return ExitCode.Done;
        });
}
